import Foundation
import Media
import TestSupport
import Testing

/// Rates that follow what a line carries, and what a cell needs.
@Suite("Rates", .serialized)
struct RateTests {
    @Test("behind a bottleneck that GStreamer's transport-wide feedback tells of, one site of three goes down alone")
    func bottleneck() async throws {
        let meeting = try await Meeting()
        try await meeting.goDown()
        #expect(meeting.bridge.stop() == 0)
    }

    /// Each rung up takes a line that is good for a while: under `MCU_LONG_TESTS=1` alone, and prints when it came.
    @Test(
        "and it comes back up, a rung at a time, when the line is good again",
        .enabled(if: ProcessInfo.processInfo.environment["MCU_LONG_TESTS"] == "1"))
    func recovery() async throws {
        let meeting = try await Meeting()
        try await meeting.goDown()
        meeting.line.tell("set viewer there-rate=none")
        let start = ContinuousClock.now
        var rungs: [Int] = []
        try await eventually("the top again", seconds: 120) {
            let rung = try await meeting.bridge.site(meeting.viewer.id).videoOut?.rung ?? -1
            if rung != rungs.last {
                rungs.append(rung)
                print("rung \(rung) after \(ContinuousClock.now - start)")
            }
            return rung == 0
        }
        #expect(zip(rungs, rungs.dropFirst()).allSatisfy { $1 == $0 - 1 }, "a step at a time: \(rungs)")
        try await eventually("one group of three") {
            try await meeting.bridge.status().encodeGroups.map(\.receivers) == [3]
        }
        #expect(meeting.bridge.stop() == 0)
    }

    @Test("an endpoint that keeps to TMMBR and REMB sends what its largest cell needs, and more when that grows")
    func obedience() async throws {
        let media = try TestMedia.prepared()
        let camera = try SiteLine("gia-binh")
        let size = Size(width: 640, height: 360)
        let bridge = try await BridgeProcess(
            camera.pictureFlags() + ["--layout", "2x2", "--size", "\(size)", "--fps", "15"])
        let control = try LoopbackSocket(port: camera.home.videoRTCP)
        // Its RTCP goes nowhere, so that ours goes to its home.
        let tap = try RTPTap(destination: camera.bridge.video)
        func send(_ file: String) throws -> Subprocess {
            try Subprocess(
                PeerCommands.ffmpegSender(
                    file: media.path(file), cname: camera.id, audioPort: nil, videoPort: tap.port))
        }
        /// What the endpoint sends for a limit: it has two encodings.
        func choose(_ limit: Int) -> String { limit < 1_000_000 ? "gia-binh-small" : "gia-binh" }
        func limit() -> Int? { RTCPLog(control.datagrams).requestedBitrate }
        func width() async throws -> Int? { try await bridge.site(camera.id).videoIn?.width }

        var sender = try send("gia-binh")
        defer { sender.stop() }
        try await eventually("the large picture") { try await width() == 640 }
        try await eventually("a request") { limit() != nil }
        // A cell of 320x180: by the docs 4 Mbit/s for 1280x720, and by the area to the power of 3/4 below.
        let small = try #require(limit())
        #expect((256_000...512_000).contains(small), "\(small)")
        #expect(try await bridge.site(camera.id).videoIn?.askedBps == 512_000)
        sender.stop()
        sender = try send(choose(small))
        try await eventually("the small picture") { try await width() == 320 }

        try bridge.ctl("layout", "gia-binh")
        try await eventually("a higher limit") { limit() ?? 0 > 1_000_000 }
        let large = try #require(limit())
        #expect(large <= 1_500_000, "\(large)")
        sender.stop()
        sender = try send(choose(large))
        try await eventually("the large picture again") { try await width() == 640 }
        #expect(bridge.stop() == 0)
    }

    /// Three sites that get the same picture, one of them by a relay: a camera with numbered frames, one with snow, which
    /// takes all bits it gets, and a viewer in GStreamer.
    private final class Meeting {
        let bridge: BridgeProcess
        let line: BadLine
        let viewer: SiteLine
        private let camera: SiteLine
        private let media: TestMedia
        private let recording: Recording
        private let senders: [Subprocess]
        private let receiver: Subprocess
        /// What the viewer gets.
        private let arrivals: RTPTap

