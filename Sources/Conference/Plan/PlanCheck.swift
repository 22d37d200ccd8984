import Media

/// The checks of a plan as a whole. Single values were checked when they were read; here is what they must be to each
/// other, and the limits of what the bridge runs.
extension ConferencePlan {
    /// The gains a site may have, in dB.
    package static let gains = -60.0...20.0
    package static let gainExpectation = "a gain from -60 to 20 dB"
    /// What a jitter buffer may hold, in milliseconds. With room for less than a packet of 20 ms it would hold nothing.
    package static let delays = 0...2_000
    /// What a packet of sound may last, in milliseconds: one block of the mix, or two.
    package static let packetTimes = [20, 40]
    package static let packetTimeExpectation = "20 or 40, in ms"
    package static let delayExpectation = "LEAST-MOST in ms, such as 20-200: from 0 to 2000, the most at least 20"

    /// Whether a jitter buffer can keep to these bounds, in milliseconds.
    package static func isDelay(_ range: ClosedRange<Int>) -> Bool {
        delays.contains(range.lowerBound) && delays.contains(range.upperBound) && range.upperBound >= 20
    }

    /// Everything that keeps the plan from being run, in the order of the plan; empty if it can be.
    package func problems() -> [PlanProblem] {
        var check = PlanCheck()
        check.sites(sites)
        check.ports(sites)
        check.programs(programs, sites)
        check.backups(self)
        check.slides(self)
        check.conference(self)
        return check.problems
    }
}

private struct PlanCheck {
    static let widths = 64...4096
    static let heights = 64...2304
    static let frameRates = 1...60

    private(set) var problems: [PlanProblem] = []

    mutating func sites(_ sites: [SitePlan]) {
        require(!sites.isEmpty, "conference", "no site", "at least one site")
        var seen: Set<SiteID> = []
        for site in sites {
            let subject = "site \(site.id)"
            require(seen.insert(site.id).inserted, subject, "given twice", "an id of its own for each site")
            require(
                !Layout.roleWords.contains(site.id.rawValue) && Layout.named(site.id.rawValue) == nil, subject,
                site.id.rawValue, "an id that is no layout's name and no role word")
            require(gains.contains(site.gain), subject, "gain \(site.gain)", ConferencePlan.gainExpectation)
            layout(site.layout, subject, sites)
            if let audio = site.audio { self.audio(audio, "\(subject): audio") }
            if let video = site.video { self.video(video, "\(subject): video") }
            require(
                site.sendsSound || site.sendsPicture, subject, "no media",
                "audio or video, or both, or something to play")
        }
    }

    private var gains: ClosedRange<Double> { ConferencePlan.gains }

    private mutating func audio(_ audio: AudioPlan, _ subject: String) {
        bitrate(audio.bitrate, in: 6_000...510_000, subject, "6k to 510k")
        destination(audio.destination, subject)
        destination(audio.rtcpDestination, subject)
        require(
            ConferencePlan.isDelay(audio.delay), subject, "jitter \(audio.delay.lowerBound)-\(audio.delay.upperBound)",
            ConferencePlan.delayExpectation)
        require(
            ConferencePlan.packetTimes.contains(audio.packetTime), subject, "ptime \(audio.packetTime)",
            ConferencePlan.packetTimeExpectation)
        line(audio.secondLine, beside: audio.destination, subject)
        security(audio.security, subject)
    }

    private mutating func video(_ video: VideoPlan, _ subject: String) {
        bitrate(video.bitrate, in: 32_000...50_000_000, subject, "32k to 50M")
        size(video.size, subject)
        frameRate(video.frameRate, subject)
        require(
            (0...1).contains(video.packetizationMode), subject, "packetization-mode \(video.packetizationMode)",
            "0 or 1")
        destination(video.destination, subject)
        destination(video.rtcpDestination, subject)
        line(video.secondLine, beside: video.destination, subject)
        security(video.security, subject)
        repair(video.repair, of: video, subject)
    }

    private mutating func line(_ line: SecondLine?, beside first: HostPort?, _ subject: String) {
        guard let second = line?.destination else { return }
        destination(second, subject, "to2")
        require(first != nil, subject, "to2 \(second)", "a first line too (to): the second carries the same")
        require(first != second, subject, "to2 \(second)", "another address than the first line's")
    }

    /// RFC 4568 section 5.1.2: the answer has the suite of the offer.
    private mutating func security(_ security: SecurityPlan?, _ subject: String) {
        guard let security else { return }
        let (received, sent) = (security.receiveKey.suite, security.sendKey.suite)
        require(
            received == sent, subject, "srtp \(sent.rawValue)", "one suite both ways; the site has \(received.rawValue)"
        )
    }

