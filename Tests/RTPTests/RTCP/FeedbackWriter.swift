import Media

/// Writes transport-wide feedback as a peer does: wide status vectors and large deltas only.
enum FeedbackWriter {
    static func write(base: UInt16, _ arrivals: [Instant?]) -> [UInt8] {
        let first = arrivals.compactMap(\.self).first ?? .zero
        let reference = first.nanoseconds / 64_000_000
        var bytes = bigEndian(base) + bigEndian(UInt16(arrivals.count))
        bytes += bigEndian(UInt32(truncatingIfNeeded: reference << 8))
        for start in stride(from: 0, to: arrivals.count, by: 7) {
            var chunk: UInt16 = 0xC000
            for index in 0..<7 where start + index < arrivals.count && arrivals[start + index] != nil {
                chunk |= 2 << UInt16(12 - 2 * index)
            }
            bytes += bigEndian(chunk)
        }
        var last = reference * 256
        for case let arrival? in arrivals {
            let units = arrival.nanoseconds / 250_000
            bytes += bigEndian(UInt16(bitPattern: Int16(clamping: units - last)))
            last = units
        }
        return bytes
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
