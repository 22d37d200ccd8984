import Media

/// The stream of one remote SSRC: validity of its sequence numbers (RFC 3550 appendix A.1), losses (A.3), jitter (A.8).
/// Everything after the door is 64 bits wide.
struct RemoteStream {
    /// A gap up to this is loss; above, the sender has restarted.
    static let maximumDropout: Int64 = 3000
    /// How far back a packet is merely reordered.
    static let maximumMisorder: Int64 = 100

    enum Verdict: Equatable {
        case inOrder
        /// Older than one that came before it.
        case reordered
        /// Far older, and by its timestamp no restart: a repair that comes late.
        case late
        case duplicate
        /// A jump: the packet waits for its successor to prove it.
        case unproven
        /// The successor came: the stream starts anew with this packet.
        case restarted
        /// It was underway when the stream said goodbye.
        case leaving
    }

    /// What a packet of a retransmission format is to the stream.
    enum Repair: Equatable {
        case missing
        case duplicate
        /// Not of the stream's recent past.
        case refused
    }

    /// Packets underway come within this after a BYE.
    static let farewell = Interval.milliseconds(500)
    /// A timestamp that has come as far as this, 49 years at 90 kHz, has been pushed there by jumps: the stream starts anew, so that
    /// whatever is reckoned from timestamps fits.
    static let furthestTimestamp: Int64 = 1 << 47
    /// A repair is of a packet at most this old, in seconds of the stream's clock.
    static let oldestRepair: Int64 = 2

    let ssrc: UInt32
    private let clockRate: Int
    private(set) var highestSequence: Int64
    private(set) var highestTimestamp: Int64
    private(set) var lastArrival: Instant
    private(set) var hasSaidGoodbye = false
    private var goodbyeInstant = Instant.zero

    /// The first sequence number since the last start.
    private var baseSequence: Int64
    /// Packets since the last start, duplicates too, as RFC 3550 section 6.4.1 counts.
    private var received: Int64 = 1
    private var duplicates: Int64 = 0
    /// Losses before the last start.
    private var lostBefore = 0
    private var expectedBefore: Int64 = 0
    private var receivedBefore: Int64 = 0
    private var seen = ArrivalMap()
    /// What came by retransmissions: the original may come after it, and counts then as it would have.
    private var repaired = ArrivalMap()
    /// The sequence number that would prove a restart.
    private var restartSequence: UInt16?
    private var lastTimestampArrival: Instant
    /// Jitter in 1/16 ticks.
    private var scaledJitter: Int64 = 0

    /// - Parameter floor: sequence numbers of this stream lie above it; 0 for a session's first.
    init(_ header: RTPHeader, clockRate: Int, above floor: Int64, at now: Instant) {
        ssrc = header.ssrc
        self.clockRate = clockRate
        highestSequence = Self.firstSequence(header.sequence, above: floor)
        baseSequence = highestSequence
        // One cycle up, so that what is older than the first packet stays positive.
        highestTimestamp = Int64(header.timestamp) + 1 << 32
        lastArrival = now
        lastTimestampArrival = now
        seen[highestSequence] = true
    }

    /// One cycle clear of `floor`: reordered packets of the new stream cannot reach into the old one.
    private static func firstSequence(_ sequence: UInt16, above floor: Int64) -> Int64 {
        (floor >> 16 &+ (floor == 0 ? 1 : 2)) << 16 | Int64(sequence)
    }

    // MARK: Reception

    /// Takes a packet of this SSRC; the numbers are meaningful unless it is unproven.
    mutating func receive(_ header: RTPHeader, at now: Instant) -> (Verdict, sequence: Int64, timestamp: Int64) {
        let (verdict, sequence, timestamp) = judge(header, at: now)
        guard hasSaidGoodbye, verdict != .duplicate, verdict != .unproven else { return (verdict, sequence, timestamp) }
        guard verdict == .inOrder, now - goodbyeInstant > Self.farewell else { return (.leaving, sequence, timestamp) }
        // One that goes on did not mean it.
        hasSaidGoodbye = false
        return (verdict, sequence, timestamp)
    }

    /// Counts a packet of a format that is not taken.
    mutating func pass(_ header: RTPHeader, at now: Instant) {
        let delta = Int64(Int16(bitPattern: header.sequence &- UInt16(truncatingIfNeeded: highestSequence)))
        guard !hasSaidGoodbye, delta >= -Self.maximumMisorder, delta < Self.maximumDropout,
            abs(unwrap(header.timestamp)) < Self.furthestTimestamp
        else { return }
        _ = judge(header, at: now)
    }

    private mutating func judge(_ header: RTPHeader, at now: Instant) -> (Verdict, sequence: Int64, timestamp: Int64) {
        let delta = Int64(Int16(bitPattern: header.sequence &- UInt16(truncatingIfNeeded: highestSequence)))
        let sequence = highestSequence &+ delta
        let timestamp = unwrap(header.timestamp)
        switch delta {
        case 1..<Self.maximumDropout:
            guard abs(timestamp) < Self.furthestTimestamp else { return restart(header, at: now) }
            advance(by: delta, to: sequence)
            measureJitter(timestamp, at: now)
            highestTimestamp = timestamp
            lastArrival = now
            return (.inOrder, sequence, timestamp)
        case -Self.maximumMisorder...0:
            return (receiveOld(sequence, as: .reordered, at: now), sequence, timestamp)
        default:
            return receiveJump(header, delta: delta, sequence, timestamp, at: now)
        }
    }

