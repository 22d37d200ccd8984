import Media

/// Whether a site's pictures are worth decoding. Of one that nobody has looked at for a while only keyframes are; as soon as somebody
/// looks again, one is asked for, since what came in between is missing.
package struct DecodeRest: Sendable {
    package enum Verdict: Hashable, Sendable {
        case decode
        /// Nobody looks.
        case skip
        /// Somebody looks, but what the picture leans on was not decoded: a keyframe is wanted.
        case ask
    }

    /// How long nobody must have looked: longer than people take to change their mind.
    package static let patience = Interval.seconds(10)

    private var wantedAt: Instant?
    /// Whether pictures since the last keyframe were left out.
    private var hasGap = false

    package init() {}

    /// Whether only keyframes are decoded.
    package private(set) var isResting = false

    /// Takes the next access unit.
    package mutating func take(isKeyframe: Bool, isWanted: Bool, at now: Instant) -> Verdict {
        if isWanted { wantedAt = now }
        let since = wantedAt ?? now
        wantedAt = since
        isResting = now - since >= Self.patience
        if isKeyframe {
            hasGap = false
            return .decode
        }
        if isResting { hasGap = true }
        guard hasGap else { return .decode }
        return isResting ? .skip : .ask
    }
}
