import Media

/// SR (RFC 3550 section 6.4.1): how the sender's wall clock and its RTP timestamps belong together, how much it sent,
/// and what it receives.
package struct SenderReport: Equatable, Sendable {
    package var ssrc: UInt32
    package var information: Information
    package var blocks: ReportBlockList

    /// The 20 bytes of sender information.
    package struct Information: Equatable, Sendable {
        package var ntp: NTPTime
        /// The same moment as `ntp` on the clock of the stream's RTP timestamps.
        package var rtpTimestamp: UInt32
        package var packetCount: UInt32
        /// Payload bytes, without headers and padding.
        package var octetCount: UInt32

        static let size = 20

        package init(ntp: NTPTime, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32) {
            self.ntp = ntp
            self.rtpTimestamp = rtpTimestamp
            self.packetCount = packetCount
            self.octetCount = octetCount
        }
    }

    /// `nil` if the sender information or `count` report blocks do not fit into `body`.
    init?(parsing datagram: UnsafeRawBufferPointer, _ body: Range<Int>, count: Int) {
        let start = body.lowerBound
        let fixedSize = 4 + Information.size
        guard body.count >= fixedSize,
            let blocks = ReportBlockList(from: start + fixedSize, to: body.upperBound, count: count)
        else { return nil }
        ssrc = datagram.bigEndian32(at: start)
        information = Information(
            ntp: NTPTime(rawValue: datagram.bigEndian64(at: start + 4)),
            rtpTimestamp: datagram.bigEndian32(at: start + 12), packetCount: datagram.bigEndian32(at: start + 16),
            octetCount: datagram.bigEndian32(at: start + 20))
        self.blocks = blocks
    }
}
