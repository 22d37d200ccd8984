/// The part of a protected packet that goes into the FEC header (RFC 5109 section 8.1): the sum without carry of any
/// number of packets. Summing them all but one, and the FEC packet, leaves that one.
package struct FecParity: Equatable, Sendable {
    /// P, X, CC, M and PT as they stand in the first two bytes of a header; the two bits of the version are 0.
    package var flags: UInt16 = 0
    package var timestamp: UInt32 = 0
    /// Of what is behind the fixed header: CSRCs, header extension, payload and padding, in bytes.
    package var length: UInt16 = 0

    package init() {}

    package static func ^= (sum: inout Self, other: Self) {
        sum.flags ^= other.flags
        sum.timestamp ^= other.timestamp
        sum.length ^= other.length
    }

    /// - Precondition: `packet` is an RTP packet of at least 12 and at most 65,547 bytes.
    init(of packet: UnsafeRawBufferPointer) {
        flags = packet.bigEndian16(at: 0) & 0x3FFF
        timestamp = packet.bigEndian32(at: 4)
        length = UInt16(packet.count - RTPHeader.fixedSize)
    }

    /// Writes the header of the packet that this is the only one in the sum of.
    /// - Precondition: `buffer` holds at least 12 bytes.
    func writeHeader(sequence: UInt16, ssrc: UInt32, into buffer: UnsafeMutableRawBufferPointer) {
        buffer.storeBigEndian(flags & 0x3FFF | 2 << 14, at: 0)
        buffer.storeBigEndian(sequence, at: 2)
        buffer.storeBigEndian(timestamp, at: 4)
        buffer.storeBigEndian(ssrc, at: 8)
    }
}

/// Adds `source` to `target` without carry, byte by byte: the protection operation of RFC 5109 section 8.
/// - Precondition: `target` has at least as many bytes as `source`, and the two don't overlap.
func addParity(of source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    guard let bytes = source.baseAddress else { return }
    let words = source.count / 8
    for word in 0..<words {
        let sum =
            target.loadUnaligned(fromByteOffset: 8 &* word, as: UInt64.self)
            ^ bytes.loadUnaligned(fromByteOffset: 8 &* word, as: UInt64.self)
        target.storeBytes(of: sum, toByteOffset: 8 &* word, as: UInt64.self)
    }
    for index in 8 * words..<source.count {
        let sum = target.load(fromByteOffset: index, as: UInt8.self) ^ bytes.load(fromByteOffset: index, as: UInt8.self)
        target.storeBytes(of: sum, toByteOffset: index, as: UInt8.self)
    }
}
