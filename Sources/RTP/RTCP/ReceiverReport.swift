/// RR (RFC 3550 section 6.4.2): the reports of one that sent nothing of late.
package struct ReceiverReport: Equatable, Sendable {
    package var ssrc: UInt32
    package var blocks: ReportBlockList

    /// `nil` if the SSRC or `count` report blocks do not fit into `body`.
    init?(parsing datagram: UnsafeRawBufferPointer, _ body: Range<Int>, count: Int) {
        guard body.count >= 4,
            let blocks = ReportBlockList(from: body.lowerBound + 4, to: body.upperBound, count: count)
        else { return nil }
        ssrc = datagram.bigEndian32(at: body.lowerBound)
        self.blocks = blocks
    }
}
