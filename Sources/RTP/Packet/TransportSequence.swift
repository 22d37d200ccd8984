/// A transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2): it counts every
/// packet that leaves for a site, retransmissions too, so that the site can say when each one came.
package struct TransportSequence: Equatable, Sendable {
    /// The local identifier agreed on in SDP (`a=extmap`), 1 to 14.
    package var extensionID: UInt8
    package var number: UInt16

    /// Bytes of its element, head included.
    static let elementSize = 3

    /// - Precondition: `extensionID` is 1 to 14: 0 is padding and 15 is reserved (RFC 8285 section 4.2).
    package init(extensionID: UInt8, number: UInt16) {
        precondition(
            OneByteExtension.ids.contains(Int(extensionID)), "a one-byte header extension has an id of 1 to 14")
        self.extensionID = extensionID
        self.number = number
    }

    /// - Precondition: `elementSize` bytes from `offset` on are inside `buffer`.
    func write(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        OneByteExtension.writeHead(Int(extensionID), size: 2, into: buffer, at: offset)
        buffer.storeBigEndian(number, at: offset + 1)
    }
}
