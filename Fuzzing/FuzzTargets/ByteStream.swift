/// Reads an input as a stream of decisions: what to do next, with what. It never ends early: behind the end there are
/// zeros, and `isAtEnd` says so.
struct ByteStream {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 {
        guard let byte = rest.first else { return 0 }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return byte
    }

    mutating func word() -> UInt16 {
        let high = byte()
        return UInt16(high) << 8 | UInt16(byte())
    }

    mutating func longWord() -> UInt32 {
        let high = word()
        return UInt32(high) << 16 | UInt32(word())
    }

    /// At most `count` bytes.
    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        let taken = rest.prefix(count)
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken.count))
        return UnsafeRawBufferPointer(rebasing: taken)
    }

    /// Bytes behind a length of two bytes, of which 11 bits count.
    mutating func counted() -> UnsafeRawBufferPointer { bytes(Int(word() & 0x7FF)) }
}

/// Writes what `ByteStream` reads: for seeds.
struct ByteStreamWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func word(_ value: UInt16) { bytes += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

    mutating func longWord(_ value: UInt32) {
        word(UInt16(value >> 16))
        word(UInt16(truncatingIfNeeded: value))
    }

    mutating func append(_ more: [UInt8]) { bytes += more }

    mutating func counted(_ more: [UInt8]) {
        word(UInt16(more.count))
        bytes += more
    }
}

/// Bytes from hexadecimal digits; blanks are for the eye.
func hexadecimal(_ text: StaticString) -> [UInt8] {
    let digits = text.description.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
