import Media

/// What follows from our own media coming in on a line, told by its CSRCs: the only sign of a loop through mixers that are
/// not ours. The sign goes away with the cut, whether or not the wiring was put right; so a cut lasts for a time, and for
/// twice that time when the sign is back.
struct OwnMediaEvidence: Sendable {
    static let shortestHold = Interval.seconds(10)
    static let longestHold = Interval.seconds(80)

    private var hold = shortestHold
    private var heldUntil: Instant?
    private var releasedAt: Instant?

    /// Whether the line is to be cut for it.
    var isHeld: Bool { heldUntil != nil }

    /// Our own media came in.
    mutating func came(at now: Instant) {
        if heldUntil == nil {
            let isBack = releasedAt.map { now - $0 < Self.longestHold } ?? false
            hold = isBack ? min(hold * 2, Self.longestHold) : Self.shortestHold
        }
        heldUntil = now + hold
    }

    /// Lets go when the time is over.
    mutating func step(at now: Instant) {
        guard let heldUntil, now >= heldUntil else { return }
        self.heldUntil = nil
        releasedAt = now
    }

    /// A better witness has spoken: the path.
    mutating func forget() { self = OwnMediaEvidence() }
}
