import Media

/// TMMBR (RFC 5104 section 4.2.1): the receiver asks the sender of a stream not to exceed a rate.
package struct Tmmbr: Equatable, Sendable {
    package var sources: FeedbackSources
    package let count: Int
    private let start: Int

    package struct Entry: Equatable, Sendable {
        package var ssrc: UInt32
        /// The rate, packet headers included.
        package var bitrate: Bitrate
        /// Bytes of headers per packet that the receiver saw.
        package var overhead: Int

        package init(ssrc: UInt32, bitrate: Bitrate, overhead: Int) {
            self.ssrc = ssrc
            self.bitrate = bitrate
            self.overhead = overhead
        }

        /// - Precondition: `entrySize` bytes from `offset` on are inside `datagram`.
        init(parsing datagram: UnsafeRawBufferPointer, at offset: Int) {
            let word = datagram.bigEndian32(at: offset + 4)
            ssrc = datagram.bigEndian32(at: offset)
            bitrate = Bitrate(mantissa: word >> 9 & 0x1_FFFF, exponent: word >> 26)
            overhead = Int(word & 0x1FF)
        }
    }

    /// The feedback message type, for transport-layer feedback.
    package static let format = 3
    static let entrySize = 8

    /// `nil` if there is no entry, or a part of one.
    init?(_ sources: FeedbackSources, _ entries: Range<Int>) {
        guard !entries.isEmpty, entries.count % Self.entrySize == 0 else { return nil }
        self.sources = sources
        count = entries.count / Self.entrySize
        start = entries.lowerBound
    }

    /// - Precondition: `index < count`, and this packet was read from `datagram`.
    package func entry(_ index: Int, in datagram: UnsafeRawBufferPointer) -> Entry {
        precondition(index >= 0 && index < count, "entry \(index) of \(count)")
        return Entry(parsing: datagram, at: start + Self.entrySize * index)
    }
}
