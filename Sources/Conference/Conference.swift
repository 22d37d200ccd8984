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

    /// By which the bridges of a cascade know this one.
    package let id: BridgeID
    /// In the operator's order, which is that of the levels too. Sites that don't take part keep their place.
    package internal(set) var sites: [Site]
    /// The places of the sites that the cascade has to do with: links, and lines on which a bridge or our own media was heard.
    /// Of a thousand listeners none is.
    private(set) var lines: [Int] = []
    package private(set) var lecturer: SiteID?
    /// The site whose picture the operator made the slides.
    package private(set) var slides: SiteID?
    /// Those who show slides on a line of their own, the latest first.
    private var presenting: [SiteID] = []
    /// The site that stands as the active speaker, whoever speaks.
    package private(set) var calledUp: SiteID?
    /// Everything that decides who is heard. Commands change it, a loop that is cut, and a backup that takes over.
    package private(set) var soundPlan: SoundPlan

    private var plan: ConferencePlan
    var programs: [Program]
    var desk = Desk()
    private var voices = ActiveSpeaker()
    private var returnFloor = ReturnFloor()
    var revision = Revision()
    /// Counts up with every site that comes or goes: places among `sites` hold until then.
    package private(set) var rosterRevision = 0
    /// Counts up with all that announcements depend on.
    var news = 0
    /// When they are due, and how far the look at all sites is.
    var announcements = AnnouncementRound()
    var events = EventQueue()

    /// - Parameters:
    ///   - plan: one without `problems()`.
    ///   - id: new at each start of a bridge.
    package init(_ plan: ConferencePlan, id: BridgeID) {
        self.plan = plan
        self.id = id
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

    /// The operator's words across a program's picture.
    package func caption(of program: ProgramID) -> String? { programs.first { $0.plan.id == program }?.caption }

    /// The program that a site gets; `nil` for an unknown one.
    package func program(of site: SiteID) -> ProgramID? {
        programs.first { $0.plan.viewers.contains(site) }?.plan.id
    }

    /// The place of a site in `sites`.
    package func index(of site: SiteID) -> Int? { sites.firstIndex { $0.id == site } }
}

// MARK: - What comes in

extension Conference {
    /// Takes the levels of one audio tick: mean dBov of each site's last 20 ms, in the order of `sites`.
    package mutating func handle(levels: Span<Float>, at now: Instant) {
        let wereSpeaking = voices.speakingChanges
        if voices.handle(levels, at: now) { revision.speakers += 1 }
        if returnFloor.handle(levels, at: now) { revision.speakers += 1 }
        if voices.speakingChanges != wereSpeaking { news += 1 }
        step(at: now)
    }

    /// Takes the health of the site at `index` of `sites`, and says how its cell looks. Told the same by several programs
    /// it stays the same.
    @discardableResult
    package mutating func handle(_ health: Health, of index: Int, at now: Instant) -> Appearance {
        guard sites[index].plan.sendsPicture else { return sites[index].appearance }
        sites[index].link.liveness.take(health)
        let appearance = sites[index].link.isCut ? .slate(.loop) : health.appearance(at: now)
        setAppearance(appearance, of: index)
        return appearance
    }

    mutating func setAppearance(_ appearance: Appearance, of index: Int) {
        guard appearance != sites[index].appearance else { return }
        if appearance.hasPicture != sites[index].appearance.hasPicture {
            revision.speakers += 1
            news += 1
            if sites[index].plan.slidesOf != nil {
                presenting.removeAll { $0 == sites[index].id }
                if appearance.hasPicture { presenting.insert(sites[index].id, at: 0) }
            }
        }
        sites[index].appearance = appearance
    }

    /// Obeys an operator.
    /// - Throws: `CommandError`; nothing has changed then.
    package mutating func apply(_ command: Command) throws(CommandError) { try apply([command]) }

