import Conference
import Media

/// What `check` prints: the plan as people read it.
package struct PlanReport {
    private let configuration: Configuration
    private var plan: ConferencePlan { configuration.plan }

    package init(_ configuration: Configuration) { self.configuration = configuration }

    package var lines: [String] {
        var lines = ["Sites"] + sites.lines + ["", "Lines"] + transports.lines
        for program in plan.programs { lines += [""] + describe(program) }
        lines += ["", "Encode groups"] + groups.lines
        return lines + ["", general, floor]
    }

    private var sites: TextTable {
        var table = TextTable([
            ("id", .left), ("name", .left), ("kind", .left), ("audio", .right), ("video", .right), ("audio to", .left),
            ("video to", .left), ("from", .left), ("codecs", .left), ("picture", .left), ("program", .left),
            ("group", .right),
        ])
        let groups = EncodeGroupPlan.groups(of: plan)
        for site in plan.sites {
            let group = groups.firstIndex { $0.sites.contains(site.id) }
            let audioCodec = site.audio.map { "\($0.codec.rawValue)/\($0.payloadType)" }
            let videoCodec = site.video.map { "\($0.codec.rawValue)/\($0.payloadType)" }
            let program = plan.programs.first { $0.viewers.contains(site.id) }?.id.rawValue
            table.add([
                site.id.rawValue, TextTable.shortened(site.name, to: 32),
                site.slidesOf.map { "slides of \($0)" }
                    ?? site.kind.rawValue + (site.backupOf.map { ", backup of \($0)" } ?? ""), ports(site.audio?.port),
                ports(site.video?.port), site.audio?.destination?.description ?? "-",
                site.video?.destination?.description ?? "-", describe(site.source, site),
                [audioCodec, videoCodec].compactMap(\.self).joined(separator: " "),
                site.video.map { describe($0.size, $0.frameRate, $0.bitrate) } ?? "-",
                (program ?? "-") + (site.layout.map { " (\($0))" } ?? ""), group.map { "\($0 + 1)" } ?? "-",
            ])
        }
        return table
    }

    /// What each site's packets go through: the second line, SRTP (without its keys), repair, rate and delay.
    private var transports: TextTable {
        var table = TextTable([
            ("id", .left), ("2nd line in", .left), ("2nd line out", .left), ("SRTP", .left), ("feedback", .left),
            ("repair", .left), ("rate", .left), ("jitter buffer", .left), ("ptime", .right),
        ])
        for site in plan.sites {
            let lines = [site.audio?.secondLine, site.video?.secondLine]
            let suites = [site.audio?.security?.receiveKey.suite, site.video?.security?.receiveKey.suite]
            table.add([
                site.id.rawValue, pair(lines.map { $0?.port.map { "\($0)+\($0 + 1)" } }, of: site),
                pair(lines.map { $0?.destination?.description }, of: site), pair(suites.map { $0?.rawValue }, of: site),
                site.video.map { $0.repair.feedback.text } ?? "-", site.video.map { describe($0.repair) } ?? "-",
                site.video.map { $0.adapts ? "adapts" : "fixed" } ?? "-",
                site.audio.map { "\($0.delay.lowerBound)-\($0.delay.upperBound) ms" } ?? "-",
                site.audio.map { "\($0.packetTime) ms" } ?? "-",
            ])
        }
        return table
    }

    /// What the sound and the pictures have, once if it is the same.
    private func pair(_ values: [String?], of site: SitePlan) -> String {
        let there = zip(values, [site.audio != nil, site.video != nil]).filter(\.1).map { $0.0 ?? "-" }
        return there.allSatisfy { $0 == there.first } ? there.first ?? "-" : there.joined(separator: " ")
    }

    private func describe(_ repair: RepairPlan) -> String {
        let parts: [String?] = [
            repair.retransmission.map { "rtx/\($0)" },
            // Where the site's retransmissions are of other payload types than ours.
            Self.words(of: repair.retransmitted.keys.filter { $0 != repair.retransmission }).map { "rtx in/\($0)" },
            repair.fec.map { "ulpfec/\($0)" }, repair.redundant.map { "red/\($0)" },
            repair.transportExtension.map { "transport-cc/\($0)" },
        ]
        let said = parts.compactMap(\.self)
        return said.isEmpty ? "-" : said.joined(separator: " ")
    }

    private static func words(of types: [PayloadType]) -> String? {
        types.isEmpty ? nil : types.map(\.rawValue).sorted().map { "\($0)" }.joined(separator: "+")
    }

    private func ports(_ port: Int?) -> String { port.map { "\($0)+\($0 + 1)" } ?? "-" }

    private func describe(_ rule: SourceRule, _ site: SitePlan) -> String {
        switch rule {
        case .any: return "anywhere"
        case .host(let host): return host
        case .destination:
            let hosts = [site.audio?.destination?.host, site.video?.destination?.host].compactMap(\.self)
            return hosts.count == 2 && hosts[0] == hosts[1] ? hosts[0] : hosts.joined(separator: ", ")
        }
    }

    private func describe(_ size: Size, _ frameRate: Int, _ bitrate: Bitrate) -> String {
        "\(size) \(frameRate) fps \(bitrate)"
    }

    private func describe(_ program: ProgramPlan) -> [String] {
        let viewers = program.viewers.isEmpty ? "nobody" : program.viewers.map(\.rawValue).joined(separator: ", ")
        let sound =
            switch program.sound {
            case .all: "all"
            case .none: "none"
            case .only(let sites): sites.sorted().map(\.rawValue).joined(separator: ", ")
            }
        let layout = program.layout.resolved(
            forSites: plan.sites.lazy.filter { $0.sendsPicture && $0.backupOf == nil && $0.slidesOf == nil }.count)
        let name = layout == program.layout ? "\(layout)" : "\(program.layout), now \(layout)"
        return [
            "Program \(program.id): layout \(name), \(program.size) \(program.frameRate) fps, \(program.fit.rawValue)",
            "  seen by \(viewers); sound of \(sound)",
        ] + LayoutPicture(layout, width: 40).lines.map { "  " + $0 }
    }

    private var groups: TextTable {
        var table = TextTable([
            ("no.", .right), ("program", .left), ("layout", .left), ("codec", .left), ("picture", .left),
            ("sites", .left),
        ])
        for (index, group) in EncodeGroupPlan.groups(of: plan).enumerated() {
            let rendition = group.rendition
            let codec = [
                rendition.codec.rawValue, rendition.profile?.rawValue, rendition.packetizationMode.map { "mode \($0)" },
            ]
            table.add([
                "\(index + 1)", rendition.program.rawValue, TextTable.shortened("\(rendition.layout)", to: 32),
                codec.compactMap(\.self).joined(separator: " "),
                describe(rendition.size, rendition.frameRate, rendition.bitrate),
                group.sites.map(\.rawValue).joined(separator: ", "),
            ])
        }
        return table
    }

    private var general: String {
        let server = configuration.server
        let parts = [
            "bind \(plan.bindAddress)", "http \(server.http?.description ?? "off")",
            "keyframe every \(DecimalText.of(plan.gop, digits: 1)) s at most", "\(plan.loudest) loudest",
            "preset \(plan.preset ?? "auto")", "DSCP \(plan.audioDSCP)/\(plan.videoDSCP)",
            plan.encoder.map { "encoder \($0)" }, plan.lecturer.map { "lecturer \($0)" },
            hub.map { "hub \($0)" },
            server.sdpDirectory.map { "SDP files in \($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    /// The hub, where there is an uplink that it may be shown to or stand in for.
    private var hub: SiteID? {
        guard plan.sites.contains(where: { $0.kind == .uplink }) else { return plan.hub }
        return plan.hub ?? plan.sites.first { $0.kind == .site && !$0.isPlayer }?.id
    }

    private var floor: String {
        let floor = CPUFloor(of: plan)
        return "CPU, at least: \(DecimalText.of(floor.cores, digits: 2)) cores "
            + "(pictures \(DecimalText.of(floor.video, digits: 2)), sound \(DecimalText.of(floor.audio, digits: 2))), "
            + "with 1280x720 coming in from every site"
    }
}

extension FeedbackKinds {
    /// As `feedback=` has it.
    fileprivate var text: String {
        if isEmpty { return "none" }
        return self == .standard
            ? "standard" : Self.words.filter { contains($0.kind) }.map(\.word).joined(separator: "+")
    }
}
