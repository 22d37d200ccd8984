/// A transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2): it counts every
/// packet that leaves for a site, retransmissions too, so that the site can say when each one came.
package struct TransportSequence: Equatable, Sendable {
    /// The local identifier agreed on in SDP (`a=extmap`), 1 to 14.
    package var extensionID: UInt8
    package var number: UInt16

    /// Bytes of the whole header extension: its head, and one element padded to a word.
    package static let size = 8
    /// The profile word of extensions with one-byte element heads (RFC 8285 section 4.2).
    package static let oneByteProfile: UInt16 = 0xBEDE

    /// - Precondition: `extensionID` is 1 to 14: 0 is padding and 15 is reserved (RFC 8285 section 4.2).
    package init(extensionID: UInt8, number: UInt16) {
        precondition((1...14).contains(extensionID), "a one-byte header extension has an id of 1 to 14")
        self.extensionID = extensionID
        self.number = number
    }

    /// - Precondition: `size` bytes from `offset` on are inside `buffer`.
    func write(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        buffer.storeBigEndian(Self.oneByteProfile, at: offset)
        buffer.storeBigEndian(UInt16(1), at: offset + 2)
        // The element's length field is one less than its bytes.
        buffer[offset + 4] = extensionID << 4 | 1
        buffer.storeBigEndian(number, at: offset + 5)
        buffer[offset + 7] = 0
    }
}
