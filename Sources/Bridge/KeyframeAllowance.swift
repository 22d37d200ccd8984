import Media

/// How many keyframes one site may ask of its encode group: two at once, for its joining and for a loss right after it, then
/// one in the time between two keyframes by the clock (`--gop`). A site on a line that loses all the time is repaired by
/// retransmission, and costs the others of its group no picture quality.
package struct KeyframeAllowance: Sendable {
    private let refill: Interval
    private var full: Instant
    /// Requests that were not passed on.
    package private(set) var refused = 0

    private static let capacity = 2

    /// - Parameter refill: the time in which one keyframe is earned: that between two by the clock.
    package init(refill: Interval) {
        self.refill = refill
        full = .zero
    }

    /// Whether the request of `now` counts.
    package mutating func take(at now: Instant) -> Bool {
        // `full` is when the allowance is whole again: each keyframe moves it by `refill`.
        let next = max(full, now) + refill
        guard next - now <= refill * Self.capacity else {
            refused += 1
            return false
        }
        full = next
        return true
    }
}
