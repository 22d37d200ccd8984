import Media

/// What an operator may change while the conference runs.
package enum Command: Hashable, Sendable {
    case layout(Layout, program: ProgramID)
    /// Puts a site into a cell of what a program shows, by its place among the cells; `nil` frees it.
    case pin(SiteID?, cell: Int, program: ProgramID)
    /// A layout of the site's own; `nil`: its program's again.
    case siteLayout(Layout?, SiteID)
    case mute(SiteID)
    case unmute(SiteID)
    /// Gain of the site's sound in the mix, in dB.
    case gain(SiteID, Double)
    case lecturer(SiteID?)
    /// The site whose picture is the slides.
    case slides(SiteID?)
    /// Calls a site up: it stands as the active speaker whoever speaks, until `nil` lets the voices decide again.
    case callUp(SiteID?)
    /// The room shown upwards while nobody speaks, and in the place of an uplink that is dead; `nil`: the first site that is
    /// no link.
    case hub(SiteID?)
    /// Words across the bottom of a program's picture; `nil`: none any more.
    case caption(String?, program: ProgramID)
    /// Lets a site take part again that was disabled.
    case enable(SiteID)
    /// Takes a site out of every view and mix; its place in the order is kept.
    case disable(SiteID)
    /// What a site that plays plays from now on; `nil`: nothing.
    case play(SiteID, PlayerPlan?)
    /// A new site, last in the order.
    case add(SitePlan, program: ProgramID)
    case remove(SiteID)
}

extension Command {
    /// Whether it brings, ends or changes what a site has running besides its part in the meeting.
    package var changesPaths: Bool {
        switch self {
        case .add, .remove, .play: true
        default: false
        }
    }
}

/// Why a command was refused; nothing has changed then.
package enum CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownSite(SiteID)
    case unknownProgram(ProgramID)
    case gainOutOfRange(Double)
    /// The site is a backup, which is never shown or heard in its own name.
    case backup(SiteID, of: SiteID)
    /// The site is a link, and no room.
    case link(SiteID)
    case captionTooLong(Int)
    /// The site is an endpoint, and plays nothing.
    case noPlayer(SiteID)
    /// The site's ports or its sound can't be opened: why.
    case cannotOpen(String)
    /// There is no such cell, or the layout can't be drawn with a site pinned.
    case noSuchCell(Int, Layout)
    case nothingStaged
    case nothingToUndo
    /// What the conference would be if it were obeyed has this problem.
    case invalid(PlanProblem)

    /// In characters: two lines of a picture hold no more.
    package static let longestCaption = 200

    package var description: String {
        switch self {
        case .unknownSite(let id): "\(id): expected the id of a site in this conference"
        case .unknownProgram(let id): "\(id): expected the id of a program of this conference"
        case .gainOutOfRange(let gain): "gain \(gain): expected \(ConferencePlan.gainExpectation)"
        case .backup(let id, let main): "\(id): expected a site with a picture of its own: it is the backup of \(main)"
        case .link(let id): "\(id): expected a room: it is a link"
        case .noPlayer(let id): "\(id): expected a site that plays files or a URL (play=…): it is an endpoint"
        case .cannotOpen(let reason): reason
        case .captionTooLong(let count):
            "a caption of \(count) characters: expected 1 to \(CommandError.longestCaption), on one line"
        case .noSuchCell(let cell, let layout) where layout.cells.indices.contains(cell):
            "cell \(cell): expected a layout that can be drawn; \(layout) can't"
        case .noSuchCell(let cell, let layout):
            "cell \(cell): expected 0 to \(layout.cells.count - 1), a cell of \(layout)"
        case .nothingStaged: "nothing is prepared: expected commands that were staged before"
        case .nothingToUndo: "nothing was changed that could be undone"
        case .invalid(let problem): problem.description
        }
    }
}
