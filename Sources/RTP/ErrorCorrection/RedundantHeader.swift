/// The block headers of a RED payload (RFC 2198 section 3): redundant blocks first, the primary one last.
package struct RedundantHeader: Equatable, Sendable {
    /// The payload type of the primary block.
    package var payloadType: UInt8
    /// The redundant blocks before it: older media, sent once more.
    package var redundantCount: Int
    /// The primary block within the payload.
    package var primary: Range<Int>

    /// The header of a block that is the only one: the F bit is 0, seven bits are the payload type.
    package static let shortestSize = 1
    private static let redundantSize = 4

    /// `nil` if the headers, or the blocks whose lengths they tell, don't fit into the payload.
    package init?(parsing payload: UnsafeRawBufferPointer) {
        var offset = 0
        var redundantBytes = 0
        redundantCount = 0
        while true {
            guard offset < payload.count else { return nil }
            guard payload[offset] & 0x80 != 0 else { break }
            guard offset + Self.redundantSize <= payload.count else { return nil }
            redundantBytes += Int(payload.bigEndian16(at: offset + 2) & 0x3FF)
            redundantCount += 1
            offset += Self.redundantSize
        }
        payloadType = payload[offset] & 0x7F
        let start = offset + Self.shortestSize + redundantBytes
        guard start <= payload.count else { return nil }
        primary = start..<payload.count
    }
}
