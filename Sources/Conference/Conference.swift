import Glibc
import Media

/// One meeting: its sites, its programs, who speaks. Pure state: operators' commands, levels and the health of each
/// site go in with the time; views, appearances and the sound plan come out. It is cheap to ask at every tick, since what
/// comes out is kept until something it depends on has changed.
package struct Conference: Sendable {
    /// What views depend on.
    struct Revision: Hashable {
        /// Sites, layouts and slides: a change lays the views out afresh, in the operator's order.
        var arrangement = 0
        /// Speakers and pictures: a change moves only the cells it must.
        var speakers = 0
        /// Whom the lecturer watches, by time.
        var turn = 0
    }

    /// How long the lecturer watches each site.
    package static let turnLength = Interval.seconds(10)

    /// In the operator's order, which is that of the levels too. Sites that don't take part keep their place.
    package private(set) var sites: [Site]
    package private(set) var lecturer: SiteID?
    /// The site whose picture is the slides.
    package private(set) var slides: SiteID?
    /// The site that stands as the active speaker, whoever speaks.
    package private(set) var calledUp: SiteID?
    /// Everything that decides who is heard. Only a command changes it.
    package private(set) var soundPlan: SoundPlan

    private var plan: ConferencePlan
    private var programs: [Program]
    private var voices = ActiveSpeaker()
    private var revision = Revision()

    /// - Parameter plan: one without `problems()`.
    package init(_ plan: ConferencePlan) {
        self.plan = plan
        sites = plan.sites.map(Site.init)
        programs = plan.programs.map(Program.init)
        lecturer = plan.lecturer
        soundPlan = SoundPlan(sources: [], mixes: [], loudest: plan.loudest)
        commit()
    }

    package var programIDs: [ProgramID] { programs.map(\.plan.id) }

    /// The layout of a program, as the operator gave it.
    package func layout(of program: ProgramID) -> Layout? {
        programs.first { $0.plan.id == program }?.plan.layout
    }

    /// The place of a site in `sites`.
    package func index(of site: SiteID) -> Int? { sites.firstIndex { $0.id == site } }
}

// MARK: - What comes in

extension Conference {
    /// Takes the levels of one audio tick: mean dBov of each site's last 20 ms, in the order of `sites`.
    package mutating func handle(levels: Span<Float>, at now: Instant) {
        if voices.handle(levels, at: now) { revision.speakers += 1 }
    }

    /// Takes the health of the site at `index` of `sites`, and says how its cell looks.
    @discardableResult
    package mutating func handle(_ health: Health, of index: Int, at now: Instant) -> Appearance {
        guard sites[index].plan.video != nil else { return sites[index].appearance }
        let appearance = health.appearance(at: now)
        guard appearance != sites[index].appearance else { return appearance }
        if appearance.hasPicture != sites[index].appearance.hasPicture { revision.speakers += 1 }
        sites[index].appearance = appearance
        return appearance
    }

    /// Obeys an operator.
    /// - Throws: `CommandError`; nothing has changed then.
    package mutating func apply(_ command: Command) throws(CommandError) {
        switch command {
        case .layout(let layout, let id):
            let program = try place(of: id)
            try check(layout)
            programs[program].plan.layout = layout
        case .siteLayout(let layout, let id):
            let site = try place(of: id)
            if let layout { try check(layout) }
            sites[site].layout = layout
        case .mute(let id): sites[try place(of: id)].isMuted = true
        case .unmute(let id): sites[try place(of: id)].isMuted = false
        case .gain(let id, let gain):
            let site = try place(of: id)
            guard ConferencePlan.gains.contains(gain) else { throw .gainOutOfRange(gain) }
            sites[site].gain = gain
        case .lecturer(let id):
            if let id { _ = try place(of: id) }
            lecturer = id
        case .slides(let id):
            if let id { _ = try place(of: id) }
            slides = id
        case .callUp(let id):
            if let id { _ = try place(of: id) }
            calledUp = id
        case .enable(let id): sites[try place(of: id)].isEnabled = true
        case .disable(let id): sites[try place(of: id)].isEnabled = false
        case .add(let site, let id): try add(site, to: try place(of: id))
        case .remove(let id): remove(at: try place(of: id))
        }
        switch command {
        case .mute, .unmute, .gain: break
        case .lecturer, .callUp: revision.speakers += 1
        case .layout, .siteLayout, .slides, .enable, .disable, .add, .remove: revision.arrangement += 1
        }
        commit()
    }
}

