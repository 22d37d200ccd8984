import Media

/// One outgoing RTP stream: it numbers its packets, stamps them, and counts what a sender report must say. The payloads
/// may be shared with any number of other streams.
package struct StreamSender: Sendable {
    package let ssrc: UInt32
    package var payloadType: PayloadType
    /// The next packet's sequence number.
    package private(set) var sequence: UInt16
    /// Added to media time, so that timestamps start at random (RFC 3550 section 5.1).
    package let timestampOffset: UInt32
    package private(set) var packetCount: UInt32 = 0
    package private(set) var octetCount: UInt32 = 0
    /// Whether the stream has ended: a BYE was sent, and no packet may follow it (RFC 3550 section 6.6).
    package private(set) var isEnded = false
    private var lastTimestamp: UInt32
    private var lastInstant = Instant.zero
    /// The id of the header extension with the contributors' audio levels (RFC 6465), 1 to 14; `nil`: none.
    package var levelExtension: Int?
    /// The sources inside the packets that follow (RFC 3550 section 5.1): their CSRC list.
    package var contributors = Contributors()

    /// - Parameters:
    ///   - position: of the stream to go on with, of this SSRC; `nil`: a new one.
    ///   - generator: random bits for sequence number and timestamp; a seeded one in tests.
    package init(
        ssrc: UInt32, payloadType: PayloadType, resuming position: ResumePoint? = nil,
        using generator: inout some RandomNumberGenerator
    ) {
        self.ssrc = ssrc
        self.payloadType = payloadType
        // From the lower half: the first wrap comes late enough for SRTP receivers that join in the beginning.
        sequence = position?.sequence ?? UInt16.random(in: 0..<0x8000, using: &generator)
        timestampOffset = position?.timestampOffset ?? UInt32.random(in: .min ... .max, using: &generator)
        lastTimestamp = timestampOffset
    }

    /// Where it stands now.
    package var position: ResumePoint {
        ResumePoint(ssrc: ssrc, sequence: sequence, timestampOffset: timestampOffset)
    }

    /// The header of the next packet, which is counted as sent.
    /// - Parameters:
    ///   - mediaTime: when the payload was sampled, in ticks of the payload's clock.
    ///   - instant: the same moment on the machine's clock: what a sender report ties to the wall clock.
    ///   - payloadSize: bytes behind the header.
    /// - Precondition: the stream has not ended.
    package mutating func header(marker: Bool, mediaTime: Int64, sampledAt instant: Instant, payloadSize: Int)
        -> RTPHeader
    {
        let header = number(
            marker: marker, timestamp: timestamp(of: mediaTime), payloadType: payloadType, payloadSize: payloadSize,
            contributors: contributors)
        tie(header.timestamp, to: instant)
        count(payloadSize: payloadSize)
        return header
    }

    /// The stream is over: its last packet has left. What it sent is still known, for the report beside the BYE.
    package mutating func end() { isEnded = true }

    /// The RTP timestamp of a moment on the media clock.
    func timestamp(of mediaTime: Int64) -> UInt32 { UInt32(truncatingIfNeeded: mediaTime) &+ timestampOffset }

    /// Numbers a packet that is yet to leave; `count` says that it did.
    mutating func number(
        marker: Bool, timestamp: UInt32, payloadType: PayloadType, payloadSize: Int,
        contributors: Contributors = Contributors()
    ) -> RTPHeader {
        precondition(!isEnded, "a stream sends nothing after its BYE")
        var header = RTPHeader(
            payloadType: payloadType.rawValue, marker: marker, sequence: sequence, timestamp: timestamp, ssrc: ssrc)
        header.contributors = contributors
        header.levelExtension = levelExtension
        header.payload = header.writtenSize..<header.writtenSize + payloadSize
        sequence &+= 1
        return header
    }

    /// What was sampled at `instant` has this timestamp: the newest pair is that of sender reports.
    mutating func tie(_ timestamp: UInt32, to instant: Instant) {
        lastTimestamp = timestamp
        lastInstant = instant
    }

    /// Counts a packet as sent.
    mutating func count(payloadSize: Int) {
        packetCount &+= 1
        octetCount &+= UInt32(truncatingIfNeeded: payloadSize)
    }

    /// What `RTPSession.next(at:sender:)` wants; `nil` as long as nothing was sent.
    /// - Parameter wallclock: the wall clock's time at `now`.
    package func state(wallclock: NTPTime, at now: Instant) -> SenderState? {
        guard packetCount > 0 || octetCount > 0 else { return nil }
        return SenderState(
            ssrc: ssrc, packetCount: packetCount, octetCount: octetCount, rtpTimestamp: lastTimestamp,
            timestampInstant: lastInstant, wallclock: wallclock, wallclockInstant: now)
    }
}
