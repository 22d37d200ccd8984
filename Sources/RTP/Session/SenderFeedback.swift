import Media

/// What the peer's RTCP says to the sender of our own stream. Drain it by `RTPSession.nextFeedback`.
package enum SenderFeedback {
    /// The peer misses these packets of ours (generic NACK), in no order, perhaps with repetitions. The memory is the
    /// session's, valid until it is called again.
    case repairRequested(UnsafeBufferPointer<UInt16>)
    /// The most that the peer wants to be sent: the lower one of what its REMB and its TMMBR said last; `nil`: it wants no limit
    /// any more, or has gone.
    case bitrateLimit(Bitrate?)
    /// The peer's report block about our stream.
    case report(ReceiverReportFacts)
    /// Transport-wide feedback: what is behind the two SSRCs. The memory is the session's, valid until it is called
    /// again.
    case transportFeedback(UnsafeRawBufferPointer)
    /// Somebody else uses our SSRC (RFC 3550 section 8.2): say goodbye, `changeSSRC`, and send on under the new one.
    case collision
}

/// What one report block of the peer's says about our stream.
package struct ReceiverReportFacts: Equatable, Sendable {
    /// The loss since its report before, 0 to 1.
    package var fractionLost: Double
    /// Packets lost since the start: negative when more came than were sent.
    package var cumulativeLost: Int
    package var jitter: Interval
    /// The last one measured; `nil` until the peer has answered a sender report.
    package var roundTrip: Interval?

    package init(fractionLost: Double, cumulativeLost: Int, jitter: Interval, roundTrip: Interval?) {
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.jitter = jitter
        self.roundTrip = roundTrip
    }
}
