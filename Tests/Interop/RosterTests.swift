import Foundation
import Media
import TestSupport
import Testing

/// Who takes part changes while the meeting runs: sites that come and go, and files that are played as one.
@Suite("Roster", .serialized)
struct RosterTests {
    private let size = Size(width: 640, height: 360)
    private let general = ["--size", "640x360", "--fps", "15", "--video-bitrate", "800k", "--gop", "1s"]

    /// The site seen in each half of a picture; `nil`: none of those that are known.
    private func halves(_ picture: PictureProbe?, _ media: TestMedia) -> [String?] {
        [0, 320].map { x in
            let half = Rectangle(x: x, y: 0, width: 320, height: 360)
            return picture?.site(in: PictureProbe.letterboxed(size, in: half), among: media.sites)?.id.rawValue
        }
    }

    @Test(
        "a site comes, is seen and heard, and goes, and comes again by the same ports: another misses no frame and no sample"
    )
    func comingAndGoing() async throws {
        let media = try TestMedia.prepared()
        let (first, second) = (try SiteLine("gia-binh"), try SiteLine("que-vo"))
        let bridge = try await BridgeProcess(first.flags() + ["--layout", "gia-binh *"] + general)
        let recording = try Recording(ffmpeg: first.id, of: bridge, size: size)
        let senders = try [first, second].map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive([first.id])
        try await eventually("pictures") { recording.pictureCount > 15 && recording.soundSeconds > 1 }
        let (start, sound, begin) = (recording.pictureCount, recording.soundSeconds, ContinuousClock.now)

        let tone = media.site(second.id).tone
        let specification = second.flags()[1]
        for _ in 0..<3 {
            let added = try bridge.ctl("add", specification)
            #expect(added.status == 0, "\(added.output)")
            #expect(try bridge.ctl("add", specification).output.contains("one that no site has"))
            try await bridge.waitUntilLive([second.id])
            try await eventually("seen and heard") {
                try halves(recording.newestPicture(), media) == ["gia-binh", "que-vo"]
                    && recording.levels(of: [tone], seconds: 0.25)?[0] ?? -200 > -12
            }
            let gone = try bridge.ctl("remove", second.id)
            #expect(gone.status == 0, "\(gone.output)")
            try await eventually("no longer seen and heard") {
                try halves(recording.newestPicture(), media) == ["gia-binh", nil]
                    && recording.levels(of: [tone], seconds: 0.25)?[0] ?? 0 < -60
            }
        }
        // It is sent what it sees, and told goodbye.
        #expect(try bridge.ctl("add", specification).status == 0)
        let home = try Recording(ffmpeg: second.id, of: bridge, size: size)
        try await eventually("que-vo sees both") {
            try halves(home.newestPicture(), media) == ["gia-binh", "que-vo"]
        }
        // The goodbye goes where RTCP last came from: not to a sender that has a socket of its own for it.
        senders[1].stop()
        try await Task.sleep(for: .seconds(2))
        #expect(try bridge.ctl("remove", second.id).status == 0)
        #expect(home.peer.wait(seconds: 5) == 0, "its ffmpeg ends by the goodbye")

        let took = (ContinuousClock.now - begin) / .seconds(1)
        recording.stop()
        let video = try recording.pictures()
        let cell = Rectangle(x: 0, y: 0, width: 320, height: 360)
        let run = FrameRun(video, start..<video.count, cell: cell, modulus: 150)
        #expect(run.isSteady(by: 1), "\(run)")
        #expect(Double(video.count - start) >= 15 * took - 15 && recording.soundSeconds - sound >= took - 0.5)
        #expect(bridge.stop() == 0)
        #expect(!bridge.log.contains { $0.contains("level=error") })
    }