// MARK: - What comes out

extension Conference {
    /// The views of a program at `now`, one per group of viewers; none for an unknown program. The same values come back
    /// until a view changes.
    package mutating func views(of program: ProgramID, at now: Instant) -> [ViewerGroup] {
        guard let index = programs.firstIndex(where: { $0.plan.id == program }) else { return [] }
        var revision = revision
        // Only a lecture goes by time.
        if lecturer != nil { revision.turn = Int(now.nanoseconds / Self.turnLength.nanoseconds) }
        if programs[index].isStale(at: revision) {
            let resolver = ViewResolver(
                roster: Roster(sites.filter(\.isEnabled).map(\.entry)), speakers: speakers, lecturer: lecturer,
                slides: slides, turn: revision.turn)
            programs[index].resolve(resolver, sites: sites, at: revision)
        }
        return programs[index].groups
    }

    /// Who was the active speaker, latest first; a site that was called up before all others.
    package var speakers: [SiteID] {
        guard let calledUp else { return voices.speakers }
        return [calledUp] + voices.speakers.filter { $0 != calledUp }
    }

    /// Who has the largest cell where a view shows the speaker: the site called up, else the active speaker by voice.
    package var activeSpeaker: SiteID? { calledUp ?? voices.activeSpeaker }
    package var previousSpeaker: SiteID? { speakers.dropFirst().first }

    /// Whether the site at `index` of `sites` is heard now, for the border of its cell.
    package func isSpeaking(_ index: Int) -> Bool { voices.isSpeaking(index) }
}

// MARK: - Keeping it consistent

extension Conference {
    private func place(of site: SiteID) throws(CommandError) -> Int {
        guard let index = index(of: site) else { throw .unknownSite(site) }
        return index
    }

    private func place(of program: ProgramID) throws(CommandError) -> Int {
        guard let index = programs.firstIndex(where: { $0.plan.id == program }) else { throw .unknownProgram(program) }
        return index
    }

    private func check(_ layout: Layout) throws(CommandError) {
        for site in layout.pinnedSites.sorted() { _ = try place(of: site) }
    }

    private mutating func add(_ site: SitePlan, to program: Int) throws(CommandError) {
        var wanted = plan
        wanted.sites.append(site)
        wanted.programs[program].viewers.append(site.id)
        // What was wrong before, such as a sound rule that names a site removed since, is not this site's fault.
        let known = Set(plan.problems())
        if let problem = wanted.problems().first(where: { !known.contains($0) }) { throw .invalid(problem) }
        plan = wanted
        sites.append(Site(site))
        programs[program].plan.viewers.append(site.id)
    }

    private mutating func remove(at index: Int) {
        let id = sites.remove(at: index).id
        plan.sites.removeAll { $0.id == id }
        for program in programs.indices {
            programs[program].plan.viewers.removeAll { $0 == id }
            plan.programs[program].viewers.removeAll { $0 == id }
        }
        if lecturer == id { lecturer = nil }
        if slides == id { slides = nil }
        if calledUp == id { calledUp = nil }
    }

    /// Brings what follows from the state up to date after a command.
    private mutating func commit() {
        voices.setSites(sites.map(\.id))
        for (index, site) in sites.enumerated() { voices.setMuted(site.isMuted || !site.isEnabled, at: index) }
        let sources = sites.map { site in
            let gain = site.isMuted || !site.isEnabled ? 0 : powf(10, Float(site.gain) / 20)
            return SoundPlan.Source(site: site.id, gain: gain)
        }
        let enabled = Set(sites.lazy.filter(\.isEnabled).map(\.id))
        let mixes = programs.map { program in
            SoundPlan.Mix(
                program: program.plan.id, rule: program.plan.sound,
                listeners: program.plan.viewers.filter(enabled.contains))
        }
        soundPlan = SoundPlan(sources: sources, mixes: mixes, loudest: plan.loudest)
    }
}
