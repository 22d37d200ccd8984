/// Generic NACK (RFC 4585 section 6.2.1): packets the receiver misses. Each entry names one by its sequence number, and
/// up to 16 that follow it by a bit mask.
package struct GenericNack: Equatable, Sendable {
    package var sources: FeedbackSources
    package let count: Int
    private let start: Int

    package struct Entry: Equatable, Sendable {
        /// PID: the first packet missed.
        package var sequence: UInt16
        /// BLP: bit `n` set means that `sequence + n + 1` is missed too.
        package var following: UInt16

        /// How many packets the entry names.
        package var packetCount: Int { 1 + following.nonzeroBitCount }

        package init(sequence: UInt16, following: UInt16) {
            self.sequence = sequence
            self.following = following
        }

        /// The entry for `sequences[start]` and as many of those behind it as it can name.
        /// - Returns: also the index of the first that it doesn't name.
        static func pack(_ sequences: UnsafeBufferPointer<UInt16>, from start: Int) -> (Entry, end: Int) {
            var entry = Entry(sequence: sequences[start], following: 0)
            var index = start + 1
            while index < sequences.count {
                let distance = sequences[index] &- entry.sequence
                guard (1...16).contains(distance) else { break }
                entry.following |= 1 << (distance - 1)
                index += 1
            }
            return (entry, index)
        }
    }

    /// The feedback message type, for transport-layer feedback.
    package static let format = 1
    static let entrySize = 4

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
        let offset = start + Self.entrySize * index
        return Entry(sequence: datagram.bigEndian16(at: offset), following: datagram.bigEndian16(at: offset + 2))
    }
}
