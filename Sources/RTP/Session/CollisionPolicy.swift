import Media

/// When to take another SSRC because somebody else uses ours (RFC 3550 section 8.2). Where it is our own packets that
/// come back, the new one collides at once too: each time that happens the pause doubles, so that a loop costs one
/// change an hour and no more.
struct CollisionPolicy {
    static let shortestPause = Interval.seconds(10)
    static let longestPause = Interval.seconds(3600)
    /// A collision this soon after a pause is the same trouble still.
    static let relapse = Interval.seconds(60)

    private var pause = Self.shortestPause
    private var lastChange: Instant?

    /// Takes note of a packet with our SSRC, and says whether to take another one.
    mutating func note(at now: Instant) -> Bool {
        if let lastChange {
            guard now - lastChange >= pause else { return false }
            let isRelapse = now - lastChange < pause + Self.relapse
            pause = isRelapse ? min(pause * 2, Self.longestPause) : Self.shortestPause
        }
        lastChange = now
        return true
    }
}
