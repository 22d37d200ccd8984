/// The head of one segment of a message: an opaque run of bytes that goes in APP packets, one in each datagram
/// (RFC 3550 section 6.7), and again and again until another takes its place.
///
///     0                   1                   2                   3
///     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     |                           revision                            |
///     |     index     |     count     |            length             |
///
/// The parts are equal, but for the last one, and whole words, so that any head tells where its part belongs.
package struct MessageSegment: Equatable, Sendable {
    /// Rises by one with each other message, modulo 2^32.
    package let revision: UInt32
    /// 0 to `count - 1`.
    package let index: Int
    /// The segments of this message, 1 to 64.
    package let count: Int
    /// Bytes of the whole message, 1 to 16384.
    package let length: Int

    package static let largestMessage = 16 * 1024
    package static let mostSegments = 64
    /// The bytes of the head.
    package static let headSize = 8
    /// The APP subtype of segments; those of other subtypes are passed over.
    static let subtype = 0

    /// - Precondition: the numbers are in their ranges, and no segment is empty.
    package init(revision: UInt32, index: Int, count: Int, length: Int) {
        self.revision = revision
        self.index = index
        self.count = count
        self.length = length
        precondition(isSound, "segment \(index) of \(count) of \(length) bytes")
    }

    /// `nil` if the head contradicts itself, or `data` is not as long as it says.
    package init?(parsing datagram: UnsafeRawBufferPointer, _ data: Range<Int>) {
        guard data.count > Self.headSize else { return nil }
        revision = datagram.bigEndian32(at: data.lowerBound)
        index = Int(datagram[data.lowerBound + 4])
        count = Int(datagram[data.lowerBound + 5])
        length = Int(datagram.bigEndian16(at: data.lowerBound + 6))
        guard isSound, data.count == dataSize else { return nil }
    }

    private var isSound: Bool {
        guard (1...Self.largestMessage).contains(length), (1...Self.mostSegments).contains(count) else { return false }
        return index >= 0 && index < count && (count - 1) * partSize < length
    }

    /// Bytes of each part but the last.
    private var partSize: Int { Self.words((length + count - 1) / count) }

    /// The bytes of the message that this segment carries.
    package var place: Range<Int> { index * partSize..<min(length, (index + 1) * partSize) }

    /// Bytes of the APP packet's data: the head, and the part filled up to whole words.
    package var dataSize: Int { Self.headSize + Self.words(place.count) }

    /// How many segments a message of `length` bytes takes where each APP packet has room for `room` bytes of data.
    static func count(length: Int, room: Int) -> Int {
        let largestPart = max(4, (room - headSize) & ~3)
        return (length + largestPart - 1) / largestPart
    }

    /// - Precondition: `buffer` holds at least `headSize` bytes.
    package func write(into buffer: UnsafeMutableRawBufferPointer) {
        buffer.storeBigEndian(revision, at: 0)
        buffer[4] = UInt8(index)
        buffer[5] = UInt8(count)
        buffer.storeBigEndian(UInt16(length), at: 6)
    }

    private static func words(_ bytes: Int) -> Int { (bytes + 3) & ~3 }
}
