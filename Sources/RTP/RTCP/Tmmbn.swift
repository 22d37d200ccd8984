/// TMMBN (RFC 5104 section 4.2.2): the sender of a stream says whose limits it keeps to. An empty list is allowed: it
/// keeps to none.
package struct Tmmbn: Equatable, Sendable {
    package var sources: FeedbackSources
    package let count: Int
    private let start: Int

    /// The feedback message type, for transport-layer feedback.
    package static let format = 4

    /// `nil` if there is a part of an entry.
    init?(_ sources: FeedbackSources, _ entries: Range<Int>) {
        guard entries.count % Tmmbr.entrySize == 0 else { return nil }
        self.sources = sources
        count = entries.count / Tmmbr.entrySize
        start = entries.lowerBound
    }

    /// A limit, and in `ssrc` who asked for it.
    /// - Precondition: `index < count`, and this packet was read from `datagram`.
    package func entry(_ index: Int, in datagram: UnsafeRawBufferPointer) -> Tmmbr.Entry {
        precondition(index >= 0 && index < count, "entry \(index) of \(count)")
        return Tmmbr.Entry(parsing: datagram, at: start + Tmmbr.entrySize * index)
    }
}
