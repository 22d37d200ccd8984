import Media

/// Several commands as one, prepared changes, and the way back.
extension Conference {
    /// Obeys all commands or none: what they change is seen on one frame.
    /// - Throws: why the first one that can't be obeyed can't be; nothing has changed then.
    package mutating func apply(_ commands: [Command]) throws(CommandError) {
        var next = self
        for command in commands { try next.obey(command) }
        next.desk.note(arrangement)
        self = next
    }

    /// Prepares commands; they take effect by `take`. Those prepared before are forgotten.
    /// - Throws: why one of them couldn't be obeyed now; what was prepared before is still there then.
    package mutating func stage(_ commands: [Command]) throws(CommandError) {
        var next = self
        for command in commands { try next.obey(command) }
        desk.staged = commands
    }

    /// What waits for `take`; empty: nothing does.
    package var staged: [Command] { desk.staged }

    /// The conference as it would be after `take`, for a picture of it; `nil`: nothing is prepared.
    package var rehearsal: Conference? {
        guard !desk.staged.isEmpty else { return nil }
        var next = self
        for command in desk.staged { try? next.obey(command) }
        return next
    }

    /// Obeys what was prepared, all at once.
    /// - Throws: `nothingStaged`, or why it can't be obeyed any more; it stays prepared then.
    /// - Returns: what was obeyed.
    @discardableResult
    package mutating func take() throws(CommandError) -> [Command] {
        let commands = desk.staged
        guard !commands.isEmpty else { throw .nothingStaged }
        try apply(commands)
        desk.staged = []
        return commands
    }

    /// Goes back to how things were arranged before the last change. Sites that came or went since stay or are left out.
    /// - Throws: `nothingToUndo`.
    package mutating func undo() throws(CommandError) {
        guard let last = desk.back() else { throw .nothingToUndo }
        arrange(last)
    }

    /// The sites that are to send a picture.
    private var cameraCount: Int {
        sites.indices.lazy.filter { isSource($0) && sites[activeFeed(of: $0)].plan.sendsPicture }.count
    }

    /// Puts a site into a cell of what a program shows.
    /// - Parameter site: `nil` frees the cell for whoever is next.
    mutating func pin(_ site: SiteID?, in cell: Int, of program: Int) throws(CommandError) {
        let wanted = programs[program].plan.layout
        // The cells of `auto` are those that are shown, unless it is to be shown from now on only.
        let shown = programs[program].shownLayout ?? wanted.resolved(forSites: cameraCount)
        guard let layout = shown.pinning(site, in: cell) else {
            throw .noSuchCell(cell, shown)
        }
        programs[program].plan.layout = layout
    }
}

extension Conference {
    var arrangement: Arrangement {
        Arrangement(
            places: Dictionary(
                uniqueKeysWithValues: sites.map {
                    ($0.id, .init(isEnabled: $0.isEnabled, isMuted: $0.isMuted, gain: $0.gain, layout: $0.layout))
                }),
            pictures: Dictionary(
                uniqueKeysWithValues: programs.map {
                    ($0.plan.id, .init(layout: $0.plan.layout, caption: $0.caption))
                }),
            lecturer: lecturer, slides: slides, calledUp: calledUp, hub: chosenHub)
    }

    mutating func arrange(_ arrangement: Arrangement) {
        for index in sites.indices {
            guard let place = arrangement.places[sites[index].id] else { continue }
            sites[index].isEnabled = place.isEnabled
            sites[index].isMuted = place.isMuted
            sites[index].gain = place.gain
            sites[index].layout = place.layout.flatMap { isKnown($0) ? $0 : nil }
        }
        for index in programs.indices {
            guard let picture = arrangement.pictures[programs[index].plan.id] else { continue }
            if isKnown(picture.layout) { programs[index].plan.layout = picture.layout }
            programs[index].caption = picture.caption
        }
        func known(_ site: SiteID?) -> SiteID? { site.flatMap { index(of: $0) == nil ? nil : $0 } }
        setRoles(
            lecturer: known(arrangement.lecturer), slides: known(arrangement.slides),
            calledUp: known(arrangement.calledUp), hub: known(arrangement.hub))
        revision.arrangement += 1
        news += 1
        commit()
    }

    private func isKnown(_ layout: Layout) -> Bool { layout.pinnedSites.allSatisfy { index(of: $0) != nil } }
}
