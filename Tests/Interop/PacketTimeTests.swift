import Media
import TestSupport
import Testing

/// Sound in packets of 40 ms: two blocks of the mix in each.
@Suite("Packets of 40 ms", .serialized)
struct PacketTimeTests {
    @Test("are played without a gap by ffmpeg and by GStreamer, to those who speak and to those who listen")
    func peers() async throws {
        let media = try TestMedia.prepared()
        let lines = try TestMedia.siteNames.map { try SiteLine($0) }
        let tapped = try SiteLine("tapped")
        let size = Size(width: 320, height: 180)
        let bridge = try await BridgeProcess(
            lines.flatMap { $0.flags("ptime=40") } + tapped.soundFlags("ptime=40", "from=any")
                + ["--size", "\(size)", "--fps", "15", "--video-bitrate", "400k", "--gop", "1s"])
        let recordings = [
            try Recording(ffmpeg: lines[0].id, of: bridge, size: size),
            try Recording(gstreamer: lines[1], of: bridge, size: size),
            try Recording(ffmpeg: lines[2].id, of: bridge, size: size),
        ]
        let socket = try LoopbackSocket(port: tapped.home.audio)
        // The third one only listens.
        let senders = try lines[..<2].map { try $0.send(media.path($0.id)) }
        try await bridge.waitUntilLive(lines[..<2].map(\.id))
        let tones = lines.map { media.site($0.id).tone }
        let seconds = 2.0
        try await eventually("2 s of the others' tones without a dip at all receivers", seconds: 30) {
            recordings.enumerated().allSatisfy { index, recording in
                guard let (samples, rate) = try? recording.newestSound(seconds: seconds),
                    Double(samples.count) >= rate * seconds * 0.9
                else { return false }
                let run = ToneRun(samples, rate: rate, tones: Array(tones[..<2]))
                return zip(run.levels, run.dips).enumerated().allSatisfy { tone, heard in
                    tone == index ? heard.0 < -50 : abs(heard.0 + 10.5) < 3 && heard.1 < 3
                }
            }
        }
        let sent = RTPLog(socket.datagrams)
        #expect(sent.missing == 0 && sent.sources.count == 1 && sent.packets.count > 50)
        let run = StreamRun(sent)
        // A frame's length twice, whatever the machine's hurry; Opus says so itself (RFC 6716 section 3.1).
        #expect(run.steps.dropFirst().allSatisfy { $0 % 1_920 == 0 })
        #expect(run.leftOut(step: 1_920) * 20 <= run.steps.count)
        for sender in senders { sender.stop() }
        for recording in recordings { recording.stop() }
        #expect(bridge.stop() == 0)
    }
}
