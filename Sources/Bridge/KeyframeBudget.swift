import Media

/// When an encode group makes a keyframe: requests coalesce, and one site that asks all the time costs the others of its
/// group one keyframe a second at the most. And by the clock, for receivers that can't ask: an encoder of its own would count
/// pictures, and fall behind when some are dropped.
///
/// Those who all give feedback are spared it: docs/decisions/0019-keyframes-for-who-cannot-ask.md.
package struct KeyframeBudget {
    private var isWanted = false
    private var isJoinWanted = false
    private var last: Instant?
    private let longestDistance: Interval?

    private static let minimumDistance = Interval.seconds(1)
    /// Where all give feedback: somebody may be behind one of them who can't.
    private static let distanceWithFeedback = Interval.seconds(60)

    /// - Parameter longestDistance: between two keyframes, whether or not one is asked for; `nil`: any
    ///   time, if none is.
    package init(longestDistance: Interval? = nil) { self.longestDistance = longestDistance }

    /// A receiver asked for a keyframe (PLI, FIR, or because it is new).
    package mutating func request() { isWanted = true }

    /// A receiver is new to the group: it has nothing to show before its first keyframe, and only operators make receivers
    /// new. It is not made to wait.
    package mutating func requestForJoin() { isJoinWanted = true }

    /// Whether the picture of the tick at `now` is to be a keyframe.
    /// - Parameter allAsk: whether everybody who gets it asks when he needs one.
    package mutating func grant(at now: Instant, allAsk: Bool = false) -> Bool {
        guard let last else { return isWanted || isJoinWanted }
        if isJoinWanted { return true }
        if let longestDistance {
            let distance = allAsk ? max(longestDistance, Self.distanceWithFeedback) : longestDistance
            if now - last >= distance { return true }
        }
        return isWanted && now - last >= Self.minimumDistance
    }

    /// A keyframe went out, forced or by the encoder's own schedule.
    package mutating func sent(at now: Instant) {
        isWanted = false
        isJoinWanted = false
        last = now
    }

    /// A picture was encoded and could not be sent: what follows refers to it. A keyframe is tried again after the shortest
    /// distance, and not at every tick: the next may be as large.
    package mutating func lost(isKeyframe: Bool, at now: Instant) {
        guard isKeyframe else { return requestForJoin() }
        sent(at: now)
        request()
    }
}
