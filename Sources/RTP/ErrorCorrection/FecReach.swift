import Media

/// How far back in time a peer's FEC packets reach: from the oldest packet that one protects to itself. What it repairs
/// comes so much later than it was due, and a receiver has to wait so long for it.
struct FecReach: Sendable {
    /// The longest reach of so many FEC packets is what counts, until as many more have come.
    private static let period = 32
    /// A peer that has sent none for so long, in 90 kHz ticks, has stopped: 10 s.
    private static let lifetime: Int32 = 10 * 90_000
    /// What is longer, in 90 kHz ticks, is a wild timestamp: 2 s.
    private static let longest: Int32 = 2 * 90_000

    private var longestTicks: (current: Int32, before: Int32) = (0, 0)
    private var count = 0
    private var latest: UInt32?

    /// An FEC packet of the RTP time `timestamp` came that protects packets from `oldest` on.
    mutating func note(from oldest: UInt32, to timestamp: UInt32) {
        let ticks = Int32(bitPattern: timestamp &- oldest)
        guard ticks >= 0, ticks <= Self.longest else { return }
        latest = timestamp
        longestTicks.current = max(longestTicks.current, ticks)
        count += 1
        if count % Self.period == 0 { longestTicks = (current: 0, before: longestTicks.current) }
    }

    /// The longest of late; `nil` while the peer sends no FEC.
    /// - Parameter timestamp: of the newest packet of the stream.
    func interval(at timestamp: UInt32) -> Interval? {
        guard let latest, Int32(bitPattern: timestamp &- latest) <= Self.lifetime else { return nil }
        return Interval.seconds(Int(max(longestTicks.current, longestTicks.before))) / 90_000
    }
}
