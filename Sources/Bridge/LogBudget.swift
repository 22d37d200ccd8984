import Media

/// Lets a few messages through in ten seconds: what a healthy site has to tell, and not what a hostile one could make of
/// it.
struct LogBudget {
    private var windowStart: Instant?
    private var count = 0

    private static let window = Interval.seconds(10)
    private static let limit = 10

    /// Whether a message may be written.
    mutating func admit(at now: Instant) -> Bool {
        if let start = windowStart, now - start < Self.window {
            count += 1
        } else {
            windowStart = now
            count = 1
        }
        return count <= Self.limit
    }
}
