import Media
import TestSupport
import Testing

/// Lines that lose, sites that pester and packets that are forged: with real endpoints at the other end.
@Suite("Bad lines", .serialized)
struct BadLineTests {
    private let size = Size(width: 320, height: 180)

    @Test("GStreamer's camera on a line that loses every tenth packet is repaired by NACK and RTX")
    func repair() async throws {
        let media = try TestMedia.prepared()
        let camera = try SiteLine("gia-binh")
        let viewer = try SiteLine("viewer")
        let bridge = try await BridgeProcess(
            camera.pictureFlags("rtx=97") + viewer.pictureFlags("video-bitrate=1M")
                + ["--layout", "gia-binh", "--size", "\(size)", "--fps", "15", "--gop", "1s"])
        let recording = try Recording(ffmpeg: viewer.id, of: bridge, size: size, hasAudio: false)
        let inlet = try #require(PortAllocator.block())
        let line = "line=x,loss=0.1,delay=20,seed=7"
        let relay = try BadLine([
            "127.0.0.1:\(inlet.video)=127.0.0.1:\(camera.bridge.video),\(line),name=rtp",
            "127.0.0.1:\(inlet.videoRTCP)=127.0.0.1:\(camera.bridge.videoRTCP),\(line),name=rtcp,"
                + "back=127.0.0.1:\(camera.home.videoRTCP)",
        ])
        defer { relay.stop() }
        let sender = try Subprocess(
            PeerCommands.gstreamerRepairingSender(
                file: media.path("gia-binh-small"), by: .retransmission, videoPort: inlet.video,
                feedbackPort: camera.home.videoRTCP))
        defer { sender.stop() }
        try await bridge.waitUntilLive([camera.id])
        try await eventually("pictures") { recording.pictureCount > 15 }
        let start = recording.pictureCount
        try await eventually("10 s of pictures", seconds: 30) { recording.pictureCount >= start + 150 }
        let site = try await bridge.site(camera.id)
        recording.stop()
        let video = try recording.pictures()
        let range = start..<min(start + 150, video.count)
        let cell = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        // Whole pictures only, in their order, and none that stands for long.
        let run = FrameRun(video, range, cell: cell, modulus: 150)
        #expect(run.unreadable == 0 && run.steps.allSatisfy { $0 >= 0 }, "\(run)")
        #expect(video.share(of: camera.id, in: cell, range, among: media.sites) == 1)
        #expect(run.longestRepeat <= 8, "half a second at most: \(run)")
        let picture = try #require(site.videoIn)
        #expect(picture.nacksSent > 20 && picture.repaired > 20, "\(picture)")
        #expect(picture.decodeErrors == 0)
        #expect(bridge.stop() == 0)
    }

