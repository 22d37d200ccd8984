import Media

/// When an encode group forces a keyframe: requests coalesce, and one site that asks all the time costs the others of its
/// group one keyframe a second at the most.
package struct KeyframeBudget {
    private var isWanted = false
    private var last: Instant?

    private static let minimumDistance = Interval.seconds(1)

    package init() {}

    /// A receiver asked for a keyframe (PLI, FIR, or because it is new).
    package mutating func request() { isWanted = true }

    /// Whether the picture encoded at `now` is to be a keyframe.
    package mutating func grant(at now: Instant) -> Bool {
        guard isWanted else { return false }
        if let last, now - last < Self.minimumDistance { return false }
        return true
    }

    /// A keyframe went out, forced or by the encoder's own schedule.
    package mutating func sent(at now: Instant) {
        isWanted = false
        last = now
    }
}
