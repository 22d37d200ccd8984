import Media

/// What operators have arranged: all that commands change but which sites there are. Undo goes back to one.
struct Arrangement: Hashable, Sendable {
    struct Place: Hashable, Sendable {
        var isEnabled: Bool
        var isMuted: Bool
        var gain: Double
        var layout: Layout?
    }

    struct Picture: Hashable, Sendable {
        var layout: Layout
        var caption: String?
    }

    var places: [SiteID: Place]
    var pictures: [ProgramID: Picture]
    var lecturer: SiteID?
    var slides: SiteID?
    var calledUp: SiteID?
    var hub: SiteID?
}

/// The operator's way back, and what is prepared.
struct Desk: Sendable {
    /// Steps back that are kept.
    static let depth = 50

    private var past: [Arrangement] = []
    /// Commands that wait for `take`.
    var staged: [Command] = []

    mutating func note(_ arrangement: Arrangement) {
        guard past.last != arrangement else { return }
        if past.count == Self.depth { past.removeFirst() }
        past.append(arrangement)
    }

    mutating func back() -> Arrangement? { past.popLast() }
}
