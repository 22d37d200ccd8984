import Media

/// What a recording is to write.
package enum RecordHead: BitwiseCopyable, Hashable, Sendable {
    /// - Parameter timestamp: in 90 kHz ticks.
    case picture(timestamp: Int64, isKeyframe: Bool, at: Instant)
    case opus(at: Instant)
    case samples(at: Instant)
}

/// Byte strings with a head each, first in, first out, in memory that is taken once. Each lies in one piece and is read where it
/// lies: what `first` gives holds until `removeFirst`, whatever is added meanwhile.
package struct RecordQueue: ~Copyable {
    private struct Entry: BitwiseCopyable {
        /// Of the bytes; `nil`: from here to the end of the memory there is nothing.
        var count: Int?
        var head: RecordHead
    }

    private static var alignment: Int { 16 }
    private static var entrySize: Int { aligned(MemoryLayout<Entry>.size) }

    private let memory: UnsafeMutableRawBufferPointer
    /// Readable zero bytes behind each byte string.
    private let padding: Int
    /// Where the oldest begins, and where the next is to begin.
    private var (start, end) = (0, 0)
    package private(set) var count = 0

    /// - Parameter capacity: in bytes; heads and paddings count too. What was never used takes no memory.
    package init(capacity: Int, padding: Int = 0) {
        memory = .allocate(byteCount: Self.aligned(capacity), alignment: Self.alignment)
        self.padding = padding
    }

    deinit { memory.deallocate() }

    /// Adds a copy.
    /// - Returns: `false` if there is no room.
    package mutating func append(_ head: RecordHead, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let size = Self.entrySize + Self.aligned(bytes.count + padding)
        if count == 0 { (start, end) = (0, 0) }
        let isWrapped = count > 0 && end <= start
        if isWrapped {
            guard end + size <= start else { return false }
        } else if end + size > memory.count {
            guard size <= start else { return false }
            if end < memory.count { store(Entry(count: nil, head: head), at: end) }
            end = 0
        }
        store(Entry(count: bytes.count, head: head), at: end)
        let place = end + Self.entrySize
        UnsafeMutableRawBufferPointer(rebasing: memory[place..<place + bytes.count]).copyMemory(from: bytes)
        let behind = place + bytes.count
        UnsafeMutableRawBufferPointer(rebasing: memory[behind..<behind + padding]).initializeMemory(
            as: UInt8.self, repeating: 0)
        end += size
        count += 1
        return true
    }

    /// The oldest; `nil`: there is none.
    package var first: (head: RecordHead, bytes: UnsafeRawBufferPointer)? {
        guard count > 0 else { return nil }
        let place = oldest
        let entry = load(at: place)
        let begin = place + Self.entrySize
        return (entry.head, UnsafeRawBufferPointer(rebasing: memory[begin..<begin + (entry.count ?? 0)]))
    }

    package mutating func removeFirst() {
        guard count > 0 else { return }
        let place = oldest
        start = place + Self.entrySize + Self.aligned((load(at: place).count ?? 0) + padding)
        count -= 1
    }

    private var oldest: Int {
        start + MemoryLayout<Entry>.size > memory.count || load(at: start).count == nil ? 0 : start
    }

    private func load(at place: Int) -> Entry { memory.load(fromByteOffset: place, as: Entry.self) }
    private func store(_ entry: Entry, at place: Int) {
        // All offsets are multiples of the alignment, but the end of the memory may be nearer than an entry is long.
        guard place + MemoryLayout<Entry>.size <= memory.count else { return }
        memory.storeBytes(of: entry, toByteOffset: place, as: Entry.self)
    }

    private static func aligned(_ size: Int) -> Int { (size + alignment - 1) & ~(alignment - 1) }
}
