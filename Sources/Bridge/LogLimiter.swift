import Media

/// Lets one message of a kind through per interval, and counts those held back, so that a site in trouble does not flood
/// the log.
struct LogLimiter {
    private var last: Instant?
    private var held = 0

    private static let interval = Interval.seconds(10)

    /// How many messages this one stands for, itself included; `nil`: hold it back.
    mutating func admit(at now: Instant) -> Int? {
        held += 1
        if let last, now - last < Self.interval { return nil }
        last = now
        defer { held = 0 }
        return held
    }
}
