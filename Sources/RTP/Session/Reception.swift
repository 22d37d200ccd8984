import Media

/// What a datagram was to the session.
package enum Reception: Equatable, Sendable {
    /// A packet of the active remote stream. Sequence and timestamp are unwrapped to 64 bits; the sequence rises over a
    /// whole session, also where one stream follows another. Drain `RTPSession.next` before using it: a
    /// `.streamChanged` that waits there comes before this packet.
    case media(RTPHeader, sequence: Int64, timestamp: Int64)
    /// RTCP: what follows from it waits in `RTPSession.next`.
    case control
    case dropped(DropCause)
}

/// Why a datagram was dropped.
package enum DropCause: Hashable, Sendable, CaseIterable {
    /// Neither RTP nor RTCP, or one that does not hold together.
    case malformed
    /// Not RTP version 2.
    case version
    /// A payload type that was not agreed on.
    case payloadType
    /// The packet came before.
    case duplicate
    /// A new source that has not yet sent two packets in order, a jump of sequence that was not confirmed, or a packet
    /// so soon after its stream's BYE that it was underway before.
    case probation
    /// A proven source while another one is live: a medium of a site is one stream.
    case sourceLimit
    /// It carries our own SSRC: a loop, or a collision (RFC 3550 section 8.2).
    case ownSSRC
    /// A retransmission of nothing (a probe), or of a packet outside the stream's recent past.
    case retransmission
}
