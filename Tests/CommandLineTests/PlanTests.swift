import Conference
import Console
import Media
import Testing

@Suite("The plan")
struct PlanTests {
    private static let province = [
        "--site", Operator.giaBinh,
        "--site", "id=que-vo,audio=5014,video=5016,to=10.20.4.10:5004,fps=15,size=640x360,layout=1+5",
        "--uplink", "id=trung-uong,audio=5104,video=5106,to=10.0.0.2:7004",
        "--downlink", "id=xa,audio=5114,audio-to=10.9.0.1:9000,audio-codec=pcma",
    ]

    @Test("has our defaults where nobody says otherwise")
    func defaults() throws {
        let configuration = try Operator.configuration(["--site", Operator.giaBinh])
        let plan = configuration.plan
        #expect(configuration.server == ServerSettings(http: HostPort(host: "127.0.0.1", port: 8080)))
        #expect(plan.bindAddress == "0.0.0.0")
        #expect((plan.gop, plan.loudest) == (4, 4))
        #expect((plan.audioDSCP, plan.videoDSCP) == (46, 34))
        #expect((plan.preset, plan.encoder) == (nil, nil))
        #expect(
            plan.programs == [
                ProgramPlan(
                    id: .room, layout: .automatic, viewers: [try Operator.id("gia-binh")],
                    size: Size(width: 1280, height: 720), frameRate: 30)
            ])
        let site = try #require(plan.sites.first)
        #expect(site.kind == .site && site.source == .destination && site.name == "Huyện ủy Gia Bình")
        #expect(
            site.audio
                == AudioPlan(
                    port: 5004, destination: HostPort(host: "10.20.3.10", port: 5004),
                    accepts: [PayloadType(111)!: .opus]))
        #expect(
            site.video
                == VideoPlan(
                    port: 5006, destination: HostPort(host: "10.20.3.10", port: 5006),
                    accepts: [PayloadType(96)!: .h264],
                    size: Size(width: 1280, height: 720), frameRate: 30, bitrate: Bitrate(bitsPerSecond: 1_500_000)))
    }

    @Test("sends an uplink the speaker, and everybody else the room")
    func programs() throws {
        let plan = try Operator.configuration(Self.province).plan
        #expect(plan.programs.map(\.id.rawValue) == ["room", "return"])
        #expect(plan.programs[0].viewers.map(\.rawValue) == ["gia-binh", "que-vo", "xa"])
        #expect(plan.programs[1].viewers.map(\.rawValue) == ["trung-uong"])
        #expect(plan.programs[1].layout.description == "speaker")
        #expect(plan.sites.map(\.kind) == [.site, .site, .uplink, .downlink])
        #expect(plan.sites[1].video?.frameRate == 15)
        #expect(plan.sites[1].layout?.description == "1+5")
        #expect(plan.sites[3].video == nil)
        #expect(plan.sites[3].audio?.payloadType == PayloadType(8))
    }

    @Test("takes programs as the operator draws them up")
    func drawnPrograms() throws {
        let plan = try Operator.configuration(
            Self.province + [
                "--program", "id=up,to=trung-uong+xa,layout=gia-binh,sound=gia-binh,size=640x360,fps=25,fit=crop",
                "--program", "id=room,layout=2x2,sound=none", "--lecturer", "gia-binh",
            ]
        ).plan
        #expect(plan.programs.map(\.id.rawValue) == ["room", "up"])
        #expect(plan.programs[0].layout.description == "2x2")
        #expect(plan.programs[0].sound == SoundRule.none)
        #expect(plan.programs[0].viewers.map(\.rawValue) == ["gia-binh", "que-vo"])
        #expect(plan.programs[1].sound == .only([try Operator.id("gia-binh")]))
        #expect(plan.programs[1].fit == .crop)
        #expect(plan.sites[2].video?.size == Size(width: 640, height: 360))
        #expect(plan.sites[2].video?.frameRate == 25)
        #expect(plan.lecturer?.rawValue == "gia-binh")
    }

    @Test("has a hub, and backups that get what their links get")
    func cascade() throws {
        let plan = try Operator.configuration(
            Self.province + [
                "--uplink", "id=trung-uong-2,audio=5204,video=5206,to=10.1.0.2:7004,backup=trung-uong",
                "--downlink", "id=xa-2,audio=5214,audio-to=10.9.1.1:9000,audio-codec=pcma,backup=xa",
                "--program", "id=below,to=xa", "--hub", "que-vo",
            ]
        ).plan
        #expect(plan.hub?.rawValue == "que-vo")
        #expect(plan.sites.map { $0.backupOf?.rawValue } == [nil, nil, nil, "trung-uong", nil, "xa"])
        #expect(
            plan.programs.map { $0.viewers.map(\.rawValue) } == [
                ["gia-binh", "que-vo"], ["xa", "xa-2"], ["trung-uong", "trung-uong-2"],
            ])
        #expect(EncodeGroupPlan.groups(of: plan).last?.sites.map(\.rawValue) == ["trung-uong", "trung-uong-2"])
        #expect(try Operator.configuration(["--site", Operator.giaBinh]).plan.hub == nil)
    }

    @Test("carries the server's settings")
    func server() throws {
        let flags = [
            "--http", "0.0.0.0:80", "--token", "secret-enough", "--sdp-dir", "out/", "--log-level", "debug",
            "--log-format", "json", "--site", Operator.giaBinh + ",fit=crop",
        ]
        let configuration = try Operator.configuration(flags)
        #expect(
            configuration.server
                == ServerSettings(
                    http: HostPort(host: "0.0.0.0", port: 80), token: "secret-enough", sdpDirectory: "out/",
                    logLevel: .debug, logFormat: .json))
        #expect(configuration.plan.sites.first?.fit == .crop)
        #expect(try Operator.configuration(["--site", Operator.giaBinh, "--http", "off"]).server.http == nil)
    }

    @Test("has a flag, a key and a variable for each setting", arguments: GeneralKey.allCases)
    func everySetting(key: GeneralKey) throws {
        // A value that no setting takes shows who reads it.
        let bad = "\u{7}"
        let flags = try Operator.refusals(["--site", Operator.giaBinh, key.flag, bad])
        let variable = try Operator.refusals(["--site", Operator.giaBinh], environment: [key.variable: bad])
        // Paths are anything.
        if [.sdpDirectory, .auditLog, .recordDirectory, .mediaDirectory, .stateFile, .capacity].contains(key) {
            #expect(flags.isEmpty && variable.isEmpty)
        } else {
            #expect(flags.description.contains("mcu-server: \(key.flag) "), "\(flags)")
            #expect(variable.description.contains("mcu-server: \(key.variable)="), "\(variable)")
        }
    }
}
