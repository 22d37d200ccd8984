import Media
import TestSupport
import Testing

/// A site's second picture: large in the room's, and a stream of its own to those who take one.
@Suite("Slides", .serialized)
struct SlidesTests {
    private let size = Size(width: 640, height: 360)

    /// Who is seen in a cell of the room's picture.
    private func large(_ room: PictureProbe?, _ cell: BridgeStatus.Cell, _ media: TestMedia) -> String? {
        let place = Rectangle(x: cell.x, y: cell.y, width: cell.width, height: cell.height)
        return room?.site(in: PictureProbe.letterboxed(size, in: place), among: media.sites)?.id.rawValue
    }

    @Test(
        "are large while they come, go to who takes them at their own rate, not back to who shows them, and end with their BYE"
    )
    func comingAndGoing() async throws {
        let media = try TestMedia.prepared()
        let (presenter, viewer) = (try SiteLine("gia-binh"), try SiteLine("que-vo"))
        let (slides, taken) = (try SiteLine("gia-binh.slides"), try SiteLine("que-vo.slides"))
        let own = try LoopbackSocket(port: slides.home.video)
        let keys = ["slides-size=\(size)", "slides-bitrate=600k"]
        func flags(_ line: SiteLine, _ slides: SiteLine) -> [String] {
            line.flags("slides=\(slides.bridge.video)", "slides-to=127.0.0.1:\(slides.home.video)", keys[0], keys[1])
        }
        let bridge = try await BridgeProcess(
            flags(presenter, slides) + flags(viewer, taken) + [
                "--layout", "presenter", "--size", "\(size)", "--fps", "15", "--gop", "1s",
            ])
        let room = try Recording(ffmpeg: "room", audioPort: nil, videoPort: viewer.home.video, of: bridge, size: size)
        let stream = try Recording(
            ffmpeg: "stream", audioPort: nil, videoPort: taken.home.video, of: bridge, size: size)
        let cameras = try [presenter, viewer].map { try $0.send(media.path("\($0.id)-small")) }
        defer { for camera in cameras { camera.stop() } }
        try await bridge.waitUntilLive([presenter.id, viewer.id])
        /// The room's largest cell.
        func cell() async throws -> BridgeStatus.Cell? { try await bridge.status().programs[0].cells.first }
        let first = try #require(try await cell())
        #expect([presenter.id, viewer.id].contains(first.site) && first.width == 480)
        #expect(stream.pictureCount == 0, "nobody shows slides")

        for turn in 0..<2 {
            let before = stream.pictureCount
            // Another site's picture, which nobody else sends.
            let sender = try Subprocess(
                PeerCommands.ffmpegSender(
                    file: media.path("tu-son-small"), cname: slides.id, audioPort: nil, videoPort: slides.bridge.video,
                    saysGoodbye: true))
            defer { sender.stop() }
            try await eventually("slides in the room") {
                try large(room.newestPicture(), first, media) == "tu-son"
            }
            try await eventually("slides alone") { stream.pictureCount > before + 20 }
            #expect(try await cell()?.site == "gia-binh.slides")
            let video = try stream.pictures()
            let whole = Rectangle(x: 0, y: 0, width: 640, height: 360)
            let run = FrameRun(video, before + 2..<video.count, cell: whole, modulus: 150)
            // 15 pictures a second came, five go.
            #expect(run.unreadable == 0 && run.steps.sorted()[run.steps.count / 2] == 3, "turn \(turn): \(run)")
            let seen = (before + 1..<video.count).map {
                video.picture($0).site(in: whole, among: media.sites)?.id.rawValue
            }
            #expect(seen.allSatisfy { $0 == "tu-son" }, "turn \(turn): \(seen)")

            // ffmpeg says goodbye.
            sender.stop(signal: 2)
            try await eventually("who speaks again") {
                [presenter.id, viewer.id].contains(try large(room.newestPicture(), first, media))
            }
        }
        let sent = try await bridge.site("que-vo.slides").videoOut
        #expect(sent?.width == 640 && sent?.keyframes ?? 0 >= 2)
        let roll = String(decoding: try await bridge.answer("v1/roll-call").body, as: UTF8.self)
        #expect(roll.contains("que-vo") && !roll.contains("slides"))
        #expect(bridge.stop() == 0)
        let back = own.datagrams.filter { $0.bytes.count > 12 && $0.bytes[1] & 0x7F == 96 }
        #expect(back.isEmpty, "\(back.count) packets of its own slides")
        #expect(!bridge.log.contains { $0.contains("level=error") })
    }
}
