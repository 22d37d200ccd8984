import Media
import Synchronization
import TestSupport
import Testing

/// One site's trouble is that site's alone.
@Suite("Isolation", .serialized)
struct IsolationTests {
    private let size = Size(width: 640, height: 360)
    private let cells = [
        Rectangle(x: 0, y: 0, width: 320, height: 180), Rectangle(x: 320, y: 0, width: 320, height: 180),
        Rectangle(x: 0, y: 180, width: 320, height: 180), Rectangle(x: 320, y: 180, width: 320, height: 180),
    ]

    @Test("a bad line, garbage, strangers and a site that stops: the others go on, and it comes back")
    func trouble() async throws {
        let media = try TestMedia.prepared()
        let lines = try TestMedia.siteNames.map { try SiteLine($0) }
        let bridge = try await BridgeProcess(
            lines.flatMap { $0.flags() }
                + ["--layout", "2x2", "--size", "\(size)", "--fps", "15", "--video-bitrate", "800k", "--gop", "1s"])
        let recording = try Recording(ffmpeg: "gia-binh", of: bridge, size: size)
        // que-vo sends over a line that the test can spoil.
        let line = try RTPTap(destination: lines[1].bridge.video)
        var senders = [
            try lines[0].send(media.path("gia-binh-small")),
            try Subprocess(
                PeerCommands.ffmpegSender(
                    file: media.path("que-vo-small"), cname: "que-vo", audioPort: lines[1].bridge.audio,
                    videoPort: line.port)),
            try lines[2].send(media.path("tu-son-small")), try lines[3].send(media.path("quan-su-small")),
        ]
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))
        try await eventually("pictures") { recording.pictureCount > 15 }
        let start = recording.pictureCount

        try await garbage(bridge, lines, line)
        try await strangers(bridge, lines)
        try await silence(bridge, lines, media, recording, &senders)

        // Through all of that nothing happened to the others.
        recording.stop()
        let video = try recording.pictures()
        let range = start..<video.count
        for index in [0, 3] {
            let comment: Comment = "\(lines[index].id)"
            let run = FrameRun(video, range, cell: cells[index], modulus: 150)
            #expect(run.isSteady(by: 1), "\(lines[index].id): \(run)")
            #expect(video.share(of: lines[index].id, in: cells[index], range, among: media.sites) >= 0.9, comment)
            let site = try await bridge.site(lines[index].id)
            #expect(site.videoIn?.decodeErrors == 0 && site.videoIn?.lost == 0 && site.audioIn?.lost == 0, comment)
        }
        #expect(bridge.stop() == 0)
    }

    /// que-vo's packets are cut and spoilt, and rubbish comes beside them, all from the right host.
    private func garbage(_ bridge: BridgeProcess, _ lines: [SiteLine], _ line: RTPTap) async throws {
        let count = Atomic<Int>(0)
        line.setFilter { bytes in
            let turn = count.wrappingAdd(1, ordering: .relaxed).oldValue
            var bytes = bytes
            switch turn % 5 {
            case 0: return Array(bytes.prefix(turn % 40))
            case 1:
                for index in stride(from: 12, to: bytes.count, by: 7) {
                    bytes[index] ^= UInt8(truncatingIfNeeded: turn)
                }
                return bytes
            case 2: return nil
            default: return bytes
            }
        }
        let before = try await bridge.site("que-vo").dropped["malformed"] ?? 0
        var random = SplitMix(state: 42)
        for turn in 0..<1500 {
            var bytes = (0..<Int.random(in: 0...1300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // Half of it begins as RTP or RTCP of a peer would.
            if turn % 2 == 0, bytes.count > 12 {
                bytes[0] = 0x80 | bytes[0] & 0x3F
                bytes[1] = [96, 224, 111, 200, 201, 205, 206, 203][turn / 2 % 8]
            }
            let ports = [
                lines[1].bridge.video, lines[1].bridge.videoRTCP, lines[1].bridge.audio, lines[1].bridge.audioRTCP,
            ]
            line.inject(bytes, to: ports[turn % 4])
            if turn % 50 == 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
        #expect(try await bridge.answer("healthz").status == 200)
        #expect(try await bridge.site("que-vo").dropped["malformed"] ?? 0 > before)
        line.setFilter(nil)
        try await bridge.waitUntilLive(["que-vo"], seconds: 10)
    }

    /// Packets that look like quan-su's own, but come from another host.
    private func strangers(_ bridge: BridgeProcess, _ lines: [SiteLine]) async throws {
        let stranger = try LoopbackSocket(address: "127.0.0.2")
        let before = try await bridge.site("quan-su")
        for sequence in 0..<40 {
            let idr: [UInt8] = [0x65] + [UInt8](repeating: 0xAA, count: 200)
            let bytes = RTPBytes.media(
                payloadType: 96, marker: true, sequence: sequence, timestamp: UInt32(sequence * 6000), ssrc: 0xBAD,
                payload: idr)
            stranger.send(bytes, to: lines[3].bridge.video)
        }
        try await eventually("40 refused packets") {
            try await bridge.site("quan-su").dropped["source"] ?? 0 >= (before.dropped["source"] ?? 0) + 40
        }
        #expect(try await bridge.site("quan-su").dropped["ssrc"] == before.dropped["ssrc"])
        // And nothing comes back to them.
        #expect(stranger.datagrams.isEmpty)
    }

    /// tu-son dies: dimmed, then a slate, then live again when it starts anew, with another SSRC.
    private func silence(
        _ bridge: BridgeProcess, _ lines: [SiteLine], _ media: TestMedia, _ recording: Recording,
        _ senders: inout [Subprocess]
    ) async throws {
        let cell = cells[2]
        let colour = media.site("tu-son").colour
        func seen() throws -> Colour? { try recording.newestPicture()?.colour(in: cell) }
        try await eventually("tu-son live") { try seen().map { $0.distance(to: colour) < 16 } ?? false }
        let from = recording.pictureCount
        // Killed, so that no BYE says it.
        senders[2].stop(signal: 9)
        try await eventually("a slate", seconds: 8) {
            try await bridge.site("tu-son").state == "slate"
                && recording.newestPicture()?.frameNumber(in: cell) == nil
                && seen().map { $0.y < 60 && abs($0.u - 128) < 12 && abs($0.v - 128) < 12 } ?? false
        }
        let states = try recording.pictures()
        let lumas = (from..<states.count).compactMap { states.picture($0).colour(in: cell)?.y }
        // Dimmed between the picture and the slate: darker than the one, and still the other's colour.
        let dimmed = (from..<states.count).filter { index in
            guard let seen = states.picture(index).colour(in: cell) else { return false }
            return seen.y < colour.y * 0.8 && seen.y > 50 && states.picture(index).frameNumber(in: cell) != nil
        }
        #expect(dimmed.count >= 10, "\(lumas)")

        senders[2] = try lines[2].send(media.path("tu-son-small"))
        try await bridge.waitUntilLive(["tu-son"], seconds: 10)
        try await eventually("tu-son again") {
            guard let picture = try recording.newestPicture() else { return false }
            return picture.site(in: cell, among: media.sites)?.id.rawValue == "tu-son"
                && picture.frameNumber(in: cell) != nil
        }
    }
}

/// A small generator with a seed, so that a failure comes again.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