    /// Payload types that say two things would make pictures of what is none.
    private mutating func repair(_ repair: RepairPlan, of video: VideoPlan, _ subject: String) {
        var owners: [PayloadType: String] = [video.payloadType: video.codec.rawValue]
        for (payloadType, codec) in video.accepts { owners[payloadType] = codec.rawValue }
        var uses = repair.retransmitted.keys.sorted { $0.rawValue < $1.rawValue }.map { ("rtx", $0) }
        if let ours = repair.retransmission, repair.retransmitted[ours] == nil { uses.append(("rtx", ours)) }
        uses += [("ulpfec", repair.fec), ("red", repair.redundant)].compactMap { name, type in type.map { (name, $0) } }
        for (name, payloadType) in uses {
            if let owner = owners[payloadType] {
                require(
                    false, subject, "\(name) \(payloadType)", "a payload type of its own; \(payloadType) is \(owner)'s")
            }
            owners[payloadType] = owners[payloadType] ?? name
        }
        let repairable = Set(video.accepts.keys).union([video.payloadType]).union(repair.redundant.map { [$0] } ?? [])
        for (name, payloadType) in uses where name == "rtx" {
            guard let repaired = repair.retransmitted[payloadType], !repairable.contains(repaired) else { continue }
            require(
                false, subject, "rtx \(payloadType)", "retransmissions of a payload type in use, not of \(repaired)")
        }
        if let ours = repair.retransmission {
            require(repair.feedback.contains(.nack), subject, "rtx \(ours)", "feedback with nack, which it answers")
        }
        if let id = repair.transportExtension {
            require((1...14).contains(id), subject, "transport-cc \(id)", "the id of a header extension, 1 to 14")
        }
        require(
            repair.feedback.contains(.transport) == (repair.transportExtension != nil), subject,
            "feedback transport-cc",
            "the id of its header extension (transport-cc) with it, and not one without the other")
    }

    /// Each medium takes its port and, for RTCP, the next one, whether or not the peer multiplexes.
    mutating func ports(_ sites: [SitePlan]) {
        var owners: [Int: String] = [:]
        for site in sites {
            let ports = [
                ("audio", site.audio?.port), ("video", site.video?.port), ("audio2", site.audio?.secondLine?.port),
                ("video2", site.video?.secondLine?.port),
            ]
            for (medium, port) in ports {
                guard let port else { continue }
                let subject = "site \(site.id): \(medium)"
                guard (1...65_534).contains(port) else {
                    problems.append(PlanProblem(subject, value: "port \(port)", expected: "a UDP port from 1 to 65534"))
                    continue
                }
                for (taken, purpose) in [(port, "port \(port)"), (port + 1, "port \(port + 1) for RTCP")] {
                    if let owner = owners[taken] {
                        problems.append(
                            PlanProblem(subject, value: purpose, expected: "a port that \(owner) doesn't take"))
                    } else {
                        owners[taken] = subject
                    }
                }
            }
        }
    }

    mutating func programs(_ programs: [ProgramPlan], _ sites: [SitePlan]) {
        require(!programs.isEmpty, "conference", "no program", "at least the room program")
        var seen: Set<ProgramID> = []
        var homes: [SiteID: ProgramID] = [:]
        let known = Set(sites.map(\.id))
        for program in programs {
            let subject = "program \(program.id)"
            require(seen.insert(program.id).inserted, subject, "given twice", "an id of its own for each program")
            for viewer in program.viewers {
                require(known.contains(viewer), subject, "to \(viewer)", "the id of a site")
                if let home = homes[viewer] {
                    require(
                        false, subject, "to \(viewer)",
                        home == program.id ? "each site once" : "a site that is not in program \(home) already")
                }
                homes[viewer] = program.id
            }
            if case .only(let heard) = program.sound {
                for id in heard.sorted() where !known.contains(id) {
                    require(false, subject, "sound \(id)", "the id of a site")
                }
            }
            layout(program.layout, subject, sites)
            size(program.size, subject)
            frameRate(program.frameRate, subject)
        }
        for site in sites where homes[site.id] == nil {
            require(false, "site \(site.id)", "in no program", "to be in one, as a rule in room")
        }
    }