        static let nominal = 1_000_000

        init() async throws {
            media = try TestMedia.prepared()
            camera = try SiteLine("gia-binh")
            let snow = try SiteLine("snow")
            viewer = try SiteLine("viewer")
            let size = Size(width: 640, height: 180)
            bridge = try await BridgeProcess(
                camera.pictureFlags() + snow.pictureFlags() + viewer.pictureFlags("transport-cc=5")
                    + ["--layout", "gia-binh snow", "--size", "\(size)", "--fps", "15", "--gop", "4s"]
                    + ["--video-bitrate", "\(Self.nominal)"])
            let behind = try #require(PortAllocator.block())
            arrivals = try RTPTap(destination: behind.video)
            line = try BadLine([
                "127.0.0.1:\(viewer.home.video)=127.0.0.1:\(arrivals.port),name=viewer,delay=10",
                "127.0.0.1:\(viewer.home.videoRTCP)=127.0.0.1:\(behind.videoRTCP)",
            ])
            receiver = try Subprocess(
                PeerCommands.gstreamerTransportFeedbackReceiver(
                    port: behind.video, feedbackPort: viewer.bridge.videoRTCP, extensionID: 5))
            recording = try Recording(ffmpeg: camera.id, of: bridge, size: size, hasAudio: false)
            senders = [
                try camera.send(media.path("gia-binh-small"), audio: false),
                try Subprocess(PeerCommands.gstreamerSnow(videoPort: snow.bridge.video)),
            ]
            try await bridge.waitUntilLive([camera.id, snow.id])
        }

        deinit {
            for sender in senders { sender.stop() }
            receiver.stop()
            line.stop()
        }

        /// The viewer's line gets narrow, and it alone is sent less.
        func goDown() async throws {
            try await eventually("pictures") { self.recording.pictureCount > 30 }
            let before = try await bridge.status().encodeGroups
            try #require(before.map(\.receivers) == [3] && before[0].bitrateBps > 700_000, "\(before)")
            let start = recording.pictureCount
            // Room for a minute: nothing is lost, only delayed, which no reception report tells.
            line.tell("set viewer there-rate=500k,there-queue=60s")
            try await eventually("a lower rung") {
                try await self.bridge.site(self.viewer.id).videoOut?.rung ?? 0 >= 2
            }
            try await eventually("a group of its own") {
                try await self.bridge.status().encodeGroups.map(\.receivers).sorted() == [1, 2]
            }
            let moved = ContinuousClock.now
            try await eventually("3 s of it") { ContinuousClock.now > moved + .seconds(3) }
            let status = try await bridge.status()
            let out = try #require(status.sites.first { $0.id == viewer.id }?.videoOut)
            #expect(out.rung >= 2 && (150_000...650_000).contains(out.estimateBps), "\(out)")
            let others = try #require(status.encodeGroups.first { $0.receivers == 2 })
            let own = try #require(status.encodeGroups.first { $0.receivers == 1 })
            #expect(own.bitrateTargetBps <= Self.nominal / 2, "\(own)")
            #expect(arrivals.bitsPerSecond(since: moved + .seconds(1)) < 550_000)
            // The others see nothing of it.
            #expect(others.bitrateTargetBps == Self.nominal && others.bitrateBps > 700_000, "\(others)")
            #expect(others.dropped == before[0].dropped)
            #expect(abs(try #require(others.qp) - (try #require(before[0].qp))) < 2, "\(before[0]) \(others)")
            let video = try recording.pictures()
            let cells = try await bridge.cells()
            let run = FrameRun(video, start..<video.count, cell: cells[0].rectangle, modulus: 150)
            #expect(run.isSteady(by: 1), "\(run)")
        }
    }
}

extension RTPTap {
    /// What came in since `start`, RTP headers included.
    fileprivate func bitsPerSecond(since start: ContinuousClock.Instant) -> Double {
        let duration = (ContinuousClock.now - start) / .seconds(1)
        return Double(datagrams.reduce(0) { $1.arrival >= start ? $0 + 8 * $1.bytes.count : $0 }) / duration
    }
}
