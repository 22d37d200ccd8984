import Media

/// Which moment of the sender's own clock an RTP timestamp of one of its streams stands for, by its sender reports (RFC
/// 3550 section 6.4.1). That clock need not be right, nor show the time of day: uptime serves as well, as long as all
/// streams of a site are reported by the same one.
///
/// Reports of real devices are often wrong, so that one counts only if it agrees with the one before it: by its slope,
/// and by its place. One that does not is refused, unless the next one agrees with it: then the clock was set. Nor is the
/// first one used before another agrees with it: GStreamer's says when its encoder was ready, which may be 200 ms late.
package struct SenderClock: Sendable {
    /// Why a report was refused.
    package enum Refusal: Hashable, Sendable {
        /// NTP time 0: the sender has no clock.
        case noClock
        /// The RTP timestamp is not near those of the stream's packets.
        case timestamp
        /// NTP time stood still or went backwards.
        case backwards
        /// Off by more than `largestJump` from what the reports before it say.
        case jump
        /// NTP time and RTP timestamps went on at different rates.
        case slope
    }

    package struct Statistics: Equatable, Sendable {
        package var accepted = 0
        package var noClock = 0
        package var timestamp = 0
        package var backwards = 0
        package var jump = 0
        package var slope = 0
        /// Times the sender's clock was set: a jump that the next report confirmed.
        package var settings = 0
        package var refused: Int { noClock + timestamp + backwards + jump + slope }
    }

    private struct Report: Equatable {
        var ntp: NTPTime
        var timestamp: Int64
    }

    /// Further off than this from what the reports before it say, a report needs another one to confirm it.
    package static let largestJump = Interval.milliseconds(500)
    /// The rates of NTP time and RTP timestamps may differ by this much: one part in 200.
    private static let slopeTolerance: Int64 = 200
    /// And by this much in all: a report's timestamp is often that of the packet or picture sent last.
    private static let roughness = Interval.milliseconds(50)
    /// How far a report's timestamp may lie from where the stream is.
    private static let largestDistance = Interval.seconds(5)
    /// So many refusals in a row, and what was accepted before is worth nothing.
    private static let patience = 3
    /// What the reports say is worth nothing this long after the last one.
    private static let lifetime = Interval.seconds(30)

    package private(set) var statistics = Statistics()

    private let clockRate: Int
    /// The last report accepted.
    private var last: Report?
    private var lastArrival = Instant.zero
    /// Whether `last` agreed with the one before.
    private var isConfirmed = false
    /// How much earlier the clock is than `last` says, by the reports before it too.
    private var correction = Interval.zero
    /// The last report refused.
    private var candidate: Report?
    private var refusals = 0
    /// The newest packet of the stream.
    private var newest: (timestamp: Int64, arrival: Instant)?

    /// - Parameter clockRate: of the stream's RTP timestamps, in Hz.
    package init(clockRate: Int) {
        precondition(clockRate > 0 && clockRate <= 192_000, "a clock rate of \(clockRate) Hz")
        self.clockRate = clockRate
    }

    /// Takes note of where the stream is: with each of its packets, or now and then.
    /// - Parameter timestamp: unwrapped, as the session gives it.
    package mutating func packetReceived(timestamp: Int64, at now: Instant) { newest = (timestamp, now) }

    /// Takes a sender report.
    /// - Parameter timestamp: unwrapped as the stream's packets are: `RTPSession.Action.senderReport` has it so.
    /// - Returns: why it is not believed; `nil` if it is, or if it says what the last one said.
    @discardableResult
    package mutating func reportReceived(ntp: NTPTime, timestamp: Int64, at now: Instant) -> Refusal? {
        let report = Report(ntp: ntp, timestamp: timestamp)
        guard ntp.rawValue != 0 else { return refuse(.noClock) }
        guard isNearStream(timestamp, at: now) else { return refuse(.timestamp) }
        guard let reference = last ?? candidate else {
            accept(report, correction: .zero, isConfirmed: false, at: now)
            return nil
        }
        guard report != reference else { return nil }
        switch compare(report, with: reference) {
        case .agrees(let deviation):
            // Half way between what the reports before say and this one: both are as rough as a packet is long.
            accept(report, correction: last == nil ? .zero : (deviation + correction) / 2, isConfirmed: true, at: now)
            return nil
        case .differs(let refusal):
            if let candidate, case .agrees = compare(report, with: candidate) {
                statistics.settings += 1
                accept(report, correction: .zero, isConfirmed: true, at: now)
                return nil
            }
            candidate = report
            return refuse(refusal)
        }
    }

    /// The moment on the sender's clock that a timestamp stands for; `nil` while that isn't known: before the second
    /// report.
    package func moment(of timestamp: Int64, at now: Instant) -> NTPTime? {
        guard let last, isConfirmed, now - lastArrival < Self.lifetime,
            let elapsed = interval(from: last.timestamp, to: timestamp)
        else { return nil }
        return last.ntp.advanced(byNanoseconds: elapsed.nanoseconds - correction.nanoseconds)
    }

    /// Another stream begins, or the same one anew: its clocks have nothing to do with those before.
    package mutating func streamChanged() {
        last = nil
        isConfirmed = false
        candidate = nil
        newest = nil
        refusals = 0
    }

    // MARK: Belief

    private enum Comparison {
        /// How much later the NTP time is than the earlier report lets expect.
        case agrees(Interval)
        case differs(Refusal)
    }

    private func compare(_ report: Report, with earlier: Report) -> Comparison {
        guard let elapsed = interval(from: earlier.timestamp, to: report.timestamp) else { return .differs(.jump) }
        let elapsedNTP = report.ntp.nanoseconds(since: earlier.ntp)
        guard elapsedNTP > 0 else { return .differs(.backwards) }
        let deviation = Interval(nanoseconds: elapsedNTP &- elapsed.nanoseconds)
        let size = deviation.nanoseconds.magnitude
        if size > UInt64(Self.largestJump.nanoseconds) { return .differs(.jump) }
        let tolerance = elapsed.nanoseconds.magnitude / UInt64(Self.slopeTolerance)
        if size > max(tolerance, UInt64(Self.roughness.nanoseconds)) { return .differs(.slope) }
        return .agrees(deviation)
    }

    /// A report stands for a moment between the newest packet and now; a sender that is silent goes on to report.
    private func isNearStream(_ timestamp: Int64, at now: Instant) -> Bool {
        guard let newest else { return true }
        guard let ahead = interval(from: newest.timestamp, to: timestamp) else { return false }
        return ahead > Interval.zero - Self.largestDistance
            && ahead < (now - newest.arrival) + Self.largestDistance
    }

    private mutating func accept(
        _ report: Report, correction: Interval, isConfirmed: Bool, at now: Instant
    ) {
        self.isConfirmed = isConfirmed
        statistics.accepted += 1
        last = report
        lastArrival = now
        self.correction = correction
        candidate = nil
        refusals = 0
    }

    private mutating func refuse(_ refusal: Refusal) -> Refusal {
        switch refusal {
        case .noClock: statistics.noClock += 1
        case .timestamp: statistics.timestamp += 1
        case .backwards: statistics.backwards += 1
        case .jump: statistics.jump += 1
        case .slope: statistics.slope += 1
        }
        refusals += 1
        if refusals >= Self.patience { last = nil }
        return refusal
    }

    /// `nil` for timestamps that can't be of one stream: more than 2^32 ticks apart.
    private func interval(from earlier: Int64, to later: Int64) -> Interval? {
        let ticks = later &- earlier
        guard ticks.magnitude <= 1 << 32 else { return nil }
        return MediaClock.interval(ticks: ticks, clockRate: clockRate)
    }
}