    /// A backup must be able to stand for its link, and to be sent what the link is sent.
    mutating func backups(_ plan: ConferencePlan) {
        var owners: [SiteID: SiteID] = [:]
        for site in plan.sites {
            guard let id = site.backupOf else { continue }
            let (subject, value) = ("site \(site.id)", "backup \(id)")
            guard site.kind != .site else {
                require(false, subject, value, "it of an uplink or a downlink; \(site.id) is a plain site")
                continue
            }
            let kind = site.kind.rawValue
            guard id != site.id else {
                require(false, subject, value, "the id of another \(kind)")
                continue
            }
            guard let main = plan.sites.first(where: { $0.id == id }) else {
                let ids = plan.sites.filter { $0.kind == site.kind && $0.backupOf == nil }.map(\.id.rawValue)
                require(
                    false, subject, value,
                    "the id of another \(kind)"
                        + (ids.isEmpty ? "; there is none" : ", one of " + ids.joined(separator: ", ")))
                continue
            }
            require(main.kind == site.kind, subject, value, "the id of another \(kind); \(id) is a \(main.kind.words)")
            require(main.backupOf == nil, subject, value, "a link that isn't a backup itself; \(id) is one")
            if let owner = owners[id] {
                require(false, subject, value, "one backup a link; \(id) has \(owner)")
            }
            owners[id] = owners[id] ?? site.id
            require(
                (main.audio == nil) == (site.audio == nil) && (main.video == nil) == (site.video == nil), subject,
                value, "the same media as \(id) has")
            let homes = plan.programs.filter { $0.viewers.contains(id) || $0.viewers.contains(site.id) }
            require(homes.count <= 1, subject, value, "one program for both")
        }
    }

    /// Slides are a site's second picture, and seen where slides are.
    mutating func slides(_ plan: ConferencePlan) {
        for site in plan.sites {
            guard let id = site.slidesOf else { continue }
            let subject = "site \(site.id)"
            require(
                plan.sites.contains { $0.id == id && $0.slidesOf == nil && $0.kind == .site }, subject,
                "slides of \(id)",
                "them of a site that is no link")
            require(
                plan.programs.contains { $0.isSlides && $0.viewers.contains(site.id) }, subject, "slides",
                "a conference that began with slides of a site: they are a program of their own")
        }
    }

    mutating func conference(_ plan: ConferencePlan) {
        let subject = "conference"
        if let lecturer = plan.lecturer {
            require(
                plan.sites.contains { $0.id == lecturer && $0.backupOf == nil }, subject, "lecturer \(lecturer)",
                "the id of a site that is no backup")
        }
        if let hub = plan.hub {
            require(
                plan.sites.contains { $0.id == hub && $0.kind == .site }, subject, "hub \(hub)",
                "the id of a site that is no link")
        }
        require((0.5...60).contains(plan.gop), subject, "gop \(plan.gop)", "0.5 to 60 seconds")
        require((1...1_000).contains(plan.loudest), subject, "loudest \(plan.loudest)", "1 to 1000")
        for (name, value) in [("dscp-audio", plan.audioDSCP), ("dscp-video", plan.videoDSCP)] {
            require((0...63).contains(value), subject, "\(name) \(value)", "0 to 63")
        }
    }

    private mutating func layout(_ layout: Layout?, _ subject: String, _ sites: [SitePlan]) {
        guard let layout else { return }
        for id in layout.pinnedSites.sorted() where !sites.contains(where: { $0.id == id }) {
            require(false, subject, "layout \(layout)", "ids of sites in the drawing; \(id) is none")
        }
        for site in sites where site.backupOf != nil && layout.pinnedSites.contains(site.id) {
            require(false, subject, "layout \(layout)", "sites shown in their own name; \(site.id) is a backup")
        }
    }

    private mutating func size(_ size: Size, _ subject: String) {
        let isEven = size.width % 2 == 0 && size.height % 2 == 0
        let fits = Self.widths.contains(size.width) && Self.heights.contains(size.height)
        require(isEven && fits, subject, "size \(size)", "even numbers from 64x64 to 4096x2304")
    }

    private mutating func frameRate(_ rate: Int, _ subject: String) {
        require(Self.frameRates.contains(rate), subject, "fps \(rate)", "1 to 60")
    }

    private mutating func bitrate(_ rate: Bitrate, in range: ClosedRange<Int>, _ subject: String, _ expected: String) {
        require(range.contains(rate.bitsPerSecond), subject, "bitrate \(rate)", expected)
    }

    private mutating func destination(_ destination: HostPort?, _ subject: String, _ key: String = "to") {
        guard let destination else { return }
        require(
            (1...65_535).contains(destination.port), subject, "\(key) \(destination)", "a UDP port from 1 to 65535")
    }

    private mutating func require(_ holds: Bool, _ subject: String, _ value: String, _ expected: String) {
        if !holds { problems.append(PlanProblem(subject, value: value, expected: expected)) }
    }
}

extension SiteKind {
    fileprivate var words: String { self == .site ? "plain site" : rawValue }
}
