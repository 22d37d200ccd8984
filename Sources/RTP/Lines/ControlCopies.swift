import Media

/// Tells the second copy of an RTCP datagram from a message said twice.
///
/// Feedback is repeated word by word when it isn't heeded, so that equal bytes alone prove nothing. But each line
/// brings each message at most once: a datagram is news when its line has brought these bytes more often than the
/// other one.
struct ControlCopies {
    /// Copies further apart than this are not recognised.
    private static let memory = Interval.seconds(1)
    /// How many different datagrams are remembered; the oldest is forgotten.
    private static let capacity = 16

    private struct Entry {
        var hash: UInt64 = 0
        var start = Instant.zero
        /// How often each line brought it; none: the entry is empty.
        var counts = PerLine(repeating: 0)
    }

    private var entries = [Entry](repeating: Entry(), count: capacity)

    /// Takes a datagram and says whether the other line brought it already.
    mutating func isCopy(_ datagram: UnsafeRawBufferPointer, on line: Line, at now: Instant) -> Bool {
        let hash = Self.hash(datagram)
        var place = 0
        for index in entries.indices {
            if entries[index].hash == hash, entries[index].counts != PerLine(repeating: 0),
                now - entries[index].start < Self.memory
            {
                entries[index].counts[line] += 1
                return entries[index].counts[line] <= entries[index].counts[line.other]
            }
            if entries[index].start < entries[place].start { place = index }
        }
        entries[place] = Entry(hash: hash, start: now)
        entries[place].counts[line] = 1
        return false
    }

    /// FNV-1a. Who wants two messages to have the same can, and loses his own second one.
    private static func hash(_ datagram: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in datagram { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}