    @Test("a site that asks for twenty keyframes a second costs the others of its group none")
    func storm() async throws {
        let camera = try SiteLine("gia-binh")
        let pest = try SiteLine("pest")
        let bridge = try await BridgeProcess(
            camera.pictureFlags() + pest.pictureFlags()
                + ["--layout", "gia-binh", "--size", "\(size)", "--fps", "15", "--gop", "4s"])
        let socket = try LoopbackSocket(port: pest.home.video)
        // All bits are needed: each keyframe too many would take them from the pictures after it.
        let sender = try Subprocess(PeerCommands.gstreamerSnow(videoPort: camera.bridge.video))
        defer { sender.stop() }
        try await bridge.waitUntilLive([camera.id])
        try await eventually("pictures for the pest") { socket.datagrams.count > 50 }
        func group() async throws -> BridgeStatus.EncodeGroup {
            try #require(try await bridge.status().encodeGroups.first { $0.receivers == 2 })
        }
        // The encoder's rate control has found its level, and its second keyframe is on schedule.
        try await eventually("a whole GOP") { try await group().keyframes >= 2 }
        let before = try await group()
        let ssrc = try #require(RTPLog(socket.datagrams).packets.first?.ssrc)
        let request = RTPBytes.pictureLossIndication(sender: 0x5151, media: ssrc)
        for _ in 0..<160 {
            socket.send(request, to: pest.bridge.videoRTCP)
            try await Task.sleep(for: .milliseconds(50))
        }
        let after = try await group()
        // In 8 s: two at once, and those of the encoder's own schedule.
        #expect(after.keyframes - before.keyframes <= 5, "\(before) \(after)")
        let (quality, quality2) = (try #require(before.qp), try #require(after.qp))
        #expect((10...45).contains(quality) && before.bitrateBps > 1_000_000, "the rate is no limit: \(before)")
        #expect(quality2 < quality + 3, "the others' pictures get coarser: \(before) \(after)")
        #expect((1_000_000...1_800_000).contains(after.bitrateBps), "\(after)")
        #expect(try await bridge.site(pest.id).videoOut?.keyframeRequestsRefused ?? 0 > 100)
        #expect(bridge.stop() == 0)
    }

    @Test("ffmpeg sends and receives SRTP; plain packets are refused and counted")
    func encrypted() async throws {
        let media = try TestMedia.prepared()
        let site = try SiteLine("gia-binh")
        let suite = "AES_CM_128_HMAC_SHA1_80"
        let key = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0"
        let bridge = try await BridgeProcess(
            site.pictureFlags("srtp=\(suite)", "srtp-in=\(key)")
                + ["--layout", "gia-binh", "--size", "\(size)", "--fps", "15", "--gop", "1s"])
        let recording = try Recording(ffmpeg: site.id, of: bridge, size: size, hasAudio: false)
        // Plain packets, and those of another key, from the right host.
        let stranger = try LoopbackSocket()
        for sequence in 0..<50 {
            stranger.send(
                RTPBytes.media(
                    payloadType: 96, marker: true, sequence: sequence, timestamp: UInt32(sequence * 6000), ssrc: 0xBAD,
                    payload: [0x65] + [UInt8](repeating: 0xAA, count: 200)), to: site.bridge.video)
        }
        try await eventually("50 refused packets") {
            try await bridge.site(site.id).dropped["unauthenticated"] ?? 0 >= 50
        }
        #expect(try await bridge.site(site.id).videoIn?.packets == 0)
        let sender = try Subprocess(
            PeerCommands.ffmpegSecureSender(
                file: media.path("gia-binh-small"), videoPort: site.bridge.video, suite: suite, key: key))
        defer { sender.stop() }
        try await bridge.waitUntilLive([site.id])
        let cell = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        try await eventually("its own picture, back through both keys") {
            guard let picture = try recording.newestPicture() else { return false }
            return picture.site(in: cell, among: media.sites)?.id.rawValue == site.id
                && picture.frameNumber(in: cell) != nil
        }
        recording.stop()
        #expect(bridge.stop() == 0)
    }

    @Test("the same stream on two lines is whole when either dies")
    func twoLines() async throws {
        let media = try TestMedia.prepared()
        let site = try SiteLine("gia-binh")
        let second = try #require(PortAllocator.block())
        let home = try #require(PortAllocator.block())
        let bridge = try await BridgeProcess(
            site.pictureFlags("video2=\(second.video)", "to2=127.0.0.1:\(home.audio)")
                + ["--layout", "gia-binh", "--size", "\(size)", "--fps", "15", "--gop", "1s"])
        // Both lines out carry the same packets.
        let ends = [try LoopbackSocket(port: site.home.video), try LoopbackSocket(port: home.video)]
        let first = try RTPTap(destination: site.bridge.video)
        let line = try RTPTap(destination: second.video)
        let splitter = try RTPTap(destination: first.port)
        splitter.setFilter { bytes in
            line.inject(bytes, to: second.video)
            return bytes
        }
        let sender = try Subprocess(
            PeerCommands.ffmpegSender(
                file: media.path("gia-binh-small"), cname: "gia-binh", audioPort: nil, videoPort: splitter.port))
        defer { sender.stop() }
        try await bridge.waitUntilLive([site.id])
        try await Task.sleep(for: .seconds(1))
        let before = try await bridge.site(site.id)
        // The first line dies.
        first.setFilter { _ in nil }
        try await eventually("the first line is dead") {
            try await bridge.site(site.id).lines?.lines.map(\.alive) == [false, true]
        }
        first.setFilter(nil)
        try await eventually("both lines") {
            try await bridge.site(site.id).lines?.lines.map(\.alive) == [true, true]
        }
        let after = try await bridge.site(site.id)
        let (one, two) = (try #require(before.videoIn), try #require(after.videoIn))
        #expect(two.lost == one.lost && two.keyframeRequestsSent == one.keyframeRequestsSent, "\(one) \(two)")
        #expect(two.decodeErrors == 0 && two.framesDecoded > one.framesDecoded + 10)
        let logs = ends.map { RTPLog($0.datagrams) }
        let numbers = logs.map { Set($0.packets.map(\.sequence)) }
        #expect(numbers[0].count > 30 && numbers[0].symmetricDifference(numbers[1]).count <= 8)
        #expect(bridge.stop() == 0)
    }
}
