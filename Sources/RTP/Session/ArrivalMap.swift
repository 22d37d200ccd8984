/// Which of a stream's newest 1024 sequence numbers have come: tells a duplicate from a repair.
struct ArrivalMap {
    static let capacity: Int64 = 1024

    private var words = [UInt64](repeating: 0, count: Int(capacity) / 64)

    /// The newest number rose: those in between, and the new one, have not come.
    mutating func advance(from old: Int64, to new: Int64) {
        guard new - old < Self.capacity else {
            for index in words.indices { words[index] = 0 }
            return
        }
        for sequence in old + 1...new { self[sequence] = false }
    }

    /// - Precondition: `sequence` is not negative, and one of the newest 1024.
    subscript(sequence: Int64) -> Bool {
        get { words[Self.word(sequence)] & Self.bit(sequence) != 0 }
        set {
            if newValue {
                words[Self.word(sequence)] |= Self.bit(sequence)
            } else {
                words[Self.word(sequence)] &= ~Self.bit(sequence)
            }
        }
    }

    private static func word(_ sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence & (capacity - 1)) >> 6 }
    private static func bit(_ sequence: Int64) -> UInt64 { 1 << UInt64(truncatingIfNeeded: sequence & 63) }
}
