import Media
import TestSupport
import Testing

/// A machine that can't do everything in time.
@Suite("Overload", .serialized)
struct OverloadTests {
    @Test("pictures give way step by step until they come in time, sound and frame rate stay, and all comes back")
    func encoderTooSlow() async throws {
        let media = try TestMedia.prepared()
        let line = try SiteLine("gia-binh")
        let bridge = try await BridgeProcess(
            // What no core encodes 30 times a second.
            line.flags() + ["--size", "3840x2160", "--fps", "30", "--video-bitrate", "4M", "--preset", "veryslow"])
        let listener = try Recording(
            line.id, of: bridge, size: Size(width: 2, height: 2)
        ) { _, wav in
            PeerCommands.ffmpegReceiver(sdp: bridge.path("\(line.id).sdp"), rawVideo: nil, wav: wav, seconds: 90)
        }
        let sender = try line.send(media.path("gia-binh-small"))
        defer { sender.stop() }
        try await bridge.waitUntilLive([line.id])
        func steps() async throws -> BridgeStatus.Governor { try await bridge.status().governor }
        /// Pictures sent in a second.
        func rate() async throws -> Int {
            let before = try await bridge.site(line.id).videoOut?.frames ?? 0
            try await Task.sleep(for: .seconds(2))
            return (try await bridge.site(line.id).videoOut?.frames ?? 0) / 2 - before / 2
        }
        #expect(try await steps().givesWay == "none")
        #expect(try await rate() < 27, "it is overloaded")
        let sound = try await bridge.status().audio
        // The loop filter first, which is not enough, then the preset.
        try await eventually("the preset gives way", seconds: 30) { try await steps().givesWay == "preset" }
        try await eventually("all pictures come in time", seconds: 10) { try await rate() >= 28 }
        let group = try #require(try await bridge.status().encodeGroups.first { $0.receivers == 1 })
        #expect(group.width == 3840, "size and rate did not give way: \(group)")
        #expect(try await steps().gaveWay == 2)
        // A peer that is hindered too may send late; the mix itself beats on.
        let later = try await bridge.status().audio
        let (ticks, late) = (later.ticks - sound.ticks, later.lateTicks - sound.lateTicks)
        #expect(ticks > 200 && late * 50 <= ticks, "\(late) of \(ticks) late")
        #expect(
            bridge.log.contains {
                $0.contains("level=warning") && $0.contains("gives way=preset")
            })

        // Nobody is sent anything: there is nothing to give way for.
        #expect(try bridge.ctl("remove", line.id).status == 0)
        try await eventually("nothing gives way", seconds: 40) { try await steps().givesWay == "none" }
        listener.stop()
        #expect(bridge.stop() == 0)
    }
}
