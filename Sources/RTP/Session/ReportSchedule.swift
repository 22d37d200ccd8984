import Media

/// When the next RTCP report is due (RFC 3550 section 6.2 and appendix A.7, for the two members of a point-to-point
/// session: their number is known, so the reconsideration of A.7 has nothing to reconsider).
struct ReportSchedule {
    private let minimum: Interval
    private let bitsPerSecond: Int
    private var averageSize: Double
    private(set) var deadline: Instant

    /// Members of the session, both of whom report.
    private static let members = 2.0
    /// UDP and IPv4 headers count as RTCP's (RFC 3550 section 6.2).
    static let overhead = 28

    /// - Parameters:
    ///   - minimum: the shortest mean interval.
    ///   - bitrate: what RTCP of all members may take: 5 % of the session, by RFC 3550.
    init(minimum: Interval, bitrate: Bitrate, at now: Instant, using generator: inout SeededGenerator) {
        self.minimum = minimum
        bitsPerSecond = max(1, bitrate.bitsPerSecond)
        averageSize = 100
        deadline = now
        // The first one comes after half the interval: a receiver that joins is told soon.
        deadline = now + interval(using: &generator) / 2
    }

    /// Takes note of an RTCP datagram in either direction.
    mutating func note(size: Int) {
        averageSize += (Double(size + Self.overhead) - averageSize) / 16
    }

    /// Sets the deadline of the report after the one sent `now`.
    mutating func reportSent(at now: Instant, using generator: inout SeededGenerator) {
        deadline = now + interval(using: &generator)
    }

    /// 0.5 to 1.5 times the mean, so that members do not fall into step.
    private func interval(using generator: inout SeededGenerator) -> Interval {
        let byBandwidth = averageSize * 8 * Self.members / Double(bitsPerSecond)
        let mean = min(max(minimum.seconds, byBandwidth), 60)
        return Interval(nanoseconds: Int64(mean * Double.random(in: 0.5...1.5, using: &generator) * 1e9))
    }
}
