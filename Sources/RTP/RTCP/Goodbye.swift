/// BYE (RFC 3550 section 6.6): sources that leave.
package struct Goodbye: Equatable, Sendable {
    /// 0 to 31; a BYE for nobody is allowed, and useless.
    package let sourceCount: Int
    /// Why, as a range of the datagram; empty if it was not said.
    package let reason: Range<Int>
    private let start: Int

    /// `nil` if `count` sources or the reason do not fit into `body`.
    init?(parsing datagram: UnsafeRawBufferPointer, _ body: Range<Int>, count: Int) {
        let sourcesEnd = body.lowerBound + 4 * count
        guard sourcesEnd <= body.upperBound else { return nil }
        start = body.lowerBound
        sourceCount = count
        if sourcesEnd < body.upperBound {
            let text = sourcesEnd + 1..<sourcesEnd + 1 + Int(datagram[sourcesEnd])
            guard text.upperBound <= body.upperBound else { return nil }
            reason = text
        } else {
            reason = sourcesEnd..<sourcesEnd
        }
    }

    /// - Precondition: `index < sourceCount`, and this packet was read from `datagram`.
    package func source(_ index: Int, in datagram: UnsafeRawBufferPointer) -> UInt32 {
        precondition(index >= 0 && index < sourceCount, "source \(index) of \(sourceCount)")
        return datagram.bigEndian32(at: start + 4 * index)
    }
}
