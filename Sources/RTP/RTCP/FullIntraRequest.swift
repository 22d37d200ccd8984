/// FIR (RFC 5104 section 4.3.1): a command to send a keyframe. Each entry names a stream and carries a sequence
/// number: the same number again is the same command, repeated.
package struct FullIntraRequest: Equatable, Sendable {
    package var sources: FeedbackSources
    package let count: Int
    private let start: Int

    package struct Entry: Equatable, Sendable {
        package var ssrc: UInt32
        package var sequence: UInt8

        package init(ssrc: UInt32, sequence: UInt8) {
            self.ssrc = ssrc
            self.sequence = sequence
        }
    }

    /// The feedback message type, for payload-specific feedback.
    package static let format = 4
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
        let offset = start + Self.entrySize * index
        return Entry(ssrc: datagram.bigEndian32(at: offset), sequence: datagram[offset + 4])
    }
}
