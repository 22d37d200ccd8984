import Media

/// Puts the segments of a peer's messages together, whatever the order they come in and however often. One message at a
/// time: the newest revision. Its memory is made once.
package struct MessageReassembler: ~Copyable {
    package enum Outcome: Equatable, Sendable {
        /// Of a message that is not whole yet.
        case gathered
        /// The last one that was missing: `message` is whole.
        case whole
        /// Of the message that is whole already: the peer lives, and says the same.
        case repeated
        /// Of a message that another has taken the place of.
        case outdated
        /// Its head lies: it contradicts itself, its length or the segments before it.
        case refused
    }

    /// A revision that was not heard for so long gives way to any other: a peer that began anew counts from anywhere, and
    /// who lied about one must not block the rest.
    package static let lifetime = Interval.seconds(3)

    private let bytes: UnsafeMutableRawBufferPointer
    /// Any segment of the message that is being put together, or was; `nil` before the first.
    private var current: MessageSegment?
    private var sender: UInt32 = 0
    /// Which segments have come: a bit each.
    private var arrived: UInt64 = 0
    private var heardAt = Instant.zero

    package init() { bytes = .allocate(byteCount: MessageSegment.largestMessage, alignment: 8) }

    deinit { bytes.deallocate() }

    /// The message, if all of it is there; it holds until the next `receive`.
    package var message: UnsafeRawBufferPointer? {
        guard let current, isWhole else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[..<current.length])
    }

    /// The revision that is being put together, or was; `nil` before the first.
    package var revision: UInt32? { current?.revision }

    /// Takes the data of an APP packet.
    /// - Parameters:
    ///   - data: within `datagram`.
    ///   - ssrc: the packet's: each sender counts its own revisions.
    package mutating func receive(
        _ data: Range<Int>, in datagram: UnsafeRawBufferPointer, from ssrc: UInt32, at now: Instant
    ) -> Outcome {
        guard let segment = MessageSegment(parsing: datagram, data) else { return .refused }
        if let current, ssrc == sender {
            let isForgotten = now - heardAt >= Self.lifetime
            if segment.revision == current.revision {
                if segment.count != current.count || segment.length != current.length {
                    guard isForgotten else { return .refused }
                    begin(segment, from: ssrc)
                }
            } else {
                let isNewer = Int32(bitPattern: segment.revision &- current.revision) > 0
                guard isNewer || isForgotten else { return .outdated }
                begin(segment, from: ssrc)
            }
        } else {
            begin(segment, from: ssrc)
        }
        heardAt = now
        guard !isWhole else { return .repeated }
        let bit: UInt64 = 1 << UInt64(segment.index)
        guard arrived & bit == 0 else { return .gathered }
        arrived |= bit
        let part = data.lowerBound + MessageSegment.headSize
        UnsafeMutableRawBufferPointer(rebasing: bytes[segment.place])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: datagram[part..<part + segment.place.count]))
        return isWhole ? .whole : .gathered
    }

    private mutating func begin(_ segment: MessageSegment, from ssrc: UInt32) {
        current = segment
        sender = ssrc
        arrived = 0
    }

    private var isWhole: Bool {
        guard let current else { return false }
        return arrived.nonzeroBitCount == current.count
    }
}
