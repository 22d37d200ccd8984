/// How a packet came.
package enum PacketOrigin: Equatable, Sendable {
    /// By the stream itself: for the first time, or repeated as it was.
    case line
    /// By a retransmission format (RFC 4588).
    case retransmission
    /// Computed from others (FEC).
    case recovery
}
