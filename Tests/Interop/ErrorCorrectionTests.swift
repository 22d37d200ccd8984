import Media
import TestSupport
import Testing

/// Packets that come back without being asked for.
@Suite("Error correction", .serialized)
struct ErrorCorrectionTests {
    private let size = Size(width: 320, height: 180)
    private static let keys = "ulpfec=122,red=121"

    @Test("ULPFEC in RED, from GStreamer and to it, brings back what lines lose by 8 %, without NACK")
    func bothWays() async throws {
        let media = try TestMedia.prepared()
        let camera = try SiteLine("gia-binh")
        let viewer = try SiteLine("viewer")
        let bridge = try await BridgeProcess(
            camera.pictureFlags(Self.keys, "feedback=pli")
                + viewer.pictureFlags(Self.keys, "feedback=none", "video-bitrate=1M", "adapt=no")
                + ["--layout", "gia-binh", "--size", "\(size)", "--fps", "15", "--gop", "1s"])
        let outlet = try #require(PortAllocator.block())
        let inlet = try #require(PortAllocator.block())
        let loss = "loss=0.08,delay=20"
        let (video, control) = (camera.bridge.video, camera.bridge.videoRTCP)
        let routes = [
            "127.0.0.1:\(viewer.home.video)=127.0.0.1:\(outlet.video),\(loss),seed=8",
            "127.0.0.1:\(viewer.home.videoRTCP)=127.0.0.1:\(outlet.videoRTCP)",
            "127.0.0.1:\(inlet.video)=127.0.0.1:\(video),\(loss),seed=7",
            "127.0.0.1:\(inlet.videoRTCP)=127.0.0.1:\(control),back=127.0.0.1:\(camera.home.videoRTCP)",
        ]
        let relay = try BadLine(routes)
        defer { relay.stop() }
        let recording = try Recording(viewer.id, of: bridge, size: size) { rawVideo, _ in
            PeerCommands.gstreamerCorrectingReceiver(
                port: outlet.video, feedbackPort: viewer.bridge.videoRTCP, rawVideo: rawVideo)
        }
        let sender = try Subprocess(
            PeerCommands.gstreamerRepairingSender(
                file: media.path("\(camera.id)-small"), by: .correction, videoPort: inlet.video,
                feedbackPort: camera.home.videoRTCP))
        defer { sender.stop() }
        try await bridge.waitUntilLive([camera.id])
        // FEC begins once the receiver has told of losses.
        try await eventually("FEC packets") { try await bridge.site(viewer.id).videoOut?.fecSent ?? 0 > 5 }
        func pictures() async throws -> BridgeStatus.VideoIn {
            try #require(try await bridge.site(camera.id).videoIn)
        }
        let before = try await pictures()
        try await eventually("repairs on both lines") {
            try await pictures().fecRecovered >= before.fecRecovered + 8 && recoveredPackets(recording) >= 8
        }
        let after = try await pictures()
        #expect(after.nacksSent == 0 && after.decodeErrors == 0, "\(after)")
        // On its way out: what GStreamer solves by our FEC packets are pictures, whole and in order.
        recording.stop()
        let shown = try recording.pictures()
        let cell = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        let range = max(0, shown.count - 60)..<shown.count
        let run = FrameRun(shown, range, cell: cell, modulus: 150)
        #expect(run.unreadable == 0 && run.steps.allSatisfy { $0 >= 0 }, "\(run)")
        #expect(shown.share(of: camera.id, in: cell, range, among: media.sites) == 1)
        #expect(bridge.stop() == 0)
    }

    /// Packets that GStreamer got by our FEC.
    private func recoveredPackets(_ recording: Recording) -> Int {
        recording.peer.output.split(separator: "\n").count { $0.contains(PeerCommands.gstreamerRecovered) }
    }
}