    /// Obeys, without a way back.
    mutating func obey(_ command: Command) throws(CommandError) {
        switch command {
        case .layout(let layout, let id):
            let program = try place(of: id)
            try check(layout)
            programs[program].plan.layout = layout
        case .pin(let site, let cell, let id):
            if let site { _ = try place(ofSource: site) }
            try pin(site, in: cell, of: try place(of: id))
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
            if let id { _ = try place(ofSource: id) }
            lecturer = id
        case .slides(nil): slides = nil
        case .slides(let id?):
            let site = try place(ofSource: id)
            slides = (sites.first { $0.presenter == site } ?? sites[site]).id
        case .callUp(let id):
            if let id { _ = try place(ofSource: id) }
            calledUp = id
        case .hub(let id):
            if let id, sites[try place(of: id)].plan.kind != .site { throw .link(id) }
            plan.hub = id
        case .caption(let text, let id):
            let program = try place(of: id)
            if let text {
                let isOneLine = !text.contains(where: \.isNewline)
                guard isOneLine, (1...CommandError.longestCaption).contains(text.count) else {
                    throw .captionTooLong(text.count)
                }
            }
            programs[program].caption = text
        case .enable(let id): sites[try place(of: id)].isEnabled = true
        case .disable(let id): sites[try place(of: id)].isEnabled = false
        case .play(let id, let player):
            let site = try place(of: id)
            guard sites[site].plan.isPlayer else { throw .noPlayer(id) }
            sites[site].plan.player = player
        case .add(let site, let id): try add(site, to: try place(of: id))
        case .remove(let id): remove(at: try place(of: id))
        }
        switch command {
        case .mute, .unmute, .gain, .play: break
        case .lecturer, .callUp, .hub, .caption: revision.speakers += 1
        case .layout, .pin, .siteLayout, .slides, .enable, .disable, .add, .remove: revision.arrangement += 1
        }
        news += 1
        commit()
    }
}

// MARK: - What comes out

extension Conference {
    /// The views of a program at `now`, one per group of viewers; none for an unknown program. The same values come back
    /// until a view changes.
    package mutating func views(of program: ProgramID, at now: Instant) -> [ViewerGroup] {
        guard let index = programs.firstIndex(where: { $0.plan.id == program }) else { return [] }
        step(at: now)
        var revision = revision
        // Only a lecture goes by time.
        if lecturer != nil { revision.turn = Int(now.nanoseconds / Self.turnLength.nanoseconds) }
        if programs[index].isStale(at: revision) {
            let resolver = ViewResolver(
                roster: roster, speakers: goesUp(programs[index]) ? returnSpeakers : speakers, lecturer: lecturer,
                slides: shownSlides, turn: revision.turn, standIn: standIn)
            if programs[index].resolve(resolver, sites: sites, troubles: troubles, at: revision) { news += 1 }
        }
        return programs[index].groups
    }

    /// Who was the active speaker, latest first; a site that was called up before all others.
    package var speakers: [SiteID] {
        guard let calledUp = standingSpeaker else { return voices.speakers }
        return [calledUp] + voices.speakers.filter { $0 != calledUp }
    }

    /// Who has the largest cell where a view shows the speaker: the site called up, else the active speaker by voice.
    package var activeSpeaker: SiteID? { standingSpeaker ?? voices.activeSpeaker }
    package var previousSpeaker: SiteID? { speakers.dropFirst().first }

    /// The slides that views show: the operator's while they come, else those that began last. A camera that he made the
    /// slides stays so without a picture.
    package var shownSlides: SiteID? {
        if let slides, let index = index(of: slides),
            sites[index].presenter == nil || sites[index].appearance.hasPicture
        {
            return slides
        }
        return presenting.first { id in index(of: id).map(isSlidesLine) ?? false }
    }

    /// The operator's, if he named one.
    var chosenHub: SiteID? { plan.hub }

    /// Gives the parts that one site has.
    mutating func setRoles(lecturer: SiteID?, slides: SiteID?, calledUp: SiteID?, hub: SiteID?) {
        self.lecturer = lecturer
        self.slides = slides
        self.calledUp = calledUp
        plan.hub = hub
    }

    /// The hub room: the operator's, else the first site that takes part and is no link.
    package var hub: SiteID? {
        if let hub = plan.hub, index(of: hub) != nil { return hub }
        return sites.first {
            $0.isEnabled && $0.plan.kind == .site && !$0.plan.isPlayer && $0.presenter == nil
        }?.id
    }

    /// Whom a program that goes up shows as speaking, latest first: a site that was called up, the hub while nobody is heard
    /// here, those who spoke on this side.
    var returnSpeakers: [SiteID] {
        let hub = returnFloor.isQuiet ? hub : nil
        let first = [standingSpeaker, hub != standingSpeaker ? hub : nil].compactMap(\.self)
        return first + returnFloor.speakers.filter { !first.contains($0) }
    }

    /// The site called up, unless its line is cut.
    private var standingSpeaker: SiteID? {
        calledUp.flatMap { id in index(of: id).flatMap { sites[$0].link.isCut ? nil : id } }
    }

    /// Who is cut has not spoken: it was somebody else.
    mutating func strikeSpeaker(at index: Int) {
        voices.strike(at: index)
        returnFloor.strike(at: index)
        revision.speakers += 1
    }

    /// Whether all who see a program are above us.
    private func goesUp(_ program: Program) -> Bool {
        !program.plan.viewers.isEmpty
            && program.plan.viewers.allSatisfy { viewer in
                sites.contains { $0.id == viewer && $0.plan.kind == .uplink }
            }
    }

