import Foundation
import Media
import TestSupport
import Testing

/// A bridge that is killed and started anew, and one whose config file changes: endpoints go on.
@Suite("Restart", .serialized)
struct RestartTests {
    private let size = Size(width: 640, height: 360)
    private let general = ["--size", "640x360", "--fps", "15", "--video-bitrate", "800k", "--gop", "1s"]
    private var canvas: Rectangle { Rectangle(x: 0, y: 0, width: size.width, height: size.height) }

    private func folder() throws -> String {
        let folder = NSTemporaryDirectory() + "/mcu-restart-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// How a stream went over one change of processes.
    private struct Passage {
        var ssrcs: Set<UInt32> = []
        var step = 0
        var ticks = 0
        var goodbyes = 0
    }

    /// - Parameter edge: how many datagrams came before.
    private func passage(_ socket: LoopbackSocket, after edge: Int) throws -> Passage {
        let packets = socket.datagrams.map(\.bytes)
        func number(_ packet: [UInt8], _ range: Range<Int>) -> UInt32 {
            packet[range].reduce(0) { $0 << 8 | UInt32($1) }
        }
        let last = try #require(packets.prefix(edge).last { !RTCPLog.isRTCP($0) })
        let next = try #require(packets.dropFirst(edge).first { !RTCPLog.isRTCP($0) })
        var passage = Passage()
        passage.ssrcs = Set(packets.lazy.filter { !RTCPLog.isRTCP($0) }.map { number($0, 8..<12) })
        passage.step = Int(UInt16(truncatingIfNeeded: number(next, 2..<4)) &- UInt16(number(last, 2..<4)))
        passage.ticks = Int(Int32(bitPattern: number(next, 4..<8) &- number(last, 4..<8)))
        return passage
    }

    @Test(
        "killed or ended and started anew: the same streams go on, with what operators had arranged",
        arguments: [9, 15])
    func restart(signal: Int32) async throws {
        let media = try TestMedia.prepared()
        let lines = try ["gia-binh", "que-vo"].map { try SiteLine($0) }
        let ear = try SiteLine("ear")
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let home = (
            video: try LoopbackSocket(port: ear.home.video), audio: try LoopbackSocket(port: ear.home.audio),
            reports: try LoopbackSocket(port: ear.home.videoRTCP)
        )
        let flags =
            lines.flatMap { $0.flags() } + ear.flags() + ["--layout", "2x2", "--state-file", folder + "/state"]
            + general
        let senders = try lines.map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        var bridge = try await BridgeProcess(flags)
        try await bridge.waitUntilLive(lines.map(\.id))
        for words in [
            ["layout", "que-vo"], ["mute", "gia-binh"], ["gain", "que-vo", "-6"], ["caption", "Giải lao"],
        ] {
            #expect(try bridge.ctl(words).status == 0)
        }
        // What is saved once a second has it.
        try await Task.sleep(for: .seconds(1.5))
        bridge.process.stop(signal: signal)
        let edges = (video: home.video.datagrams.count, audio: home.audio.datagrams.count)
        let began = ContinuousClock.now
        bridge = try await BridgeProcess(flags)
        try await eventually("packets again") {
            home.video.datagrams.count > edges.video && home.audio.datagrams.count > edges.audio
        }
        let took = (ContinuousClock.now - began) / .seconds(1)
        let (video, audio) = (
            try passage(home.video, after: edges.video), try passage(home.audio, after: edges.audio)
        )
        #expect(video.ssrcs.count == 1 && audio.ssrcs.count == 1, "\(video) \(audio)")
        // Never a number twice; the time that went by is in the timestamps.
        let steps = signal == 9 ? 1...2500 : 1...1
        #expect(steps.contains(video.step) && steps.contains(audio.step), "\(video) \(audio)")
        for (ticks, rate) in [(video.ticks, 90_000.0), (audio.ticks, 48_000.0)] {
            #expect(Double(ticks) / rate > 0 && Double(ticks) / rate < took + 2.5, "\(video) \(audio) in \(took) s")
        }
        // No goodbye: the endpoint waits for what comes.
        let goodbyes = home.reports.datagrams.filter { datagram in
            RTCPLog.isRTCP(datagram.bytes) && datagram.bytes.count > 1 && datagram.bytes[1] == 203
        }
        #expect(goodbyes.isEmpty)
        try await bridge.waitUntilLive(lines.map(\.id))
        let status = try await bridge.status()
        #expect(status.programs.first?.layout == "que-vo")
        #expect(status.sites.map(\.muted) == [true, false, false])
        #expect(bridge.stop() == 0)
    }

    @Test(
        "a changed config file: a site comes, one goes, one is louder; the others miss no frame; a bad file changes nothing"
    )
    func reload() async throws {
        let media = try TestMedia.prepared()
        let lines = try ["gia-binh", "que-vo", "tu-son"].map { try SiteLine($0) }
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/mcu.yaml"
        func write(_ sites: [String], more: String = "") throws {
            let text = "layout: gia-binh *\nsites:\n" + sites.map { "  - \($0)\n" }.joined() + more
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let sites = lines.map { $0.flags()[1] }
        try write([sites[0], sites[1]])
        let bridge = try await BridgeProcess(["--config", path] + general)
        let recording = try Recording(ffmpeg: "gia-binh", of: bridge, size: size)
        let senders = try lines.map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(["gia-binh", "que-vo"])
        func right() throws -> String? {
            let half = Rectangle(x: 320, y: 0, width: 320, height: 360)
            return try recording.newestPicture()?.site(
                in: PictureProbe.letterboxed(size, in: half), among: media.sites)?.id.rawValue
        }
        try await eventually("que-vo") { try right() == "que-vo" }
        let start = recording.pictureCount
        func reread(_ what: String) async throws {
            try bridge.signal(1)
            try await eventually(what) { bridge.log.contains { $0.contains(what) } }
        }
        try write([sites[0] + ",gain=-6", sites[2]], more: "presets:\n  - {id: moi, name: Mới, do: \"mute all\"}\n")
        try await reread("the config file was read again")
        try await eventually("tu-son in que-vo's place") { try right() == "tu-son" }
        #expect(try await bridge.status().sites.map(\.id) == ["gia-binh", "tu-son"])
        #expect(try bridge.ctl("preset", "moi").status == 0)
        try write([sites[0], "id=broken,audio=nonsense"])
        try await reread("the config file is not taken")
        #expect(try await bridge.status().sites.map(\.id) == ["gia-binh", "tu-son"])
        recording.stop()
        let video = try recording.pictures()
        let cell = Rectangle(x: 0, y: 0, width: 320, height: 360)
        let run = FrameRun(video, start..<video.count, cell: cell, modulus: 150)
        #expect(run.isSteady(by: 1), "\(run)")
        #expect(bridge.stop() == 0)
    }
}
