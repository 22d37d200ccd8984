/// Where an outgoing stream stands: enough for another process to go on with it, so that a receiver sees one stream (RFC 3550
/// section 5.1). Never of SRTP: an index that is used twice under one key gives the key stream away (RFC 3711 section 9.1).
package struct ResumePoint: Codable, Hashable, Sendable {
    package var ssrc: UInt32
    /// Of the next packet.
    package var sequence: UInt16
    package var timestampOffset: UInt32

    package init(ssrc: UInt32, sequence: UInt16, timestampOffset: UInt32) {
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestampOffset = timestampOffset
    }

    /// As far ahead as may have been sent since: a receiver counts what lies between as lost, and never sees a number twice.
    package func ahead(by packets: UInt16) -> ResumePoint {
        ResumePoint(ssrc: ssrc, sequence: sequence &+ packets, timestampOffset: timestampOffset)
    }
}
