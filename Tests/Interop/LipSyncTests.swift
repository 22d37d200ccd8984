import Media
import TestSupport
import Testing

/// Sound and picture of senders whose lines, or whose clocks, pull them apart: flashes and beeps of the same moment.
@Suite("Lip-sync", .serialized)
struct LipSyncTests {
    @Test("a picture 150 ms behind its sound is brought together with it; reports that are wrong or missing do nothing")
    func skew() async throws {
        let media = try TestMedia.prepared()
        let late = try SiteLine("late")
        let wrong = try SiteLine("wrong")
        let mute = try SiteLine("mute")
        let viewer = try SiteLine("viewer")
        let sites = [late, wrong, mute]
        let bridge = try await BridgeProcess(
            (sites + [viewer]).flatMap { $0.flags() } + ["--size", "320x180", "--fps", "30", "--gop", "1s"]
                + ["--program", "id=watched,to=viewer,layout=late,sound=late"])
        let inlets = try sites.map { _ in try #require(PortAllocator.block()) }
        let line = try BadLine([
            "127.0.0.1:\(inlets[0].audio)=127.0.0.1:\(late.bridge.audio)",
            "127.0.0.1:\(inlets[0].audioRTCP)=127.0.0.1:\(late.bridge.audioRTCP)",
            "127.0.0.1:\(inlets[0].video)=127.0.0.1:\(late.bridge.video),delay=150",
            "127.0.0.1:\(inlets[0].videoRTCP)=127.0.0.1:\(late.bridge.videoRTCP),delay=150",
        ])
        defer { line.stop() }
        // Of the third site nobody listens to the reports.
        let taps = [
            try RTPTap(port: inlets[1].audio, destination: wrong.bridge.audio),
            try RTPTap(port: inlets[1].audioRTCP, destination: wrong.bridge.audioRTCP),
            try RTPTap(port: inlets[1].video, destination: wrong.bridge.video),
            try RTPTap(port: inlets[1].videoRTCP, destination: wrong.bridge.videoRTCP),
            try RTPTap(port: inlets[2].audio, destination: mute.bridge.audio),
            try RTPTap(port: inlets[2].video, destination: mute.bridge.video),
        ]
        defer { withExtendedLifetime(taps) {} }
        taps[3].setFilter { RTPBytes.shifted($0, seconds: 3600) }
        let screen = try Screen(viewer, of: bridge)
        let senders = try zip(sites, inlets).map { site, inlet in
            try Subprocess(
                PeerCommands.ffmpegSender(
                    file: media.path("flash"), cname: site.id, audioPort: inlet.audio, videoPort: inlet.video))
        }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(sites.map(\.id))
        func statuses() async throws -> [BridgeStatus.Site] {
            let all = try await bridge.status().sites
            return try sites.map { site in try #require(all.first { $0.id == site.id }) }
        }

        // A second report comes 5 s after the first; what a correction itself upset is measured once more.
        try await eventually("what the reports say", seconds: 25) {
            try await statuses().map(\.lipSync) == ["in-sync", "implausible", "unknown"]
        }
        let before = screen.skews
        try await eventually("three more of both, and the one that was under way") {
            screen.skews.count >= before.count + 4
        }
        let after = screen.skews.dropFirst(before.count + 1)
        #expect(before.contains { $0 < -60 }, "the sound was ahead: \(before) ms")
        #expect(after.allSatisfy { (-60...60).contains($0) }, "\(after) ms")
        let states = try await statuses()
        let skew = try #require(states[0].lipSyncMs)
        #expect((-40...60).contains(skew), "\(skew)")
        // The others are left alone: no sound is held for a picture's sake.
        let held = try #require(states[0].audioIn).delayMs
        for status in states.dropFirst() {
            let (picture, sound) = (try #require(status.videoIn), try #require(status.audioIn))
            #expect(status.state == "live" && picture.framesDecoded > 150 && sound.concealedMs < 100, "\(status)")
            #expect(sound.delayMs < held - 50, "\(status)")
        }
        #expect(bridge.stop() == 0)
    }

    /// A viewer that tells when a flash and when a beep came.
    private struct Screen {
        private let peer: Subprocess

        init(_ site: SiteLine, of bridge: BridgeProcess) throws {
            peer = try Subprocess(PeerCommands.ffmpegFlashWatcher(sdp: bridge.path("\(site.id).sdp")))
        }

        /// How much later each beep came than the flash nearest to it, in ms, so far. One of a second is left out while
        /// the other is still to come.
        var skews: [Double] {
            let output = peer.output
            let flashes = moments("black_end:", in: output)
            return moments("silence_end: ", in: output).compactMap { beep in
                flashes.map { 1000 * (beep - $0) }.first { abs($0) < 500 }
            }
        }

        /// The number, in seconds, after each `label`.
        private func moments(_ label: String, in output: String) -> [Double] {
            output.split(separator: label, omittingEmptySubsequences: false).dropFirst().compactMap {
                Double($0.prefix { $0.isNumber || $0 == "." })
            }
        }
    }
}
