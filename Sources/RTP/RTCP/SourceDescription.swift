/// SDES (RFC 3550 section 6.5): the names of sources. Its items are read one by one with `items(in:)`.
package struct SourceDescription: Equatable, Sendable {
    /// The chunks: one source with its items each, 0 to 31.
    package let chunkCount: Int
    private let body: Range<Int>

    /// What an item says (RFC 3550 section 6.5.1 and following).
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The name that stays the same for all streams of an endpoint, and when an SSRC changes.
        package static let cname = Kind(rawValue: 1)
        /// The name for people: "Huyện ủy Gia Bình".
        package static let name = Kind(rawValue: 2)
    }

    /// One item: `text` is a range of the datagram, UTF-8 by the RFC, anything in practice.
    package struct Item: Equatable, Sendable {
        package var ssrc: UInt32
        package var kind: Kind
        package var text: Range<Int>
    }

    /// `nil` if a chunk is not framed right: every item is checked here, so that reading them cannot fail.
    init?(parsing datagram: UnsafeRawBufferPointer, _ body: Range<Int>, count: Int) {
        chunkCount = count
        self.body = body
        var items = Items(datagram, body, chunkCount: count)
        while items.next() != nil {}
        guard items.isWhole else { return nil }
    }

    /// - Precondition: this description was read from `datagram`.
    package func items(in datagram: UnsafeRawBufferPointer) -> Items {
        Items(datagram, body, chunkCount: chunkCount)
    }

    /// Walks the items of all chunks in order.
    package struct Items: IteratorProtocol {
        private let datagram: UnsafeRawBufferPointer
        private let start: Int
        private let end: Int
        private var offset: Int
        private var remainingChunks: Int
        private var ssrc: UInt32?
        private(set) var isWhole = true

        init(_ datagram: UnsafeRawBufferPointer, _ body: Range<Int>, chunkCount: Int) {
            self.datagram = datagram
            start = body.lowerBound
            end = body.upperBound
            offset = start
            remainingChunks = chunkCount
        }

        package mutating func next() -> Item? {
            while isWhole {
                guard let ssrc else {
                    guard beginChunk() else { return nil }
                    continue
                }
                guard offset < end else { return fail() }
                let kind = Kind(rawValue: datagram[offset])
                if kind.rawValue == 0 {
                    // One to four null bytes fill the chunk up to a multiple of four.
                    offset = start + (offset - start + 4) / 4 * 4
                    self.ssrc = nil
                    guard offset <= end else { return fail() }
                    continue
                }
                guard offset + 2 <= end else { return fail() }
                let text = offset + 2..<offset + 2 + Int(datagram[offset + 1])
                guard text.upperBound <= end else { return fail() }
                offset = text.upperBound
                return Item(ssrc: ssrc, kind: kind, text: text)
            }
            return nil
        }

        private mutating func beginChunk() -> Bool {
            guard remainingChunks > 0 else { return false }
            guard offset + 4 <= end else {
                isWhole = false
                return false
            }
            ssrc = datagram.bigEndian32(at: offset)
            offset += 4
            remainingChunks -= 1
            return true
        }

        private mutating func fail() -> Item? {
            isWhole = false
            return nil
        }
    }
}
