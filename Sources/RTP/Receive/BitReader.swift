/// Reads bits from the head of a parameter set or picture, most significant first. Reading past the end gives zeros
/// and raises `isExhausted`, so that a parser checks once, at its end.
package struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private let removesEmulationPrevention: Bool
    private var offset = 0
    private var current: UInt8 = 0
    private var bitsLeft = 0
    private var zeros = 0
    /// Whether more bits were asked for than there are.
    package private(set) var isExhausted = false

    /// - Parameter removesEmulationPrevention: for NAL units: leave out the 0x03 of each `00 00 03`
    ///   (H.264 section 7.4.1.1, H.265 section 7.4.2).
    package init(_ bytes: UnsafeRawBufferPointer, removesEmulationPrevention: Bool = false) {
        self.bytes = bytes
        self.removesEmulationPrevention = removesEmulationPrevention
    }

    package mutating func bit() -> Bool { bits(1) != 0 }

    /// The next `count` bits as a number. - Precondition: `count` is at most 32.
    package mutating func bits(_ count: Int) -> UInt32 {
        var value: UInt32 = 0
        var missing = count
        while missing > 0 {
            if bitsLeft == 0 { loadByte() }
            let taken = min(missing, bitsLeft)
            bitsLeft -= taken
            let chunk = (current >> UInt8(bitsLeft)) & UInt8(truncatingIfNeeded: (1 << taken) - 1)
            value = value << UInt32(taken) | UInt32(chunk)
            missing -= taken
        }
        return value
    }

    package mutating func skip(_ count: Int) {
        var missing = count
        while missing > 0, !isExhausted {
            _ = bits(min(missing, 32))
            missing -= 32
        }
    }

    /// `ue(v)` of H.264 section 9.1. More than 32 leading zeros are no number: 0, and `isExhausted` is raised.
    package mutating func unsigned() -> UInt32 {
        var leadingZeros = 0
        while !bit() {
            leadingZeros += 1
            if leadingZeros > 32 || isExhausted {
                isExhausted = true
                return 0
            }
        }
        guard leadingZeros > 0 else { return 0 }
        guard leadingZeros < 32 else { return bits(32) &+ .max }
        return (1 << UInt32(leadingZeros)) &- 1 &+ bits(leadingZeros)
    }

    /// `se(v)` of H.264 section 9.1.1.
    package mutating func signed() -> Int32 {
        let code = unsigned()
        let half = Int32(truncatingIfNeeded: (UInt64(code) + 1) / 2)
        return code & 1 == 1 ? half : 0 &- half
    }

    private mutating func loadByte() {
        bitsLeft = 8
        if removesEmulationPrevention, zeros >= 2, offset < bytes.count, bytes[offset] == 3 {
            offset += 1
            zeros = 0
        }
        guard offset < bytes.count else {
            isExhausted = true
            current = 0
            return
        }
        current = bytes[offset]
        offset += 1
        zeros = current == 0 ? zeros + 1 : 0
    }
}