    private mutating func receiveJump(
        _ header: RTPHeader, delta: Int64, _ sequence: Int64, _ timestamp: Int64, at now: Instant
    ) -> (Verdict, sequence: Int64, timestamp: Int64) {
        // A repair asked for long ago is behind in its timestamp by about as much: two in a row must not pass for a
        // sender that restarted.
        if delta < 0, delta > -Self.maximumDropout, isRecent(timestamp), timestamp != highestTimestamp {
            guard delta > -ArrivalMap.capacity else {
                received += 1
                lastArrival = now
                return (.late, sequence, timestamp)
            }
            return (receiveOld(sequence, as: .late, at: now), sequence, timestamp)
        }
        guard restartSequence == header.sequence else {
            restartSequence = header.sequence &+ 1
            return (.unproven, sequence, timestamp)
        }
        return restart(header, at: now)
    }

    private mutating func restart(
        _ header: RTPHeader, at now: Instant
    ) -> (Verdict, sequence: Int64, timestamp: Int64) {
        var restarted = RemoteStream(header, clockRate: clockRate, above: highestSequence, at: now)
        restarted.lostBefore = lost
        self = restarted
        return (.restarted, highestSequence, highestTimestamp)
    }

    /// Takes a packet of the newest 1024, from before the highest.
    private mutating func receiveOld(_ sequence: Int64, as verdict: Verdict, at now: Instant) -> Verdict {
        let isDuplicate = seen[sequence]
        seen[sequence] = true
        received += 1
        if isDuplicate { duplicates += 1 }
        lastArrival = now
        return isDuplicate || repaired[sequence] ? .duplicate : verdict
    }

    /// Takes a packet that a retransmission format (RFC 4588) brought, with the original's sequence number. Nothing
    /// that reports say counts it: the line lost the original. The numbers are meaningful unless it is refused.
    mutating func receiveRetransmission(_ header: RTPHeader) -> (Repair, sequence: Int64, timestamp: Int64) {
        let delta = Int64(Int16(bitPattern: header.sequence &- UInt16(truncatingIfNeeded: highestSequence)))
        let sequence = highestSequence &+ delta
        let timestamp = unwrap(header.timestamp)
        guard delta <= 0, delta > -ArrivalMap.capacity, sequence > baseSequence, isRecent(timestamp), !hasSaidGoodbye
        else {
            return (.refused, sequence, timestamp)
        }
        guard !seen[sequence], !repaired[sequence] else { return (.duplicate, sequence, timestamp) }
        repaired[sequence] = true
        return (.missing, sequence, timestamp)
    }

    /// Whether a packet older than the newest may have this timestamp.
    private func isRecent(_ timestamp: Int64) -> Bool {
        let age = highestTimestamp &- timestamp
        return age >= 0 && age < Self.oldestRepair * Int64(clockRate)
    }

    private mutating func advance(by delta: Int64, to sequence: Int64) {
        seen.advance(from: highestSequence, to: sequence)
        repaired.advance(from: highestSequence, to: sequence)
        seen[sequence] = true
        highestSequence = sequence
        received += 1
        restartSequence = nil
    }

    /// The moment nearest to the newest packet that `timestamp` can stand for.
    func unwrap(_ timestamp: UInt32) -> Int64 {
        highestTimestamp
            &+ Int64(Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: highestTimestamp)))
    }

    mutating func sayGoodbye(at now: Instant) {
        hasSaidGoodbye = true
        goodbyeInstant = now
    }

    // MARK: Jitter and loss

    /// RFC 3550 appendix A.8, once per timestamp: the packets of one picture share it and are sent over time, which
    /// is no jitter of the line.
    private mutating func measureJitter(_ timestamp: Int64, at now: Instant) {
        let elapsed = timestamp &- highestTimestamp
        guard elapsed != 0 else { return }
        let limit = Int64(clockRate) * 10
        let arrival = MediaClock.ticks((now - lastTimestampArrival).nanoseconds, clockRate: clockRate)
        lastTimestampArrival = now
        // A pause or a jump of timestamps says nothing about the line, and would stay in the average for long.
        guard abs(elapsed) < limit, abs(arrival) < limit else { return }
        scaledJitter += abs(arrival - elapsed) - (scaledJitter + 8) >> 4
    }

    /// In ticks of the stream's clock.
    var jitter: UInt32 { UInt32(clamping: scaledJitter >> 4) }
    var jitterInterval: Interval { MediaClock.interval(ticks: scaledJitter >> 4, clockRate: clockRate) }

    private var expected: Int64 { highestSequence - baseSequence + 1 }
    /// As reports say it (A.3): negative when more packets came than were sent.
    var cumulativeLost: Int32 { Int32(clamping: expected - received) }
    /// Packets that never came; a duplicate does not make good for another one.
    var lost: Int { lostBefore + max(0, Int(expected - received + duplicates)) }

    /// The loss since the last call, in 1/256 of what was expected (A.3).
    mutating func takeFractionLost() -> UInt8 {
        let expectedInterval = expected - expectedBefore
        let lostInterval = expectedInterval - (received - receivedBefore)
        expectedBefore = expected
        receivedBefore = received
        guard expectedInterval > 0, lostInterval > 0 else { return 0 }
        return UInt8(clamping: lostInterval << 8 / expectedInterval)
    }
}
