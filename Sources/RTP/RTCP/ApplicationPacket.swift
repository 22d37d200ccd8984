/// APP (RFC 3550 section 6.7): something that only applications of one kind understand. Others pass over it.
package struct ApplicationPacket: Equatable, Sendable {
    /// Who sends it.
    package var ssrc: UInt32
    /// 0 to 31, of a meaning that the name's owner gives it.
    package var subtype: Int
    package var name: Name
    /// Whole words, as a range of the datagram.
    package var data: Range<Int>

    /// Four characters that say whose packets these are, case included.
    package struct Name: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// - Precondition: `text` is four ASCII characters.
        package init(_ text: StaticString) {
            precondition(text.utf8CodeUnitCount == 4 && text.isASCII, "an APP packet's name has four characters")
            rawValue = text.withUTF8Buffer { UnsafeRawBufferPointer($0).bigEndian32(at: 0) }
        }
    }

    /// SSRC and name.
    static let fixedSize = 8

    /// `nil` if SSRC or name do not fit into `body`.
    init?(parsing datagram: UnsafeRawBufferPointer, _ body: Range<Int>, subtype: Int) {
        guard body.count >= Self.fixedSize else { return nil }
        ssrc = datagram.bigEndian32(at: body.lowerBound)
        self.subtype = subtype
        name = Name(rawValue: datagram.bigEndian32(at: body.lowerBound + 4))
        data = body.lowerBound + Self.fixedSize..<body.upperBound
    }
}
