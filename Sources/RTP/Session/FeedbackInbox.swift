import Media

/// Holds what the peer's RTCP says to our sender until it is asked for. Its memory is made once: of numbers to be
/// repaired the newest 512 are kept, of transport-wide feedback four messages, of all else the newest.
struct FeedbackInbox: ~Copyable {
    static let sequenceCapacity = 512
    static let messageCapacity = 4
    /// No message within a datagram of a line without jumbo frames is longer.
    static let messageSize = 1600

    var collision = false
    var report: ReceiverReportFacts?
    /// Transport-wide feedback that found no room.
    private(set) var dropped = 0

    private let sequences: UnsafeMutablePointer<UInt16>
    private var sequencesNoted = 0
    private let messages: UnsafeMutableRawPointer
    private var lengths = InlineArray<4, Int>(repeating: 0)
    private var firstMessage = 0
    private var messageCount = 0
    private var remb: Limit?
    private var tmmbr: Limit?
    private var isLimitNew = false

    /// What somebody asks us not to exceed.
    private struct Limit {
        var bitrate: Bitrate
        var ssrc: UInt32
        var at: Instant
    }

    /// An estimate is said again with each report; one that is not any more is over.
    private static let estimateLasts = Interval.seconds(20)

    init() {
        sequences = .allocate(capacity: Self.sequenceCapacity)
        sequences.initialize(repeating: 0, count: Self.sequenceCapacity)
        messages = .allocate(byteCount: Self.messageCapacity * Self.messageSize, alignment: 8)
    }

    deinit {
        sequences.deallocate()
        messages.deallocate()
    }

    mutating func noteMissing(_ entry: GenericNack.Entry) {
        note(entry.sequence)
        for bit in UInt16(0)..<16 where entry.following >> bit & 1 != 0 { note(entry.sequence &+ bit &+ 1) }
    }

    private mutating func note(_ sequence: UInt16) {
        sequences[sequencesNoted % Self.sequenceCapacity] = sequence
        sequencesNoted += 1
    }

    mutating func noteRemb(_ bitrate: Bitrate, from ssrc: UInt32, at now: Instant) {
        remb = Limit(bitrate: bitrate, ssrc: ssrc, at: now)
        isLimitNew = true
    }

    mutating func noteTmmbr(_ bitrate: Bitrate, from ssrc: UInt32, at now: Instant) {
        tmmbr = Limit(bitrate: bitrate, ssrc: ssrc, at: now)
        isLimitNew = true
    }

    /// Whoever is gone asks for nothing any more (RFC 5104 section 4.2.1). - Parameter ssrc: `nil`: all that were there.
    mutating func forgetLimits(of ssrc: UInt32? = nil) {
        if let limit = remb, ssrc ?? limit.ssrc == limit.ssrc { (remb, isLimitNew) = (nil, true) }
        if let limit = tmmbr, ssrc ?? limit.ssrc == limit.ssrc { (tmmbr, isLimitNew) = (nil, true) }
    }

    /// What was asked for once, and is not any more, holds no longer. A TMMBR stands until another one comes.
    mutating func forgetOldLimits(at now: Instant) {
        guard let remb, now - remb.at > Self.estimateLasts else { return }
        self.remb = nil
        isLimitNew = true
    }

    /// The lower one of what the peer asks for in either way.
    var limit: Bitrate? {
        guard let remb, let tmmbr else { return (remb ?? tmmbr)?.bitrate }
        return min(remb.bitrate, tmmbr.bitrate)
    }

    mutating func noteTransportFeedback(_ content: UnsafeRawBufferPointer) {
        guard messageCount < Self.messageCapacity, content.count <= Self.messageSize else {
            dropped += 1
            return
        }
        let index = (firstMessage + messageCount) % Self.messageCapacity
        messageCount += 1
        UnsafeMutableRawBufferPointer(start: messages + index * Self.messageSize, count: Self.messageSize)
            .copyMemory(from: content)
        lengths[index] = content.count
    }

    mutating func next() -> SenderFeedback? {
        if collision {
            collision = false
            return .collision
        }
        if let report {
            self.report = nil
            return .report(report)
        }
        if isLimitNew {
            isLimitNew = false
            return .bitrateLimit(limit)
        }
        if messageCount > 0 {
            let index = firstMessage
            firstMessage = (firstMessage + 1) % Self.messageCapacity
            messageCount -= 1
            return .transportFeedback(
                UnsafeRawBufferPointer(start: messages + index * Self.messageSize, count: lengths[index]))
        }
        guard sequencesNoted > 0 else { return nil }
        let count = min(sequencesNoted, Self.sequenceCapacity)
        sequencesNoted = 0
        return .repairRequested(UnsafeBufferPointer(start: sequences, count: count))
    }
}
