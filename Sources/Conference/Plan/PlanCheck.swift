import Media

/// The checks of a plan as a whole. Single values were checked when they were read; here is what they must be to each
/// other, and the limits of what the bridge runs.
extension ConferencePlan {
    /// The gains a site may have, in dB.
    package static let gains = -60.0...20.0
    package static let gainExpectation = "a gain from -60 to 20 dB"

    /// Everything that keeps the plan from being run, in the order of the plan; empty if it can be.
    package func problems() -> [PlanProblem] {
        var check = PlanCheck()
        check.sites(sites)
        check.ports(sites)
        check.programs(programs, sites)
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
            require(site.audio != nil || site.video != nil, subject, "no media", "audio or video, or both")
        }
    }

    private var gains: ClosedRange<Double> { ConferencePlan.gains }

    private mutating func audio(_ audio: AudioPlan, _ subject: String) {
        bitrate(audio.bitrate, in: 6_000...510_000, subject, "6k to 510k")
        destination(audio.destination, subject)
        destination(audio.rtcpDestination, subject)
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
    }

    /// Each medium takes its port and, for RTCP, the next one, whether or not the peer multiplexes.
    mutating func ports(_ sites: [SitePlan]) {
        var owners: [Int: String] = [:]
        for site in sites {
            for (medium, port) in [("audio", site.audio?.port), ("video", site.video?.port)] {
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

    mutating func conference(_ plan: ConferencePlan) {
        let subject = "conference"
        if let lecturer = plan.lecturer {
            require(plan.sites.contains { $0.id == lecturer }, subject, "lecturer \(lecturer)", "the id of a site")
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

    private mutating func destination(_ destination: HostPort?, _ subject: String) {
        guard let destination else { return }
        require(
            (1...65_535).contains(destination.port), subject, "to \(destination)", "a UDP port from 1 to 65535")
    }

    private mutating func require(_ holds: Bool, _ subject: String, _ value: String, _ expected: String) {
        if !holds { problems.append(PlanProblem(subject, value: value, expected: expected)) }
    }
}
