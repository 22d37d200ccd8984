import Foundation
import Media
import TestSupport
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The operator's desk: what is prepared, taken and undone, who may do it, and what is kept of it.
@Suite("Desk", .serialized)
struct DeskTests {
    private let size = Size(width: 640, height: 360)
    private let general = ["--size", "640x360", "--fps", "15", "--video-bitrate", "800k", "--gop", "1s"]
    private var canvas: Rectangle { Rectangle(x: 0, y: 0, width: size.width, height: size.height) }

    /// A picture file of the bridge's, as ffmpeg decodes it.
    private func decode(_ bytes: Data, _ name: String, of bridge: BridgeProcess) throws -> PictureProbe {
        let (file, raw) = (bridge.path(name), bridge.path("\(name).yuv"))
        try bytes.write(to: URL(fileURLWithPath: file))
        let ffmpeg = try Subprocess([
            "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", file, "-vf", "scale=\(size.width):\(size.height)",
            "-pix_fmt", "yuv420p", "-f", "rawvideo", raw,
        ])
        #expect(ffmpeg.wait(seconds: 20) == 0, "\(ffmpeg.output)")
        return try RawVideoFile(path: raw, size: size).picture(0)
    }

    /// By which others reach this machine; `nil` if none can.
    private static func networkAddress() throws -> String? {
        let hostname = try Subprocess(["hostname", "-I"])
        guard hostname.wait(seconds: 5) == 0 else { return nil }
        return hostname.output.split(whereSeparator: \.isWhitespace).first { $0.contains(".") }.map(String.init)
    }

