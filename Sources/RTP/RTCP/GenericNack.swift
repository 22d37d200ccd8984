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
