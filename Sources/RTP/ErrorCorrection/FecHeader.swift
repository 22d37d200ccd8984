/// The FEC header of a ULPFEC payload and the header of its level 0 (RFC 5109 sections 7.3 and 7.4). Further levels may
/// follow; they protect what level 0 has left out, and are not read.
package struct FecHeader: Equatable, Sendable {
    /// The sum of what the protected packets' headers say.
    package var parity: FecParity
    /// SN base: the sequence number that the mask counts from.
    package var sequenceBase: UInt16
    package let mask: FecMask
    /// How many bytes behind the fixed header of each packet level 0 protects.
    package var protectionLength: Int
    /// The bytes of both headers: 14, or 18 with the long mask, which a peer may use where the short one would do.
    package let size: Int

    package static let longestSize = 18
    private static let shortestSize = 14

    package init(parity: FecParity, sequenceBase: UInt16, mask: FecMask, protectionLength: Int) {
        self.parity = parity
        self.sequenceBase = sequenceBase
        self.mask = mask
        self.protectionLength = protectionLength
        size = mask.isShort ? Self.shortestSize : Self.longestSize
    }

    /// `nil` if the payload is too short for its headers or its protection length, or protects nothing. The E bit is
    /// reserved and not looked at, as section 7.3 asks.
    package init?(parsing payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.shortestSize else { return nil }
        parity = FecParity()
        parity.flags = payload.bigEndian16(at: 0) & 0x3FFF
        sequenceBase = payload.bigEndian16(at: 2)
        parity.timestamp = payload.bigEndian32(at: 4)
        parity.length = payload.bigEndian16(at: 8)
        protectionLength = Int(payload.bigEndian16(at: 10))
        if payload[0] & 0x40 == 0 {
            mask = FecMask(short: payload.bigEndian16(at: 12))
            size = Self.shortestSize
        } else {
            guard payload.count >= Self.longestSize else { return nil }
            mask = FecMask(upper: payload.bigEndian16(at: 12), lower: payload.bigEndian32(at: 14))
            size = Self.longestSize
        }
        guard !mask.isEmpty, size + protectionLength <= payload.count else { return nil }
    }

    /// Writes both headers. - Precondition: `buffer` holds `size` bytes.
    package func write(into buffer: UnsafeMutableRawBufferPointer) {
        let isLong = size == Self.longestSize
        buffer.storeBigEndian(parity.flags & 0x3FFF | (isLong ? 1 << 14 : 0), at: 0)
        buffer.storeBigEndian(sequenceBase, at: 2)
        buffer.storeBigEndian(parity.timestamp, at: 4)
        buffer.storeBigEndian(parity.length, at: 8)
        buffer.storeBigEndian(UInt16(truncatingIfNeeded: protectionLength), at: 10)
        buffer.storeBigEndian(mask.upper, at: 12)
        if isLong { buffer.storeBigEndian(mask.lower, at: 14) }
    }
}