    /// What views are filled from.
    private var roster: Roster {
        Roster(
            sites.indices.lazy.filter { isSource($0) || isSlidesLine($0) }.map { index in
                let feed = activeFeed(of: index)
                return Roster.Entry(
                    sites[index].id, kind: sites[index].plan.kind, sendsPicture: sites[feed].plan.sendsPicture,
                    hasPicture: sites[feed].appearance.hasPicture, isSlides: sites[index].presenter != nil)
            })
    }

    private var standIn: StandIn? {
        guard let hub else { return nil }
        let lost = sites.lazy.filter(\.isLost).map { ($0.id, StandIn.caption(for: $0.plan.name)) }
        return lost.isEmpty ? nil : StandIn(hub: hub, captions: Dictionary(uniqueKeysWithValues: lost))
    }

    /// Whether the site at `index` of `sites` is heard now, for the border of its cell.
    package func isSpeaking(_ index: Int) -> Bool { voices.isSpeaking(index) }
}

// MARK: - Keeping it consistent

extension Conference {
    private func place(of site: SiteID) throws(CommandError) -> Int {
        guard let index = index(of: site) else { throw .unknownSite(site) }
        return index
    }

    /// The place of a site that may be shown in its own name.
    private func place(ofSource site: SiteID) throws(CommandError) -> Int {
        let index = try place(of: site)
        if let main = sites[index].main { throw .backup(site, of: sites[main].id) }
        return index
    }

    private func place(of program: ProgramID) throws(CommandError) -> Int {
        guard let index = programs.firstIndex(where: { $0.plan.id == program }) else { throw .unknownProgram(program) }
        return index
    }

    private func check(_ layout: Layout) throws(CommandError) {
        for site in layout.pinnedSites.sorted() { _ = try place(ofSource: site) }
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
        rosterRevision += 1
    }

    private mutating func remove(at index: Int) {
        let id = sites.remove(at: index).id
        presenting.removeAll { $0 == id }
        plan.sites.removeAll { $0.id == id }
        for program in programs.indices {
            programs[program].plan.viewers.removeAll { $0 == id }
            plan.programs[program].viewers.removeAll { $0 == id }
        }
        if lecturer == id { lecturer = nil }
        if slides == id { slides = nil }
        if calledUp == id { calledUp = nil }
        if plan.hub == id { plan.hub = nil }
        rosterRevision += 1
        if let slides = sites.firstIndex(where: { $0.plan.slidesOf == id }) { remove(at: slides) }
    }

    /// Brings what follows from the state up to date after a command, a cut or a change of feeds.
    mutating func commit() {
        findLines()
        pairLines()
        let ids = sites.map(\.id)
        voices.setSites(ids)
        returnFloor.setSites(ids)
        let gains = sites.indices.map(gain)
        for (index, gain) in gains.enumerated() {
            voices.setMuted(gain == 0, at: index)
            returnFloor.setMuted(gain == 0 || sites[index].plan.kind == .uplink, at: index)
        }
        let sources = sites.indices.map { index in
            SoundPlan.Source(site: sites[index].id, gain: gains[index], feed: activeFeed(of: index))
        }
        let enabled = Set(sites.lazy.filter(\.isEnabled).map(\.id))
        let ownSources = sites.compactMap { site in site.main.map { (site.id, sites[$0].id) } }
        let mixes = programs.map { program in
            SoundPlan.Mix(
                program: program.plan.id, rule: program.plan.sound,
                listeners: program.plan.viewers.filter(enabled.contains),
                ownSources: Dictionary(uniqueKeysWithValues: ownSources))
        }
        soundPlan = SoundPlan(sources: sources, mixes: mixes, loudest: plan.loudest)
    }

    /// Finds the places in `lines` anew.
    mutating func findLines() {
        lines = sites.indices.filter { sites[$0].plan.kind != .site || !sites[$0].link.isIdle }
    }

    /// Linear, of the site's sound in every mix.
    private func gain(_ index: Int) -> Float {
        let site = sites[index]
        let isSilent = site.isMuted || !isSource(index) || sites[activeFeed(of: index)].link.isCut
        return isSilent ? 0 : powf(10, Float(site.gain) / 20)
    }

    /// Finds the places of links and their backups, and of slides and their sites. A backup whose link was removed is a link
    /// like any other.
    private mutating func pairLines() {
        for index in sites.indices {
            sites[index].backup = nil
            sites[index].presenter = sites[index].plan.slidesOf.flatMap { self.index(of: $0) }
        }
        for index in sites.indices {
            sites[index].main = sites[index].plan.backupOf.flatMap { self.index(of: $0) }
            if let main = sites[index].main { sites[main].backup = index }
        }
        for index in sites.indices where sites[index].backup == nil { sites[index].isOnBackup = false }
        for index in sites.indices { refreshLabel(of: index) }
    }
}
