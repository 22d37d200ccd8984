import Conference
import Media
import Testing

private typealias Change = @Sendable (inout ConferencePlan) -> Void

private let cases: [(Change, String)] = [
    ({ $0.sites[1].audio?.port = 5_006 }, "site s2: audio: port 5006: expected a port that site s1: video"),
    ({ $0.sites[1].audio?.port = 5_005 }, "site s2: audio: port 5005: expected a port that site s1: audio doesn't"),
    ({ $0.sites[1].audio?.port = 5_003 }, "port 5004 for RTCP"),
    ({ $0.sites[0].audio?.port = 65_535 }, "site s1: audio: port 65535: expected a UDP port from 1 to 65534"),
    ({ $0.sites[0].video?.port = 0 }, "site s1: video: port 0"),
    ({ $0.sites[0].video?.destination = HostPort(host: "10.0.0.1", port: 70_000) }, "to 10.0.0.1:70000"),
    ({ $0.sites[0].video?.size = Size(width: 1281, height: 720) }, "size 1281x720: expected even numbers"),
    ({ $0.sites[0].video?.size = Size(width: 4098, height: 720) }, "size 4098x720"),
    ({ $0.programs[0].size = Size(width: 62, height: 64) }, "program room: size 62x64"),
    ({ $0.programs[0].size = Size(width: 4096, height: 2306) }, "program room: size 4096x2306"),
    ({ $0.programs[0].frameRate = 0 }, "program room: fps 0: expected 1 to 60"),
    ({ $0.sites[2].video?.frameRate = 61 }, "site s3: video: fps 61"),
    ({ $0.sites[2].video?.bitrate = Bitrate(bitsPerSecond: 31_000) }, "site s3: video: bitrate 31k"),
    ({ $0.sites[2].audio?.bitrate = Bitrate(bitsPerSecond: 511_000) }, "bitrate 511k: expected 6k to 510k"),
    ({ $0.sites[2].video?.packetizationMode = 2 }, "packetization-mode 2: expected 0 or 1"),
    ({ $0.sites[2].gain = .nan }, "gain nan: expected a gain"),
    ({ $0.sites = [] }, "conference: no site"),
    ({ $0.programs = [] }, "conference: no program"),
    ({ $0.sites[1] = .number(9, id: .number(1)) }, "site s1: given twice"),
    ({ $0.sites[0] = .number(9, id: .named("pip")) }, "site pip: pip: expected an id that is no layout's name"),
    ({ $0.sites[0] = .number(9, id: .named("3x3")) }, "site 3x3: 3x3"),
    ({ $0.sites[0] = .number(9, id: .named("uplink")) }, "site uplink: uplink"),
    (
        {
            $0.sites[0].audio = nil; $0.sites[0].video = nil
        }, "site s1: no media"
    ),
    ({ $0.programs[0].viewers.append(.named("ghost")) }, "program room: to ghost: expected the id of a site"),
    ({ $0.programs[0].viewers.append(.number(1)) }, "program room: to s1: expected each site once"),
    ({ $0.programs[0].viewers.removeLast() }, "site s3: in no program"),
    ({ $0.programs.append($0.programs[0]) }, "program room: given twice"),
    ({ $0.programs[0].sound = .only([.named("ghost")]) }, "program room: sound ghost"),
    ({ $0.lecturer = .named("ghost") }, "conference: lecturer ghost"),
    ({ $0.gop = 0.4 }, "gop 0.4: expected 0.5 to 60"), ({ $0.gop = .nan }, "gop nan"),
    ({ $0.loudest = 0 }, "loudest 0: expected 1 to 1000"),
    ({ $0.audioDSCP = 64 }, "dscp-audio 64: expected 0 to 63"), ({ $0.videoDSCP = -1 }, "dscp-video -1"),
]

@Suite struct PlanChecks {
    private func plan() -> ConferencePlan { .room((1...3).map { SitePlan.number($0) }, layout: .automatic) }

    @Test func aGoodPlanHasNoProblems() {
        #expect(plan().problems().isEmpty)
    }

    @Test(arguments: cases)
    fileprivate func problem(change: Change, words: String) {
        var plan = plan()
        change(&plan)
        let problems = plan.problems().map(\.description)
        #expect(problems.contains { $0.contains(words) }, "\(problems)")
    }

    @Test func siteInTwoPrograms() throws {
        var plan = plan()
        let other = try #require(ProgramID("return"))
        plan.programs.append(
            ProgramPlan(
                id: other, layout: .automatic, viewers: [.number(2)], size: Size(width: 640, height: 360), frameRate: 25
            ))
        #expect(
            plan.problems() == [
                PlanProblem("program return", value: "to s2", expected: "a site that is not in program room already")
            ])
    }

    @Test func layoutMayPinOnlySites() throws {
        var plan = plan()
        plan.sites[0].layout = try layout("ghost", .named("ghost"))
        #expect(plan.problems().map(\.value) == ["layout ghost"])
    }
}
