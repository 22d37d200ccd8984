import Media

/// Which of the packets that a site's NACKs name are sent again (RFC 4585 section 6.2.1), and in what order. What a
/// flood of NACKs can cost is bounded: by packet, by bytes and by memory.
package struct RepairQueue: Sendable {
    /// What became of the packets named, each counted once.
    package struct Statistics: Equatable, Sendable {
        /// Packets that NACKs named.
        package var requested = 0
        /// Granted: sent again, or about to be.
        package var answered = 0
        /// Never sent, or forgotten.
        package var unknown = 0
        /// Asked for again before the last answer can have arrived, or before the packet left.
        package var tooSoon = 0
        /// Sent again `mostRepairs` times already.
        package var tooOften = 0
        /// Sent longer ago than `longestAge`.
        package var tooOld = 0
        /// More than the site's share of the rate, or of memory.
        package var overBudget = 0

        package init() {}

        /// Held, but not sent again.
        package var refused: Int { tooSoon + tooOften + tooOld + overBudget }
    }

    /// How long a packet and its answer take, by RTCP; `nil` until known.
    package var roundTrip: Interval?
    package private(set) var statistics = Statistics()
    private var budget: RepairBudget
    private var ring = [UInt16](repeating: 0, count: capacity)
    private var start = 0
    private var count = 0

    /// A packet is sent again at most so often.
    package static let mostRepairs = 4
    /// Older packets are of pictures that no receiver waits for any more.
    package static let longestAge = Interval.milliseconds(1500)
    /// Requests that wait for the pacer.
    private static let capacity = 256
    private static let assumedRoundTrip = Interval.milliseconds(50)
    private static let shortestPause = Interval.milliseconds(10)
    private static let longestPause = Interval.milliseconds(800)

    package init(target: Bitrate) { budget = RepairBudget(target: target) }

    /// What the encoder is asked for: repairs may take half as much.
    package var target: Bitrate {
        get { budget.target }
        set { budget.target = newValue }
    }

    /// A packet is not sent again sooner after its last repair: four fifths of the round trip, in which no answer can
    /// have come.
    package var pause: Interval {
        let roundTrip = min(roundTrip ?? Self.assumedRoundTrip, .seconds(1))
        return min(max(roundTrip * 4 / 5, Self.shortestPause), Self.longestPause)
    }

    /// The site misses a packet.
    /// - Returns: the bytes that wait from now on: 0 if it is not sent again.
    mutating func request(_ sequence: UInt16, of history: inout PacketHistory, at now: Instant) -> Int {
        statistics.requested += 1
        guard let entry = history.entry(sequence) else {
            statistics.unknown += 1
            return 0
        }
        let wasJustRepaired = entry.repairedAt.map { now - $0 < pause } ?? false
        guard let sentAt = entry.sentAt, !entry.awaitsRepair, !wasJustRepaired else {
            statistics.tooSoon += 1
            return 0
        }
        guard now - sentAt <= Self.longestAge else {
            statistics.tooOld += 1
            return 0
        }
        guard entry.repairs < Self.mostRepairs else {
            statistics.tooOften += 1
            return 0
        }
        let bytes = Self.size(of: entry)
        guard count < Self.capacity, budget.take(bytes, isKeyframe: entry.isKeyframe, at: now) else {
            statistics.overBudget += 1
            return 0
        }
        ring[(start + count) & (Self.capacity - 1)] = sequence
        count += 1
        history.update(sequence) {
            $0.awaitsRepair = true
            $0.repairs += 1
            $0.repairedAt = now
        }
        statistics.answered += 1
        return bytes
    }

    /// The packet to send again next; `nil` if none waits, or the next one was forgotten meanwhile.
    mutating func next(of history: inout PacketHistory, at now: Instant) -> PacketHistory.Entry? {
        while let sequence = front {
            start = (start + 1) & (Self.capacity - 1)
            count -= 1
            // A full history may have made room with it since.
            guard let entry = history.entry(sequence), entry.awaitsRepair else { continue }
            history.update(sequence) {
                $0.awaitsRepair = false
                $0.repairedAt = now
            }
            return entry
        }
        return nil
    }

    /// The request that waits longest.
    var front: UInt16? { count > 0 ? ring[start] : nil }

    mutating func removeAll() { count = 0 }

    /// What a repair takes on the line.
    static func size(of entry: PacketHistory.Entry) -> Int {
        entry.headerSize + RetransmissionHeader.size + entry.payloadSize
    }
}
