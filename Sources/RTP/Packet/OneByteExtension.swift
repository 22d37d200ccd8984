/// Header extensions whose elements have heads of one byte (RFC 8285 section 4.2): id and length share it.
enum OneByteExtension {
    /// The profile word in front of them.
    static let profile: UInt16 = 0xBEDE
    /// The profile word and the count of words behind it.
    static let headSize = 4
    /// 0 is padding, 15 is reserved.
    static let ids = 1...14

    /// Where the data of element `id` stands; `nil` if it isn't there, or stands behind one that does not fit.
    /// - Parameter body: of the extension, within `datagram`.
    static func element(_ id: Int, of body: Range<Int>, in datagram: UnsafeRawBufferPointer) -> Range<Int>? {
        var offset = body.lowerBound
        while offset < body.upperBound {
            let head = Int(datagram[offset])
            offset += 1
            if head == 0 { continue }
            // What follows an id of 0 with a length, or the reserved one, is not read.
            guard ids.contains(head >> 4) else { return nil }
            let data = offset..<offset + (head & 0x0F) + 1
            guard data.upperBound <= body.upperBound else { return nil }
            if head >> 4 == id { return data }
            offset = data.upperBound
        }
        return nil
    }

    /// Writes the head of an element.
    /// - Precondition: the id is one of `ids`, and there are 1 to 16 bytes of data.
    static func writeHead(_ id: Int, size: Int, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        precondition(ids.contains(id), "a one-byte header extension has an id of 1 to 14, not \(id)")
        buffer[offset] = UInt8(id << 4 | (size - 1))
    }
}
