import Conference
import Console
import Media
import Testing

@Suite("The config file")
struct ConfigurationFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let file = """
        # the weekly briefing
        layout: 1+5
        size: 640x360
        fps: 25
        video-bitrate: 800k
        gop: 2s
        http: off
        sites:
          - id: gia-binh
            name: Huyện ủy Gia Bình
            audio: 5004
            video: 5006
            to: 10.20.3.10:5004
            mute: yes
          - "id=que-vo,name=\\"Quế Võ, Bắc Ninh\\",audio=5014,video=5016,to=10.20.4.10:5004"
        uplinks:
          - {id: trung-uong, name: Trung ương, audio: 5104, video: 5106, to: "10.0.0.2:7004"}
        programs:
          - id: return
            to: [trung-uong, que-vo]
            layout: "A A speaker / A A gia-binh / * * *"
            sound: gia-binh+que-vo
        """

    private static let flags = [
        "--layout", "1+5", "--size", "640x360", "--fps", "25", "--video-bitrate", "800k", "--gop", "2s", "--http",
        "off",
        "--site", Operator.giaBinh + ",mute=yes",
        "--site", "id=que-vo,name=\"Quế Võ, Bắc Ninh\",audio=5014,video=5016,to=10.20.4.10:5004",
        "--uplink", "id=trung-uong,name=Trung ương,audio=5104,video=5106,to=10.0.0.2:7004",
        "--program", "id=return,to=trung-uong+que-vo,layout=A A speaker / A A gia-binh / * * *,sound=gia-binh+que-vo",
    ]

    @Test("means what the same flags mean")
    func equivalence() throws {
        let path = try folder.write(Self.file, as: "mcu.yaml")
        let ofFile = try Operator.configuration(["--config", path])
        #expect(ofFile == (try Operator.configuration(Self.flags)))
        #expect(ofFile.plan.sites.map(\.name) == ["Huyện ủy Gia Bình", "Quế Võ, Bắc Ninh", "Trung ương"])
    }

    @Test("gives way to the environment, and that to flags")
    func precedence() throws {
        let path = try folder.write(Self.file, as: "mcu.yaml")
        let environment = ["MCU_FPS": "20", "MCU_SIZE": "320x180", "MCU_LOUDEST": ""]
        let plan = try Operator.configuration(
            ["--config", path, "--size", "854x480", "--layout", "3x3"], environment: environment
        ).plan
        #expect(plan.programs[0].layout.description == "3x3")
        #expect(plan.programs[0].size.description == "854x480")
        #expect(plan.programs[0].frameRate == 20)
        #expect(plan.gop == 2)
        #expect(plan.loudest == 4)
    }

    @Test("has its sites changed key by key by a --site with the same id")
    func siteOverride() throws {
        let path = try folder.write(Self.file, as: "mcu.yaml")
        let plan = try Operator.configuration(
            ["--config", path, "--site", "id=gia-binh,mute=false,gain=-6", "--site", "id=c,video=6000,from=any"]
        ).plan
        #expect(plan.sites.map(\.id.rawValue) == ["gia-binh", "que-vo", "c", "trung-uong"])
        #expect(plan.sites[0].name == "Huyện ủy Gia Bình")
        #expect(plan.sites[0].gain == -6)
        #expect(!plan.sites[0].isMuted)
        #expect(plan.sites[0].video?.port == 5006)
    }

    static let refusals: [(file: String, message: String)] = [
        ("layout: 3x3\nlayot: 1x1\n", ":2: layot: expected one of the keys layout, "),
        ("fps: 9x\nsites: [\"id=a,video=6000,from=any\"]\n", ":1: fps=9x: expected a whole number from 1 to 60"),
        ("fps: [30]\n", ":1: fps=a list: expected a single value"),
        ("fps:\n", ":1: fps=nothing: expected a single value"),
        ("sites: 3\n", ":1: sites=3: expected a list, each site after a \"-\""),
        ("sites:\n  - 3\n", ":2: site no. 1: part 1=3: expected KEY=VALUE"),
        ("sites:\n  - [a]\n", ":2: site no. 1: a list: expected \"KEY: VALUE\" lines"),
        (
            "sites:\n  - id: a\n    video: 6000\n    from: any\n  - id: gia-binh\n    video: 50o6\n    from: any\n",
            ":6: site no. 2 (gia-binh): video=50o6: expected a UDP port from 1 to 65534"
        ),
        (
            "sites:\n  - id: a\n    video: 6000\n    from: any\n    vdeo-codec: h265/98\n",
            ":5: site no. 1 (a): vdeo-codec: expected one of the keys video-codec, "
        ),
        ("sites:\n  - id: a\n    video: {port: 6000}\n", ":3: site no. 1 (a): video=a map: expected a single value"),
        (
            "sites:\n  - {id: a, video: 6000, from: any}\n  - {id: b, video: 6001, from: any}\n",
            ":3: site no. 2 (b): video=6001: expected a port that site a: video doesn't take"
        ),
        ("size: 1281x720\nsites: [\"id=a,video=6000,from=any\"]\n", ":1: size=1281x720: expected even numbers"),
        ("hub: a\nuplinks: [\"id=a,video=6000,from=any\"]\n", ":1: hub=a: expected the id of a site that is no link"),
        (
            "uplinks:\n  - {id: a, video: 6000, from: any}\n  - id: b\n    video: 6002\n    from: any\n    backup: c\n",
            ":6: uplink no. 2 (b): backup=c: expected the id of another uplink, one of a"
        ),
        ("gop: 1s\n", ": no site: expected at least one site"),
        ("- a\n- b\n", ":1: expected \"KEY: VALUE\" lines"),
        ("layout: [3x3\nfps: 30\n", ": expected YAML ("),
        ("fps: 30\nfps: 25\n", ": expected each key only once"),
        ("token: abc\nsites: [\"id=a,video=6000,from=any\"]\n", ":1: token=…: expected 8 to 256"),
    ]

    @Test("is refused with its name, the line, the value and what was expected", arguments: refusals)
    func refusing(file: String, message: String) throws {
        let path = try folder.write(file, as: "mcu.yaml")
        let refusals = try Operator.refusals(["--config", path])
        #expect(refusals.items.count == 1, "\(refusals)")
        #expect(refusals.description.contains("mcu-server: \(path)"), "\(refusals)")
        #expect(refusals.description.contains(message), "\(refusals)")
        #expect(refusals.exitCode == 78)
    }

    @Test("that a flag spoils ends as a wrong flag does")
    func flagOverFile() throws {
        let path = try folder.write(Self.file, as: "mcu.yaml")
        let refusals = try Operator.refusals(["--config", path, "--fps", "x"])
        #expect(refusals.description == "mcu-server: --fps x: expected a whole number from 1 to 60")
        #expect(refusals.exitCode == 2)
    }

    @Test("may be empty, but not endless, binary or a folder")
    func oddFiles() throws {
        let empty = try folder.write("# nothing yet\n", as: "empty.yaml")
        _ = try Operator.configuration(["--config", empty, "--site", Operator.giaBinh])
        #expect(try Operator.refusals(["--config", "/dev/zero"]).description.contains("expected a file of at most"))
        #expect(try Operator.refusals(["--config", folder.path]).description.contains("expected a file"))
        let bomb = "a: &a [x,x]\nb: &b [*a,*a]\nsites: [*b,*b]\n"
        #expect(try Operator.refusals(["--config", folder.write(bomb, as: "bomb.yaml")]).exitCode == 78)
    }
}
