import Media

/// When the packets of one site may leave. It holds no packets: it is told how many bytes wait, and says whether the
/// next one may go.
///
/// A picture up to the allowance leaves at once. A larger one, a keyframe above all, is spread: it leaves at 2.5 times
/// the target bitrate, or as fast as it takes to have everything gone within 90 ms of the newest picture. That rate
/// never falls while something waits, so that no packet waits longer than that for those before it.
package struct Pacer: Sendable {
    /// What the encoder is asked for; all else follows from it.
    package var target: Bitrate
    /// Bytes that wait.
    package private(set) var waiting = 0
    /// Bytes per second as long as something waits.
    private var raised = 0.0
    /// Bytes that may leave at once; below zero after a packet that took more than there was.
    private var credit: Double
    private var creditInstant: Instant?

    /// No packet waits longer than this: it leaves whatever the rate.
    package static let longestWait = Interval.milliseconds(100)
    /// Within this everything is to be gone; the rest of `longestWait` is for the caller's timer.
    private static let drain = 0.090
    /// How much faster than the target bitrate packets leave.
    private static let factor = 2.5
    /// Ten packets, but no more than leave in 40 ms: on a thin line ten packets are a burst too.
    private static let largestAllowance = 12_000.0
    private static let allowanceTime = 0.040
    /// A caller is woken once for all packets of this long, rather than for each.
    private static let step = 0.004

    package init(target: Bitrate) {
        self.target = target
        credit = 0
        credit = allowance
    }

    /// Takes note of bytes that wait from now on.
    package mutating func add(_ bytes: Int, at now: Instant) {
        refill(at: now)
        waiting += bytes
        raised = max(raised, Double(waiting) / Self.drain)
    }

    /// Whether a packet may leave. - Parameter oldest: since when the one in front has waited.
    package mutating func permits(oldest: Instant, at now: Instant) -> Bool {
        refill(at: now)
        return credit >= 0 || now - oldest >= Self.longestWait
    }

    /// Takes note of bytes that have left, or will not any more.
    package mutating func remove(_ bytes: Int, hasLeft: Bool = true) {
        waiting = max(0, waiting - bytes)
        if hasLeft { credit -= Double(bytes) }
        if waiting == 0 { raised = 0 }
    }

    /// When `permits` will say yes, if it has just said no. - Parameter oldest: as there.
    package func deadline(oldest: Instant) -> Instant {
        guard credit < 0, let creditInstant else { return oldest }
        let pause = Interval(nanoseconds: Int64((Self.step - credit / rate) * 1e9) + 1)
        return min(creditInstant + pause, oldest + Self.longestWait)
    }

    /// Bytes per second.
    private var base: Double { max(Self.factor * Double(target.bitsPerSecond) / 8, 1000) }
    private var rate: Double { max(base, raised) }
    private var allowance: Double { min(Self.largestAllowance, base * Self.allowanceTime) }

    private mutating func refill(at now: Instant) {
        if let creditInstant, now > creditInstant {
            // While something waits a late timer is made good for, up to the same time.
            let most = waiting > 0 ? max(allowance, rate * Self.allowanceTime) : allowance
            credit = min(most, credit + rate * (now - creditInstant).seconds)
        }
        creditInstant = max(creditInstant ?? now, now)
    }
}
