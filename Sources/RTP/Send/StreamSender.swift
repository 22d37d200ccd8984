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
    private var lastTimestamp: UInt32
    private var lastInstant = Instant.zero

    /// - Parameter generator: random bits for sequence number and timestamp; a seeded one in tests.
    package init(ssrc: UInt32, payloadType: PayloadType, using generator: inout some RandomNumberGenerator) {
        self.ssrc = ssrc
        self.payloadType = payloadType
        // From the lower half: the first wrap comes late enough for SRTP receivers that join in the beginning.
        sequence = UInt16.random(in: 0..<0x8000, using: &generator)
        timestampOffset = UInt32.random(in: .min ... .max, using: &generator)
        lastTimestamp = timestampOffset
    }

    /// The header of the next packet, which is counted as sent.
    /// - Parameters:
    ///   - mediaTime: when the payload was sampled, in ticks of the payload's clock.
    ///   - instant: the same moment on the machine's clock: what a sender report ties to the wall clock.
    ///   - payloadSize: bytes behind the header.
    package mutating func header(marker: Bool, mediaTime: Int64, sampledAt instant: Instant, payloadSize: Int)
        -> RTPHeader
    {
        let timestamp = UInt32(truncatingIfNeeded: mediaTime) &+ timestampOffset
        let header = RTPHeader(
            payloadType: payloadType.rawValue, marker: marker, sequence: sequence, timestamp: timestamp, ssrc: ssrc,
            payload: RTPHeader.fixedSize..<RTPHeader.fixedSize + payloadSize)
        sequence &+= 1
        packetCount &+= 1
        octetCount &+= UInt32(truncatingIfNeeded: payloadSize)
        lastTimestamp = timestamp
        lastInstant = instant
        return header
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
