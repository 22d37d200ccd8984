/// Writes bits from the most significant on: for parameter sets made by hand.
package struct BitWriter {
    package private(set) var bytes: [UInt8] = []
    private var free = 0

    package init() {}

    package mutating func bits(_ value: UInt64, _ count: Int) {
        for bit in stride(from: count - 1, through: 0, by: -1) {
            if free == 0 {
                bytes.append(0)
                free = 8
            }
            free -= 1
            bytes[bytes.count - 1] |= UInt8(value >> UInt64(bit) & 1) << UInt8(free)
        }
    }

    /// `ue(v)`.
    package mutating func unsigned(_ value: UInt64) {
        let width = 64 - (value + 1).leadingZeroBitCount
        bits(0, width - 1)
        bits(value + 1, width)
    }
}
