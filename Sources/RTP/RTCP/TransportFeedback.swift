import Media

/// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): of each
/// packet of a range of transport-wide sequence numbers, whether and when it came. Walks the feedback control
/// information in place; that it holds together was checked when it was made.
package struct TransportFeedback {
    /// What became of one packet.
    package struct Status: Equatable, Sendable {
        /// The transport-wide sequence number.
        package var number: UInt16
        /// When it came, after the feedback's reference time; `nil` if it has not.
        package var arrival: Interval?
    }

    /// The feedback message type, for transport-layer feedback.
    package static let format = 15
    /// The head of the feedback control information.
    private static let fixedSize = 8
    private static let chunkSize = 2
    /// More packets than a line of 100 Mbit/s carries in 400 ms: who says so wants us to count for nothing.
    package static let mostPackets = 4096
    private static let deltaUnit = Interval.microseconds(250)

    package let baseNumber: UInt16
    /// Packets it tells of.
    package let count: Int
    /// Multiples of 64 ms on the peer's clock, modulo 2^24.
    package let referenceTime: UInt32
    /// Counts the peer's feedback, modulo 256.
    package let feedbackNumber: UInt8

    private let bytes: UnsafeRawBufferPointer
    private var chunks: ChunkWalk
    private var deltaOffset: Int
    private var told = 0
    private var arrival = Interval.zero

    /// One unit of `referenceTime`.
    package static let referenceUnit = Interval.milliseconds(64)

    /// How many packets the feedback in `bytes` claims to tell of, before anything else is looked at.
    static func claimedCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        bytes.count >= fixedSize ? Int(bytes.bigEndian16(at: 2)) : 0
    }

    /// `nil` if it tells of no packet or of absurdly many, is cut off, or has a reserved symbol.
    /// - Parameter bytes: the FCI, behind the two SSRCs; borrowed, it must live as long as this value.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.fixedSize else { return nil }
        count = Int(bytes.bigEndian16(at: 2))
        guard count > 0, count <= Self.mostPackets else { return nil }
        baseNumber = bytes.bigEndian16(at: 0)
        let word = bytes.bigEndian32(at: 4)
        referenceTime = word >> 8
        feedbackNumber = UInt8(truncatingIfNeeded: word)
        self.bytes = bytes
        chunks = ChunkWalk(offset: Self.fixedSize)
        // Chunks come before all deltas: where those begin is known only behind the last chunk.
        var walk = chunks
        var deltaBytes = 0
        for _ in 0..<count {
            guard let symbol = walk.next(in: bytes), let size = symbol.deltaSize else { return nil }
            deltaBytes += size
        }
        deltaOffset = walk.offset
        guard deltaOffset + deltaBytes <= bytes.count else { return nil }
    }

    /// The next packet's status, in the order of sequence numbers; `nil` behind the last.
    package mutating func next() -> Status? {
        guard told < count, let symbol = chunks.next(in: bytes) else { return nil }
        let number = baseNumber &+ UInt16(truncatingIfNeeded: told)
        told += 1
        switch symbol {
        case .lost, .reserved: return Status(number: number, arrival: nil)
        case .smallDelta:
            advance(Int(bytes[deltaOffset]))
            deltaOffset += 1
        case .largeDelta:
            advance(Int(Int16(bitPattern: bytes.bigEndian16(at: deltaOffset))))
            deltaOffset += 2
        }
        return Status(number: number, arrival: arrival)
    }

    private mutating func advance(_ units: Int) { arrival = arrival + Self.deltaUnit * units }

    /// A packet's status symbol (section 3.1.1).
    private enum Symbol: UInt8 {
        case lost = 0
        case smallDelta
        case largeDelta
        case reserved

        /// Bytes of its arrival; `nil` for what must not be there.
        var deltaSize: Int? {
            switch self {
            case .lost: 0
            case .smallDelta: 1
            case .largeDelta: 2
            case .reserved: nil
            }
        }
    }

    /// The symbols of run length and status vector chunks, one after the other (sections 3.1.3 and 3.1.4).
    private struct ChunkWalk {
        /// Of the chunk after the present one.
        private(set) var offset: Int
        private var chunk: UInt16 = 0
        private var left = 0

        init(offset: Int) { self.offset = offset }

        /// `nil` when the chunks are cut off.
        mutating func next(in bytes: UnsafeRawBufferPointer) -> Symbol? {
            while left == 0 {
                guard offset + TransportFeedback.chunkSize <= bytes.count else { return nil }
                chunk = bytes.bigEndian16(at: offset)
                offset += TransportFeedback.chunkSize
                left = isRun ? Int(chunk & 0x1FFF) : isWide ? 7 : 14
            }
            left -= 1
            let bits: UInt16 =
                if isRun { chunk >> 13 & 3 } else if isWide { chunk >> UInt16(2 * left) & 3 } else {
                    chunk >> UInt16(left) & 1
                }
            return Symbol(rawValue: UInt8(truncatingIfNeeded: bits))
        }

        private var isRun: Bool { chunk & 0x8000 == 0 }
        /// Whether a vector's symbols have two bits.
        private var isWide: Bool { chunk & 0x4000 != 0 }
    }
}
