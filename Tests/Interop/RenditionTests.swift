import Media
import TestSupport
import Testing

/// What each site asked for is what it gets; what is the same is encoded once.
@Suite("Renditions", .serialized)
struct RenditionTests {
    @Test("size, rate and bitrate of its own for each; equal ones share; keyframes by PLI and FIR, else by the clock")
    func renditions() async throws {
        let media = try TestMedia.prepared()
        let lines = try ["gia-binh", "que-vo", "tu-son"].map { try SiteLine($0) }
        let large = Size(width: 640, height: 360)
        let small = Size(width: 320, height: 180)
        let behind = try lines.map { _ in try #require(PortAllocator.block()) }
        let bridge = try await BridgeProcess(
            lines[0].pictureFlags() + lines[1].pictureFlags("size=\(small)", "fps=15", "video-bitrate=200k")
                + lines[2].pictureFlags("video-bitrate=1M", "feedback=remb")
                + ["--size", "\(large)", "--fps", "30", "--video-bitrate", "1M", "--gop", "3s", "--layout", "2x2"])
        let taps = try zip(lines, behind).map { try RTPTap(port: $0.home.video, destination: $1.video) }
        let recordings = try zip(zip(lines, behind), [large, small]).map { site, size in
            try Recording(
                ffmpeg: site.0.id, audioPort: nil, videoPort: site.1.video, of: bridge, size: size)
        }
        let senders = try lines.map { try $0.send(media.path($0.id), audio: false) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))
        try await eventually("pictures at both players") { recordings.allSatisfy { $0.pictureCount > 10 } }

        let groups = try await bridge.status().encodeGroups
        #expect(groups.map(\.receivers).sorted() == [1, 2])
        #expect(groups.first { $0.receivers == 2 }?.width == large.width)
        #expect(groups.first { $0.receivers == 1 }?.width == small.width)
        let out = try await bridge.status().sites.compactMap(\.videoOut)
        #expect(out[0].group == out[2].group && out[0].group != out[1].group)

        // Nobody gives feedback: a keyframe every 3 s, and half a second for a machine that others keep busy.
        let start = ContinuousClock.now
        try await Task.sleep(for: .seconds(4))
        for (tap, rate) in zip(taps, [30, 15, 30]) {
            let units = RTPLog(tap.datagrams).accessUnits.dropLast()
            let keyframes = units.filter(\.isIDR)
            #expect(keyframes.count >= 2)
            for (next, last) in zip(keyframes.dropFirst(), keyframes) {
                #expect(next.timestamp &- last.timestamp <= 3 * 90_000 + 45_000)
            }
            let steps = zip(units.dropFirst(), units).map { $0.timestamp &- $1.timestamp }.sorted()
            #expect(abs(Int(steps[steps.count / 2]) - 90_000 / rate) < 200)
            // The rate asked for, over some seconds of the media's own time; an IDR may stand at either end.
            let recent = units.filter { $0.arrival > start }
            let seconds = Double(recent.last!.timestamp &- recent.first!.timestamp) / 90_000
            let bits = 8 * recent.reduce(0) { $0 + $1.bytes }
            #expect(Double(bits) / seconds < (rate == 15 ? 200_000 : 1_000_000) * 1.4)
        }

        // One of the two in the large group asks, both get it, and the small group does not.
        try await askForKeyframe(bridge, lines, taps) { ssrc, media in
            RTPBytes.pictureLossIndication(sender: ssrc, media: media)
        }
        try await askForKeyframe(bridge, lines, taps) { ssrc, media in
            RTPBytes.fullIntraRequest(sender: ssrc, media: media, number: 1)
        }

        // All give feedback now, but of the two in the large group one has not agreed on asking: the clock rests for the
        // small one alone.
        let asked = keyframes(taps[1])
        for (index, sender) in [(1, UInt32(0x1234_5679)), (2, 0x1234_567A)] {
            let ssrc = try #require(RTPLog(taps[index].datagrams).packets.last?.ssrc)
            taps[index].inject(
                RTPBytes.pictureLossIndication(sender: sender, media: ssrc), to: lines[index].bridge.videoRTCP)
        }
        try await eventually("the keyframe asked for", seconds: 5) { keyframes(taps[1]).count > asked.count }
        // What the clock was about to give came in the same second, if it did.
        try await Task.sleep(for: .seconds(1))
        let before = (small: keyframes(taps[1]).count, large: keyframes(taps[0]).count)
        try await Task.sleep(for: .seconds(7))
        #expect(keyframes(taps[1]).count == before.small)
        #expect(keyframes(taps[0]).count >= before.large + 2)

        for (recording, (line, size)) in zip(recordings, zip(lines, [large, small])) {
            recording.stop()
            let video = try recording.pictures()
            let cells = [(0, 0), (1, 0), (0, 1)].map { column, row in
                Rectangle(
                    x: column * size.width / 2, y: row * size.height / 2, width: size.width / 2,
                    height: size.height / 2)
            }
            let range = video.count / 2..<video.count
            for (cell, shown) in zip(cells, lines) {
                let comment: Comment = "\(shown.id) at \(line.id)"
                #expect(video.share(of: shown.id, in: cell, range, among: media.sites) >= 0.9, comment)
                let run = FrameRun(video, range, cell: cell, modulus: 300)
                #expect(run.isSteady(by: size == large ? 1 : 2), "\(shown.id) at \(line.id): \(run)")
            }
        }
        #expect(bridge.stop() == 0)
    }

    /// Sends a request as the first site, in the middle between two keyframes of the clock, and expects one at once.
    private func askForKeyframe(
        _ bridge: BridgeProcess, _ lines: [SiteLine], _ taps: [RTPTap],
        _ request: (_ sender: UInt32, _ media: UInt32) -> [UInt8]
    ) async throws {
        let before = keyframes(taps[0]).count
        try await eventually("the next keyframe by the clock") { keyframes(taps[0]).count > before }
        try await Task.sleep(for: .milliseconds(1200))
        let media = try #require(RTPLog(taps[0].datagrams).packets.last?.ssrc)
        let (first, second, other) = (keyframes(taps[0]).count, keyframes(taps[2]).count, keyframes(taps[1]).count)
        let asked = ContinuousClock.now
        taps[0].inject(request(0x1234_5678, media), to: lines[0].bridge.videoRTCP)
        try await eventually("the keyframe asked for", seconds: 5) { keyframes(taps[0]).count > first }
        let came = try #require(keyframes(taps[0]).dropFirst(first).first)
        #expect(came.arrival - asked < .seconds(1))
        try await eventually("the other one of the group", seconds: 1) { keyframes(taps[2]).count > second }
        #expect(keyframes(taps[1]).count - other <= 1, "the small group's own clock goes on")
    }

    private func keyframes(_ tap: RTPTap) -> [RTPLog.AccessUnit] { RTPLog(tap.datagrams).accessUnits.filter(\.isIDR) }
}
