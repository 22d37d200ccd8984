import Conference
import Console
import Media
import Testing

/// Commands that bring sites: what is played, what is added.
@Suite("Commands that bring sites")
struct CommandReaderTests {
    private func reader(media: String? = "/media") throws -> CommandReader {
        let plan = try Operator.configuration(["--site", Operator.giaBinh, "--site", "id=cam,play=rtsp://10.0.0.9/1"])
            .plan
        return CommandReader(sites: plan.sites, programs: plan.programs, presets: [], mediaDirectory: media)
    }

    private func fault(_ text: String, media: String? = "/media") throws -> String {
        do {
            let work = try reader(media: media).read(try ControlRequest.list(text))
            return "taken: \(work)"
        } catch let fault as CommandReader.Fault { return fault.description }
    }

    @Test("a file is a site that comes with it, and the same batch may show it")
    func playing() throws {
        let work = try reader().read(try ControlRequest.list("play chao co.mp4 loop; layout player; stop-play"))
        guard case .add(let site, .room) = work.commands.first else {
            Issue.record("\(work.commands)")
            return
        }
        #expect(site.player == PlayerPlan(location: "/media/chao co.mp4", repeats: true) && site.isPlayer)
        #expect(work.commands.last == .remove(CommandReader.player))
        // What plays already plays something else.
        let again = try reader().read(try ControlRequest.list("play a.mp4; play b.mp4"))
        #expect(again.commands.last == .play(CommandReader.player, PlayerPlan(location: "/media/b.mp4")))
        var other = try ControlRequest(words: ["play", "a.mp4"])
        other.site = "cam"
        let named = try reader().read([other]).commands
        let camera = try Operator.id("cam")
        #expect(named == [.play(camera, PlayerPlan(location: "/media/a.mp4"))])
    }

    @Test(
        "no name reaches out of the folder",
        arguments: ["../a.mp4", "/etc/passwd", ".hidden", "a/b.mp4", "http://x/a.mp4"])
    func names(name: String) throws {
        #expect(try fault("play \(name)").contains("expected the name of a file in --media-dir"))
    }

    @Test("what can't be done says what was expected")
    func faults() throws {
        #expect(try fault("play a.mp4", media: nil).contains("expected --media-dir"))
        #expect(try fault("stop-play") == "nothing is being played")
        #expect(try fault("remove nobody").contains("expected a site of this conference: gia-binh, cam"))
        #expect(try fault("add id=gia-binh,audio=6000,from=any").contains("one that no site has"))
        #expect(try fault("add id=x,sdp=/etc/passwd").contains("sdp: expected a site by its ports"))
        #expect(try fault("add id=x,play=/etc/passwd").contains("play: expected"))
        #expect(try fault("add id=x,audio=nonsense").contains("audio=nonsense: expected a UDP port"))
        #expect(try fault("add id=x,play=rtsp://10.0.0.8/1,video=6000").contains("video=6000: expected no such key"))
    }

    @Test(
        "who adds a site from afar reaches no file of this machine, whatever the file is called",
        arguments: [
            ("id=x,sdp=/etc/passwd", "sdp: expected a site by its ports"),
            ("id=x,sdp=/tmp/a://b.sdp", "sdp: expected a site by its ports"),
            ("id=x,play=film.mp4", "play: expected a URL that begins with one of http, https, rtsp"),
            ("id=x,play=file:///srv/film.mp4", "play: expected a URL that begins with one of http, https, rtsp"),
            ("id=x,play=FILE:///srv/film.mp4", "play: expected a URL"),
            ("id=x,play=concat:/srv/a.ts|x://", "play: expected a URL"),
            ("id=x,audio=6000,from=any,srtp-in=@/etc/hostname", "srtp-in: expected the key itself in base 64"),
            ("id=x,audio=6000,from=any,srtp-out=@/nowhere", "srtp-out: expected the key itself in base 64"),
        ])
    func files(specification: String, message: String) throws {
        let refused = try fault("add \(specification)")
        #expect(refused.hasPrefix(message), "\(refused)")
    }

    @Test("keys that an operator types, URLs, and the key files of a preset are taken")
    func keys() throws {
        let folder = try TemporaryFolder()
        let key = Operator.key(.aes128GCM, 7)
        let site = "add id=x,audio=6000,from=any,srtp=AEAD_AES_128_GCM,srtp-in="
        #expect(try reader().read(try ControlRequest.list(site + key)).commands.count == 1)
        #expect(try reader().read(try ControlRequest.list("add id=x,play=RTSP://10.0.0.8/1")).commands.count == 1)
        let path = try folder.write(key + "\n", as: "x.key")
        let presets = "presets:\n  - {id: p, name: P, do: \"\(site)@\(path)\"}\n"
        let file = try folder.write(presets, as: "mcu.yaml")
        let configuration = try Operator.configuration(["--site", Operator.giaBinh, "--config", file])
        let arranged = CommandReader(
            sites: configuration.plan.sites, programs: configuration.plan.programs,
            presets: configuration.server.presets)
        #expect(try arranged.read(try ControlRequest.list("preset p")).commands.count == 1)
    }

    @Test(
        "a stream's name can't stand for another file: no NUL and no other control character is in it",
        arguments: ["room-20261129.mp4\0.m3u8", "\0.m3u8", "a\nb.m3u8", "rtmp://10.0.0.8/live\0/key", "a\u{7F}.m3u8"])
    func streamNames(name: String) throws {
        let request = try ControlRequest(words: ["stream", name])
        do {
            let work = try reader().read([request])
            Issue.record("taken: \(work)")
        } catch let fault as CommandReader.Fault {
            #expect(fault.description.hasSuffix("expected a URL or a name without control characters"))
            #expect(!fault.description.contains("\0") && !fault.description.contains("\n"))
        }
        let plain = try reader().read([try ControlRequest(words: ["stream", "phòng họp.m3u8"])])
        #expect(plain.recordings.map(\.url) == ["phòng họp.m3u8"])
    }

    @Test("slides come and go with their site, where slides are seen")
    func slides() throws {
        let plan = try Operator.configuration(["--site", Operator.giaBinh + ",slides=5104"]).plan
        let reader = CommandReader(sites: plan.sites, programs: plan.programs, presets: [])
        let batch = "add id=x,video=6002,from=any,slides=6004; remove x; add id=x.slides,video=6002,from=any"
        let commands = try reader.read(try ControlRequest.list(batch)).commands
        guard case .add(_, .room) = commands[0], case .add(let slides, ProgramID("slides")) = commands[1] else {
            Issue.record("\(commands)")
            return
        }
        #expect(slides.id.rawValue == "x.slides" && slides.slidesOf?.rawValue == "x" && commands.count == 4)
    }

    @Test("a site is added with its program's size and the bridge's bitrates")
    func adding() throws {
        let work = try reader().read(try ControlRequest.list("add id=x,name=Xã,audio=6000,video=6002,to=10.0.0.1:7000"))
        guard case .add(let site, .room) = work.commands.first else {
            Issue.record("\(work.commands)")
            return
        }
        #expect(site.name == "Xã" && site.video?.size == Size(width: 1280, height: 720))
        #expect(site.video?.bitrate == Bitrate(bitsPerSecond: 1_500_000))
        #expect(site.video?.destination == HostPort(host: "10.0.0.1", port: 7002))
    }
}
