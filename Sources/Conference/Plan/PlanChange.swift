import Media

/// What makes a running conference follow its changed config file: the difference of two plans, as commands. What an operator
/// changed meanwhile, and the file did not, stays as it is.
package struct PlanChange: Hashable, Sendable {
    /// One after the other: a site whose line is another one now leaves and comes again.
    package private(set) var commands: [Command] = []
    /// What can't be changed while the conference runs, by the config file's words.
    package private(set) var needsRestart: [String] = []

    package init(from old: ConferencePlan, to new: ConferencePlan) {
        let before = Dictionary(uniqueKeysWithValues: old.sites.map { ($0.id, $0) })
        let after = Dictionary(uniqueKeysWithValues: new.sites.map { ($0.id, $0) })
        let moved = Set(
            new.sites.lazy.map(\.id).filter { Self.home(of: $0, in: old) != Self.home(of: $0, in: new) })
        func comesAgain(_ site: SitePlan) -> Bool {
            // Slides leave and come with their site.
            if let presenter = site.slidesOf.flatMap({ after[$0] }), comesAgain(presenter) { return true }
            guard let was = before[site.id] else { return true }
            return moved.contains(site.id) || !Self.isSameLine(was, site)
        }
        // Backups and slides leave before their sites, and come after them.
        let leaving = old.sites.filter { site in after[site.id].map(comesAgain) ?? true }
        commands += Self.dependentsLast(leaving).reversed().map { .remove($0.id) }
        for site in Self.dependentsLast(new.sites.filter(comesAgain)) {
            if let home = Self.home(of: site.id, in: new) { commands.append(.add(site, program: home)) }
        }
        for site in new.sites {
            if let was = before[site.id], !comesAgain(site) { commands += Self.commands(from: was, to: site) }
        }
        programs(from: old, to: new)
        if old.lecturer != new.lecturer { commands.append(.lecturer(new.lecturer)) }
        if old.hub != new.hub { commands.append(.hub(new.hub)) }
        let fixed: [(String, Bool)] = [
            ("bind", old.bindAddress != new.bindAddress), ("gop", old.gop != new.gop),
            ("loudest", old.loudest != new.loudest), ("preset", old.preset != new.preset),
            ("encoder", old.encoder != new.encoder), ("dscp-audio", old.audioDSCP != new.audioDSCP),
            ("dscp-video", old.videoDSCP != new.videoDSCP),
        ]
        needsRestart += fixed.filter(\.1).map(\.0)
    }

    private mutating func programs(from old: ConferencePlan, to new: ConferencePlan) {
        for program in new.programs {
            guard let was = old.programs.first(where: { $0.id == program.id }) else {
                needsRestart.append("program \(program.id)")
                continue
            }
            if was.layout != program.layout { commands.append(.layout(program.layout, program: program.id)) }
            var same = was
            (same.layout, same.viewers) = (program.layout, program.viewers)
            if same != program { needsRestart.append("program \(program.id)") }
        }
        for program in old.programs where !new.programs.contains(where: { $0.id == program.id }) {
            needsRestart.append("program \(program.id)")
        }
    }

    /// Whether nothing differs but what commands change.
    private static func isSameLine(_ old: SitePlan, _ new: SitePlan) -> Bool {
        var same = old
        (same.gain, same.isMuted, same.layout, same.player) = (new.gain, new.isMuted, new.layout, new.player)
        return same == new
    }

    private static func commands(from old: SitePlan, to new: SitePlan) -> [Command] {
        var commands: [Command] = []
        if old.gain != new.gain { commands.append(.gain(new.id, new.gain)) }
        if old.isMuted != new.isMuted { commands.append(new.isMuted ? .mute(new.id) : .unmute(new.id)) }
        if old.layout != new.layout { commands.append(.siteLayout(new.layout, new.id)) }
        if old.player != new.player { commands.append(.play(new.id, new.player)) }
        return commands
    }

    private static func home(of site: SiteID, in plan: ConferencePlan) -> ProgramID? {
        plan.programs.first { $0.viewers.contains(site) }?.id
    }

    private static func dependentsLast(_ sites: [SitePlan]) -> [SitePlan] {
        func isDependent(_ site: SitePlan) -> Bool { site.backupOf != nil || site.slidesOf != nil }
        return sites.filter { !isDependent($0) } + sites.filter(isDependent)
    }
}
