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
    ({ $0.hub = .named("ghost") }, "conference: hub ghost: expected the id of a site that is no link"),
    ({ $0.sites[0].backupOf = .number(2) }, "site s1: backup s2: expected it of an uplink or a downlink"),
    (
        {
            $0.sites[0].kind = .uplink
            $0.hub = .number(1)
        }, "conference: hub s1: expected the id of a site that is no link"
    ),
    (
        {
            $0.sites[0].kind = .uplink
            $0.sites[1].kind = .uplink
            $0.sites[1].backupOf = .number(1)
            $0.sites[1].video = nil
        }, "site s2: backup s1: expected the same media as s1 has"
    ),
    ({ $0.gop = 0.4 }, "gop 0.4: expected 0.5 to 60"), ({ $0.gop = .nan }, "gop nan"),
    ({ $0.loudest = 0 }, "loudest 0: expected 1 to 1000"),
    ({ $0.sites[0].audio?.delay = 20...2_001 }, "site s1: audio: jitter 20-2001: expected LEAST-MOST in ms"),
    ({ $0.sites[0].audio?.delay = 0...19 }, "site s1: audio: jitter 0-19"),
    (
        { $0.sites[0].audio?.secondLine = .port(5_006) },
        "site s1: audio2: port 5006: expected a port that site s1: video"
    ),
    (
        { $0.sites[1].video?.secondLine = .port(5_005) },
        "site s2: video2: port 5005: expected a port that site s1: audio"
    ),
    ({ $0.sites[1].video?.secondLine = .port(65_535) }, "site s2: video2: port 65535: expected a UDP port"),
    (
        { $0.sites[0].audio?.secondLine = .to("10.1.0.1", 5_004) },
        "site s1: audio: to2 10.1.0.1:5004: expected a first line"
    ),
    (
        {
            $0.sites[0].video?.destination = HostPort(host: "h", port: 6)
            $0.sites[0].video?.secondLine = .to("h", 6)
        }, "site s1: video: to2 h:6: expected another address than the first line's"
    ),
    ({ $0.sites[0].video?.secondLine = .to("h", 0) }, "site s1: video: to2 h:0: expected a UDP port"),
    (
        {
            $0.sites[0].video?.security = SecurityPlan(
                receiveKey: .random(.aes128GCM), sendKey: .random(.aes256GCM))
        }, "site s1: video: srtp AEAD_AES_256_GCM: expected one suite both ways; the site has AEAD_AES_128_GCM"
    ),
    (
        { $0.sites[0].video?.repair.retransmission = PayloadType(96) },
        "video: rtx 96: expected a payload type of its own"
    ),
    (
        { $0.sites[0].video?.repair.fec = PayloadType(96) },
        "video: ulpfec 96: expected a payload type of its own; 96 is h264"
    ),
    (
        {
            $0.sites[0].video?.repair.fec = PayloadType(97)
            $0.sites[0].video?.repair.redundant = PayloadType(97)
        }, "video: red 97: expected a payload type of its own; 97 is ulpfec's"
    ),
    (
        {
            $0.sites[0].video?.accepts = [PayloadType(100)!: .vp8]
            $0.sites[0].video?.repair.redundant = PayloadType(100)
        }, "video: red 100: expected a payload type of its own; 100 is vp8's"
    ),
    (
        { $0.sites[0].video?.repair.retransmitted = [PayloadType(97)!: PayloadType(98)!] },
        "video: rtx 97: expected retransmissions of a payload type in use, not of 98"
    ),
    (
        {
            $0.sites[0].video?.repair.retransmission = PayloadType(97)
            $0.sites[0].video?.repair.feedback = .pli
        }, "video: rtx 97: expected feedback with nack"
    ),
    (
        { $0.sites[0].video?.repair = RepairPlan(feedback: .transport, transportExtension: 15) },
        "video: transport-cc 15: expected the id of a header extension, 1 to 14"
    ),
    ({ $0.sites[0].video?.repair.feedback = .transport }, "video: feedback transport-cc: expected the id"),
    ({ $0.sites[0].video?.repair.transportExtension = 5 }, "video: feedback transport-cc: expected the id"),
    ({ $0.audioDSCP = 64 }, "dscp-audio 64: expected 0 to 63"), ({ $0.videoDSCP = -1 }, "dscp-video -1"),
]

extension SecondLine {
    fileprivate static func port(_ port: Int) -> SecondLine { SecondLine(port: port, destination: nil) }
    fileprivate static func to(_ host: String, _ port: Int) -> SecondLine {
        SecondLine(port: nil, destination: HostPort(host: host, port: port))
    }
}

@Suite struct PlanChecks {
    private func plan() -> ConferencePlan { .room((1...3).map { SitePlan.number($0) }, layout: .automatic) }

    @Test func aGoodPlanHasNoProblems() {
        #expect(plan().problems().isEmpty)
    }

    @Test func aSiteWithEverythingHasNoProblems() {
        var plan = plan()
        let destination = HostPort(host: "10.0.0.1", port: 5_004)
        let line = SecondLine(port: 7_000, destination: HostPort(host: "10.1.0.1", port: 5_004))
        plan.sites[0].audio?.destination = destination
        plan.sites[0].audio?.secondLine = line
        plan.sites[0].audio?.delay = 0...2_000
        plan.sites[0].video?.security = SecurityPlan(receiveKey: .random(.aes128GCM), sendKey: .random(.aes128GCM))
        plan.sites[0].video?.repair = RepairPlan(
            feedback: FeedbackKinds.standard.union(.transport), retransmission: PayloadType(97),
            retransmitted: [PayloadType(97)!: PayloadType(96)!, PayloadType(100)!: PayloadType(98)!],
            fec: PayloadType(99), redundant: PayloadType(98), transportExtension: 14)
        #expect(plan.problems().isEmpty, "\(plan.problems())")
        // RED may come without FEC.
        plan.sites[0].video?.repair.fec = nil
        #expect(plan.problems().isEmpty)
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
