import Media

/// REMB (draft-alvestrand-rmcat-remb-03 section 2.2): the rate the receiver's line can take, all its streams together.
package struct Remb: Equatable, Sendable {
    package var sources: FeedbackSources
    package let bitrate: Bitrate
    /// The streams it is about.
    package let streamCount: Int
    private let start: Int

    /// The feedback message type: application layer feedback, then the word "REMB".
    package static let format = 15
    static let identifier: UInt32 = 0x5245_4D42
    static let fixedSize = 8
    /// The bytes of a whole packet about one stream.
    static let packetSize = RTCPHeader.size + FeedbackSources.size + fixedSize + 4

    /// `nil` if it is other application layer feedback, or does not fit.
    init?(parsing datagram: UnsafeRawBufferPointer, _ sources: FeedbackSources, _ body: Range<Int>) {
        guard body.count >= Self.fixedSize, datagram.bigEndian32(at: body.lowerBound) == Self.identifier else {
            return nil
        }
        let word = datagram.bigEndian32(at: body.lowerBound + 4)
        streamCount = Int(word >> 24)
        start = body.lowerBound + Self.fixedSize
        guard start + 4 * streamCount <= body.upperBound else { return nil }
        bitrate = Bitrate(mantissa: word & 0x3_FFFF, exponent: word >> 18 & 0x3F)
        self.sources = sources
    }

    /// - Precondition: `index < streamCount`, and this packet was read from `datagram`.
    package func stream(_ index: Int, in datagram: UnsafeRawBufferPointer) -> UInt32 {
        precondition(index >= 0 && index < streamCount, "stream \(index) of \(streamCount)")
        return datagram.bigEndian32(at: start + 4 * index)
    }
}

extension Bitrate {
    /// The floating form of REMB and TMMBR. Exponents up to 63 are on the wire: what no line has is cut to `Int.max`.
    init(mantissa: UInt32, exponent: UInt32) {
        let shifted = exponent < 45 ? Int(mantissa) << Int(exponent) : (mantissa == 0 ? 0 : Int.max)
        self.init(bitsPerSecond: shifted)
    }

    /// The same form to be written, rounded down: a limit is never overstated.
    func floatingForm(mantissaBits: Int) -> (mantissa: UInt32, exponent: UInt32) {
        let value = max(0, bitsPerSecond)
        let exponent = max(0, Int.bitWidth - value.leadingZeroBitCount - mantissaBits)
        return (UInt32(value >> exponent), UInt32(exponent))
    }
}