    @Test("what is prepared is a picture for the operator alone, then everybody's on one frame, then undone")
    func staging() async throws {
        let media = try TestMedia.prepared()
        let lines = try ["gia-binh", "que-vo"].map { try SiteLine($0) }
        let bridge = try await BridgeProcess(lines.flatMap { $0.flags() } + ["--layout", "gia-binh"] + general)
        let recording = try Recording(ffmpeg: "gia-binh", of: bridge, size: size)
        let senders = try lines.map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))
        func shown() throws -> String? {
            try recording.newestPicture()?.site(in: canvas, among: media.sites)?.id.rawValue
        }
        try await eventually("gia-binh") { try shown() == "gia-binh" }
        #expect(try bridge.ctl("take").output.contains("nothing is prepared"))

        #expect(try bridge.ctl("stage", "layout que-vo; caption Giải lao 15 phút").status == 0)
        let prepared = try await bridge.answer("v1/programs/room/picture.png?staged=1")
        let rehearsal = try decode(prepared.body, "staged.png", of: bridge)
        #expect(rehearsal.site(in: canvas, among: media.sites)?.id.rawValue == "que-vo")
        // Words on a dark ground across the bottom.
        let banner = try #require(rehearsal.mean(of: Rectangle(x: 20, y: 334, width: 60, height: 20)))
        #expect(banner.y < 60, "\(banner)")
        #expect(try shown() == "gia-binh")
        let preview = try await bridge.answer("v1/sites/que-vo/thumbnail.jpg")
        let thumbnail = try decode(preview.body, "que-vo.jpg", of: bridge)
        #expect(thumbnail.site(in: canvas, among: media.sites)?.id.rawValue == "que-vo")

        #expect(try bridge.ctl("take").status == 0)
        try await eventually("que-vo after the take") { try shown() == "que-vo" }
        #expect(try bridge.ctl("undo").status == 0)
        try await eventually("gia-binh after the undo") { try shown() == "gia-binh" }

        // Changes without end cost nobody a frame.
        func progress() async throws -> (ticks: Int, sent: Int) {
            let status = try await bridge.status()
            let sent = status.sites.first { $0.id == "gia-binh" }?.videoOut?.frames
            return (try #require(status.programs.first).frames, try #require(sent))
        }
        let before = try await progress()
        for layout in ["1x2", "que-vo", "2x2", "speaker", "1+5", "gia-binh", "que-vo gia-binh", "gia-binh"] {
            #expect(try bridge.ctl("layout", layout).status == 0)
        }
        try await eventually("gia-binh at the end") { try shown() == "gia-binh" }
        let after = try await progress()
        #expect(abs((after.ticks - before.ticks) - (after.sent - before.sent)) <= 1, "\(before) \(after)")
        #expect(bridge.stop() == 0)
    }

    @Test("a viewer looks, an operator changes, a stranger gets nothing; what was done is in the audit log")
    func roles() async throws {
        let line = try SiteLine("gia-binh")
        let folder = NSTemporaryDirectory() + "/mcu-desk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "lan-may-operate\n".write(toFile: folder + "/lan", atomically: true, encoding: .utf8)
        let bridge = try await BridgeProcess(
            line.flags() + general + [
                "--token", "root-of-the-desk", "--access", "name=Lan,role=operator,token=@\(folder)/lan", "--access",
                "name=Hùng,role=viewer,token=hung-may-look", "--audit-log", "\(folder)/audit",
            ])
        func ask(
            _ path: String, _ token: String?, method: String = "GET", body: String? = nil,
            type: String = "application/json"
        ) async throws -> (status: Int, body: String) {
            var request = URLRequest(url: try #require(URL(string: "\(bridge.url)/\(path)")), timeoutInterval: 10)
            request.httpMethod = method
            if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
            if let body {
                request.httpBody = Data(body.utf8)
                request.setValue(type, forHTTPHeaderField: "Content-Type")
            }
            let (data, response) = try await URLSession.shared.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
        }
        let mute = #"{"command":"mute","site":"gia-binh"}"#
        // Anybody gets the page, which knows nothing.
        let page = try await ask("", nil)
        #expect(page.status == 200 && page.body.lowercased().contains("<!doctype html>"))
        #expect(!page.body.contains("gia-binh"))
        for path in ["stats", "v1/session", "v1/events", "v1/programs/room/picture.png", "v1/audit"] {
            #expect(try await ask(path, nil).status == 401, "\(path)")
        }
        #expect(try await ask("v1/commands", "wrong-token-here", method: "POST", body: mute).status == 401)
        #expect(try await ask("v1/session", "hung-may-look").body.contains(#""role":"viewer""#))
        let refused = try await ask("v1/commands", "hung-may-look", method: "POST", body: mute)
        #expect(refused.status == 403 && refused.body.contains("operator"))
        #expect(try await ask("stats", "hung-may-look").status == 200)
        #expect(try await ask("v1/commands", "lan-may-operate", method: "POST", body: mute).status == 200)
        #expect(try await ask("v1/audit", "lan-may-operate").status == 403)
        let remove = #"{"command":"remove","site":"gia-binh"}"#
        #expect(try await ask("v1/commands", "lan-may-operate", method: "POST", body: remove).status == 403)
        #expect(try await ask("openapi.yaml", nil).body.hasPrefix("openapi: 3"))
        // A form of another site's page can send no JSON.
        let form = try await ask("v1/commands", "lan-may-operate", method: "POST", body: mute, type: "text/plain")
        #expect(form.status == 415)
        let half = #"{"commands":[{"command":"unmute","site":"gia-binh"},{"command":"mute","site":"nobody"}]}"#
        #expect(try await ask("v1/commands", "lan-may-operate", method: "POST", body: half).status == 400)
        #expect(try await ask("stats", "root-of-the-desk").body.contains(#""muted":true"#))
        let audit = try await ask("v1/audit", "root-of-the-desk")
        #expect(audit.status == 200 && audit.body.contains("gia-binh is muted"))
        // Whoever guesses is slowed down.
        var statuses: [Int] = []
        for _ in 0..<15 { statuses.append(try await ask("stats", "guess-again-\(statuses.count)").status) }
        #expect(statuses.contains(429) && !statuses.contains(200), "\(statuses)")
        #expect(bridge.stop() == 0)
        let lines = try String(contentsOfFile: folder + "/audit", encoding: .utf8).split(separator: "\n")
        let entries = try lines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
        #expect(entries.map { $0["result"] } == ["ok", "refused", "refused", "refused"])
        #expect(entries.allSatisfy { $0["who"] == "Lan" && $0["from"] == "127.0.0.1" })
    }

    @Test("what is staged shows no key, and a page that sends it back stages the same")
    func stagedKeys() async throws {
        let (line, other) = (try SiteLine("gia-binh"), try SiteLine("que-vo"))
        let bridge = try await BridgeProcess(line.soundFlags())
        let key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0MQ=="
        let site = "id=que-vo,audio=\(other.bridge.audio),from=any,srtp=AEAD_AES_128_GCM,srtp-in=\(key)"
        let staged = try bridge.ctl("stage", "add \(site)")
        #expect(staged.status == 0, "\(staged.output)")
        let shown = try await bridge.answer("v1/staged").body
        let text = String(decoding: shown, as: UTF8.self)
        #expect(text.contains("srtp-in=…") && !text.contains(key.prefix(8)), "\(text)")
        var request = URLRequest(url: try #require(URL(string: "\(bridge.url)/v1/staged")), timeoutInterval: 10)
        request.httpMethod = "POST"
        request.httpBody = shown
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (_, response) = try await URLSession.shared.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 200)
        #expect(try bridge.ctl("take").status == 0)
        #expect(try await bridge.site("que-vo").id == "que-vo")
        #expect(bridge.stop() == 0)
    }

    @Test("a reload that takes the tokens away shuts out the network, though the port is open to it until the restart")
    func tokensTakenAway() async throws {
        // Without a network there is nobody to shut out.
        guard let own = try Self.networkAddress() else { return }
        let ports = try SiteLine("a").bridge
        let folder = NSTemporaryDirectory() + "/mcu-desk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (file, token) = ("\(folder)/mcu.yaml", "a-token-of-sixteen-letters")
        func write(_ settings: String) throws {
            let site = "sites:\n  - {id: a, audio: \(ports.audio), from: any}\n"
            try (settings + site).write(toFile: file, atomically: true, encoding: .utf8)
        }
        func status(_ host: String, _ header: String) throws -> String {
            let curl = try Subprocess([
                "curl", "-s", "-o", "/dev/null", "--max-time", "5", "-w", "%{http_code}", "-H", header,
                "http://\(host):\(ports.video)/stats",
            ])
            _ = curl.wait(seconds: 10)
            return curl.output
        }
        try write("http: 0.0.0.0:\(ports.video)\ntoken: \(token)\n")
        let bridge = try Subprocess([BridgeProcess.program, "run", "--config", file])
        defer { bridge.stop() }
        try await eventually("who has the token is let in") {
            try status(own, "Authorization: Bearer \(token)") == "200"
        }
        try write("http: 127.0.0.1:\(ports.video)\n")
        kill(try BridgeProcess.child(of: bridge), SIGHUP)
        try await eventually("the tokens are gone") { try status("127.0.0.1", "Host: localhost") == "200" }
        for host in ["localhost", "127.0.0.1:\(ports.video)"] {
            #expect(try status(own, "Host: \(host)") == "403", "\(host)")
        }
        #expect(try status(own, "Authorization: Bearer \(token)") == "403")
    }

    @Test("a recording has what the room saw and heard, ends whole, and plays though the bridge was killed")
    func recording() async throws {
        let media = try TestMedia.prepared()
        let lines = try ["gia-binh", "que-vo"].map { try SiteLine($0) }
        let folder = NSTemporaryDirectory() + "/mcu-record-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bridge = try await BridgeProcess(
            lines.flatMap { $0.flags() } + ["--layout", "gia-binh que-vo", "--record-dir", folder] + general)
        let senders = try lines.map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))
        func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
        let groups = try await bridge.status().encodeGroups.count
        #expect(try bridge.ctl("record", "start").status == 0)
        #expect(try bridge.ctl("record", "start", "--program", "nope").status == 1)
        try await Task.sleep(for: .seconds(4))
        // The encode that the sites get is the recording's.
        #expect(try await bridge.status().encodeGroups.count == groups)
        #expect(try bridge.ctl("record", "stop").status == 0)
        #expect(try bridge.ctl("record", "stop").output.contains("isn't being recorded"))
        let first = folder + "/" + (try #require(try files().first))
        // A stream goes to a peer or into that folder, and nowhere else.
        for target in ["/tmp/x.m3u8", "../x.m3u8", "file:///tmp/x.mp4", "http://127.0.0.1/x"] {
            #expect(try bridge.ctl("stream", target).status == 1, "\(target)")
        }
        #expect(try bridge.ctl("stream", "live.m3u8").status == 0)
        try await eventually("the list of segments") { try files().contains("live.m3u8") }
        #expect(try bridge.ctl("stream", "none").status == 0)
        func probe(_ file: String) throws -> (picture: PictureProbe, count: Int, seconds: Double, levels: [Double]) {
            let (raw, wav) = (bridge.path("recorded.yuv"), bridge.path("recorded.wav"))
            let ffmpeg = try Subprocess([
                "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", file, "-map", "0:v", "-fps_mode", "passthrough",
                "-pix_fmt", "yuv420p", "-f", "rawvideo", raw, "-map", "0:a", "-ac", "1", "-c:a", "pcm_s16le", wav,
            ])
            #expect(ffmpeg.wait(seconds: 30) == 0 && ffmpeg.output.isEmpty, "\(ffmpeg.output)")
            let video = try RawVideoFile(path: raw, size: size)
            let sound = try WAVFile(path: wav)
            let samples = sound.channel(0)
            let levels = lines.map { line in
                ToneProbe(frequency: media.site(line.id).tone, sampleRate: Double(sound.sampleRate))
                    .level(in: samples.suffix(sound.sampleRate / 8))
            }
            let seconds = Double(samples.count) / Double(sound.sampleRate)
            return (video.picture(video.count - 1), video.count, seconds, levels)
        }
        func check(_ file: String) throws {
            let found = try probe(file)
            let halves = [0, 320].map { Rectangle(x: $0, y: 0, width: 320, height: 360) }
            let shown = halves.map {
                found.picture.site(in: PictureProbe.letterboxed(size, in: $0), among: media.sites)?.id.rawValue
            }
            #expect(shown == ["gia-binh", "que-vo"])
            #expect(found.seconds > 2.5 && abs(Double(found.count) / 15 - found.seconds) < 0.4, "\(found)")
            #expect(found.levels.allSatisfy { abs($0 + 10.5) < 3 }, "\(found.levels)")
        }
        try await eventually("the file is whole") {
            try await bridge.answer("v1/recordings").body.range(of: Data(#""state":"done""#.utf8)) != nil
        }
        try check(first)
        // As when the power goes: no goodbye, and what came before the last second plays.
        try await Task.sleep(for: .seconds(1))
        #expect(try bridge.ctl("record", "start").status == 0)
        try await Task.sleep(for: .seconds(5))
        bridge.process.stop(signal: 9)
        let second = folder + "/" + (try #require(try files().last { $0.hasSuffix(".mp4") }))
        #expect(second != first)
        try check(second)
    }

    @Test("each site's sound is recorded apart: its own tone, muted or not, and nobody else's")
    func sounds() async throws {
        let media = try TestMedia.prepared()
        let lines = try ["gia-binh", "que-vo"].map { try SiteLine($0) }
        let folder = NSTemporaryDirectory() + "/mcu-sounds-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bridge = try await BridgeProcess(lines.flatMap { $0.flags() } + ["--record-dir", folder] + general)
        let senders = try lines.map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))
        #expect(try bridge.ctl("mute", "que-vo").status == 0)
        #expect(try bridge.ctl("record-sounds", "start").status == 0)
        #expect(try bridge.ctl("record-sounds", "start").output.contains("recorded already"))
        try await Task.sleep(for: .seconds(4))
        #expect(try bridge.ctl("record-sounds", "stop").status == 0)
        #expect(try bridge.ctl("record-sounds", "stop").output.contains("aren't being recorded"))
        try await eventually("the files are whole") {
            let body = String(decoding: try await bridge.answer("v1/recordings").body, as: UTF8.self)
            return body.components(separatedBy: #""state":"done""#).count == 3
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        for line in lines {
            let file = try #require(files.first { $0.hasPrefix(line.id) })
            let wav = bridge.path("\(line.id).wav")
            let ffmpeg = try Subprocess([
                "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", "\(folder)/\(file)", "-ac", "1", "-c:a", "pcm_s16le",
                wav,
            ])
            #expect(ffmpeg.wait(seconds: 20) == 0 && ffmpeg.output.isEmpty, "\(ffmpeg.output)")
            let sound = try WAVFile(path: wav)
            let samples = sound.channel(0)
            #expect(abs(Double(samples.count) / Double(sound.sampleRate) - 4) < 1.5)
            for other in lines {
                let probe = ToneProbe(frequency: media.site(other.id).tone, sampleRate: Double(sound.sampleRate))
                let level = probe.level(in: samples.dropFirst(samples.count / 2).prefix(sound.sampleRate / 4))
                #expect(
                    other.id == line.id ? abs(level + 10.5) < 3 : level < -45, "\(other.id) in \(line.id): \(level)")
            }
        }
        #expect(bridge.stop() == 0)
    }
}
