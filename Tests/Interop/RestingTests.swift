import Media
import TestSupport
import Testing

/// Pictures that nobody looks at.
@Suite("Resting", .serialized)
struct RestingTests {
    @Test(
        "a site that no view shows costs its keyframes only, is no trouble, and is whole soon after it is shown again")
    func unseen() async throws {
        let media = try TestMedia.prepared()
        let (shown, hidden) = (try SiteLine("gia-binh"), try SiteLine("que-vo"))
        let size = Size(width: 320, height: 180)
        let bridge = try await BridgeProcess(
            shown.pictureFlags() + hidden.pictureFlags() + ["--layout", "gia-binh", "--size", "\(size)", "--fps", "15"])
        let recording = try Recording(
            ffmpeg: "viewer", audioPort: nil, videoPort: shown.home.video, of: bridge, size: size)
        let senders = try [shown, hidden].map { try $0.send(media.path("\($0.id)-small"), audio: false) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive([shown.id, hidden.id])
        func picture(_ line: SiteLine) async throws -> BridgeStatus.VideoIn {
            try #require(try await bridge.site(line.id).videoIn)
        }
        try await eventually("it rests") { try await picture(hidden).resting }
        let before = (try await picture(shown).framesDecoded, try await picture(hidden).framesDecoded)
        try await Task.sleep(for: .seconds(4))
        let after = (try await picture(shown).framesDecoded, try await picture(hidden).framesDecoded)
        #expect(after.0 - before.0 > 40 && after.1 - before.1 <= 8, "\(before) \(after)")
        #expect(try await bridge.site(hidden.id).state == "live")
        let alarms = String(decoding: try await bridge.answer("v1/alarms").body, as: UTF8.self)
        #expect(!alarms.contains(hidden.id), "\(alarms)")

        #expect(try bridge.ctl("layout", "que-vo").status == 0)
        let whole = Rectangle(x: 0, y: 0, width: 320, height: 180)
        try await eventually("it is shown") {
            try recording.newestPicture()?.site(in: whole, among: media.sites)?.id.rawValue == hidden.id
        }
        let start = recording.pictureCount
        try await eventually("pictures") { recording.pictureCount > start + 60 }
        recording.stop()
        let video = try recording.pictures()
        // ffmpeg sends a keyframe when the file has one, whatever is asked for: then it moves as ever.
        let run = FrameRun(video, start + 30..<video.count, cell: whole, modulus: 150)
        #expect(run.unreadable == 0 && run.missing <= 3 && run.repeats <= 3, "\(run)")
        let now = try await picture(hidden)
        #expect(!now.resting && now.keyframeRequestsSent > 0 && now.decodeErrors == 0, "\(now)")
        // Somebody looks at the other's thumbnail: it does not rest.
        for _ in 0..<13 {
            _ = try await bridge.answer("v1/sites/\(shown.id)/thumbnail.jpg")
            try await Task.sleep(for: .seconds(1))
        }
        #expect(try await !picture(shown).resting)
        #expect(bridge.stop() == 0)
    }
}