    @Test(
        "a file is played as a site, over and over or once; its last picture stands; nothing outside the folder is played"
    )
    func playing() async throws {
        let media = try TestMedia.prepared()
        let line = try SiteLine("gia-binh")
        let folder = NSTemporaryDirectory() + "/mcu-play-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Two seconds: it is over soon, and begins anew often.
        for (name, arguments) in [
            ("film.mkv", ["-t", "2", "-i", media.path("que-vo-small"), "-c", "copy"]),
            ("still.png", ["-i", media.path("tu-son-small"), "-frames:v", "1"]),
        ] {
            let ffmpeg = try Subprocess(["ffmpeg", "-v", "error", "-nostdin"] + arguments + [folder + "/" + name])
            #expect(ffmpeg.wait(seconds: 20) == 0, "\(ffmpeg.output)")
        }
        try "no film".write(toFile: folder + "/notes.txt", atomically: true, encoding: .utf8)
        let bridge = try await BridgeProcess(line.flags() + ["--media-dir", folder] + general)
        let recording = try Recording(ffmpeg: line.id, of: bridge, size: size)
        let sender = try line.send(media.path("gia-binh-small"))
        defer { sender.stop() }
        try await bridge.waitUntilLive([line.id])
        func player() async throws -> BridgeStatus.Player? {
            try await bridge.status().sites.first { $0.id == "player" }?.player
        }
        let files = String(decoding: try await bridge.answer("v1/files").body, as: UTF8.self)
        #expect(files.contains("film.mkv") && files.contains("still.png") && !files.contains("notes.txt"))
        for name in ["../film.mkv", "/etc/passwd", ".hidden"] {
            #expect(try bridge.ctl("play", name).output.contains("expected the name of a file"), "\(name)")
        }

        let tone = media.site("que-vo").tone
        #expect(try bridge.ctl("play", "film.mkv", "loop").status == 0)
        #expect(try bridge.ctl("layout", "gia-binh player").status == 0)
        try await eventually("seen and heard") {
            try halves(recording.newestPicture(), media) == ["gia-binh", "que-vo"]
                && recording.levels(of: [tone], seconds: 0.25)?[0] ?? -200 > -12
        }
        // Over the seams of three passes: every picture is the film's, and the sound has no hole.
        let start = recording.pictureCount
        try await Task.sleep(for: .seconds(5))
        let video = try recording.pictures()
        let cell = Rectangle(x: 320, y: 0, width: 320, height: 360)
        #expect(video.share(of: "que-vo", in: cell, start..<video.count, among: media.sites) >= 0.99)
        let (samples, rate) = try recording.newestSound(seconds: 4)
        let probe = ToneProbe(frequency: tone, sampleRate: rate)
        let window = Int(rate / 20)
        let levels = stride(from: samples.startIndex, to: samples.endIndex - window, by: window).map {
            probe.level(in: samples[$0..<$0 + window])
        }
        #expect(levels.count { $0 > -14 } * 100 >= levels.count * 90, "\(levels.map { Int($0) })")

        #expect(try bridge.ctl("play", "film.mkv").status == 0)
        try await eventually("its end") { try await player()?.state == "ended" }
        try await Task.sleep(for: .seconds(3))
        #expect(try halves(recording.newestPicture(), media) == ["gia-binh", "que-vo"], "its last picture stands")
        #expect(try recording.levels(of: [tone], seconds: 0.5)?[0] ?? 0 < -60)
        #expect(try bridge.ctl("play", "still.png").status == 0)
        try await eventually("the still") { try halves(recording.newestPicture(), media) == ["gia-binh", "tu-son"] }
        // What is no film says why, and costs nobody anything.
        #expect(try bridge.ctl("play", "notes.txt").status == 0)
        try await eventually("why it can't") { try await player()?.reason?.contains("expected") == true }
        try await eventually("a slate") { try halves(recording.newestPicture(), media) == ["gia-binh", nil] }
        #expect(try bridge.ctl("stop-play").status == 0)
        #expect(try await player() == nil)
        #expect(try bridge.ctl("stop-play").output.contains("nothing is being played"))
        recording.stop()
        #expect(bridge.stop() == 0)
    }

    @Test("a file is looked into once, however often a page asks for the list, and again when it has changed")
    func fileList() async throws {
        let media = try TestMedia.prepared()
        let line = try SiteLine("gia-binh")
        let folder = NSTemporaryDirectory() + "/mcu-list-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let film = folder + "/film.mkv"
        let ffmpeg = try Subprocess([
            "ffmpeg", "-v", "error", "-nostdin", "-t", "2", "-i", media.path("que-vo-small"), "-c", "copy", film,
        ])
        #expect(ffmpeg.wait(seconds: 20) == 0, "\(ffmpeg.output)")
        func date(_ seconds: TimeInterval) throws {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: film)
        }
        try date(1_700_000_000)
        let bridge = try await BridgeProcess(line.soundFlags() + ["--media-dir", folder])
        let first = try await bridge.answer("v1/files").body
        #expect(String(decoding: first, as: UTF8.self).contains("film.mkv"))
        // Nothing can be played of it any more, which shows only to who looks again.
        let count = try Data(contentsOf: URL(fileURLWithPath: film)).count
        try Data(count: count).write(to: URL(fileURLWithPath: film))
        try date(1_700_000_000)
        #expect(try await bridge.answer("v1/files").body == first)
        try date(1_700_000_001)
        let last = try await bridge.answer("v1/files").body
        #expect(!String(decoding: last, as: UTF8.self).contains("film.mkv"))
        #expect(bridge.stop() == 0)
    }

    @Test("a site can be a URL: a stream of ffmpeg's over UDP; without it a slate, and it comes back by itself")
    func url() async throws {
        let media = try TestMedia.prepared()
        let line = try SiteLine("gia-binh")
        let port = try SiteLine("camera").bridge.video
        let camera = "id=camera,name=Máy quay,play=udp://127.0.0.1:\(port)"
        let bridge = try await BridgeProcess(
            line.flags() + ["--site", camera, "--layout", "gia-binh camera"] + general)
        let recording = try Recording(ffmpeg: line.id, of: bridge, size: size)
        for _ in 0..<2 {
            let sender = try Subprocess([
                "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", media.path("que-vo-small"),
                "-map", "0", "-c:v", "copy", "-c:a", "aac", "-ar", "48000", "-f", "mpegts",
                "udp://127.0.0.1:\(port)?pkt_size=1316",
            ])
            let tone = media.site("que-vo").tone
            try await eventually("the camera, seen and heard", seconds: 25) {
                try halves(recording.newestPicture(), media)[1] == "que-vo"
                    && recording.levels(of: [tone], seconds: 0.25)?[0] ?? -200 > -14
            }
            sender.stop()
            try await eventually("a slate") { try halves(recording.newestPicture(), media)[1] == nil }
        }
        recording.stop()
        #expect(bridge.stop() == 0)
    }
}
