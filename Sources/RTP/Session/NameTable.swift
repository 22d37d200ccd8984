/// The names of the sources that were heard of last, by SSRC. Its memory is made once: whoever sends names without end only
/// pushes out the oldest.
struct NameTable: ~Copyable {
    static let capacity = 32
    /// What an SDES item can hold.
    private static let slotSize = 255

    private struct Entry {
        var ssrc: UInt32 = 0
        var size = 0
        /// When it was last heard, in names; 0: the slot is free.
        var heard = 0
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let bytes: UnsafeMutableRawPointer
    private var heard = 0

    init() {
        entries = .allocate(capacity: Self.capacity)
        entries.initialize(repeating: Entry(), count: Self.capacity)
        bytes = .allocate(byteCount: Self.capacity * Self.slotSize, alignment: 8)
    }

    deinit {
        entries.deallocate()
        bytes.deallocate()
    }

    /// Counts up when a name comes that was not known, or another one than was.
    private(set) var changes = 0

    /// Keeps a name; an empty one is forgotten.
    /// - Precondition: at most 255 bytes.
    mutating func note(_ ssrc: UInt32, _ text: UnsafeRawBufferPointer) {
        guard !text.isEmpty else { return remove(ssrc) }
        heard += 1
        let known = index(of: ssrc)
        if let known, self.text(known).elementsEqual(text) {
            entries[known].heard = heard
            return
        }
        changes += 1
        let index = known ?? oldest
        entries[index] = Entry(ssrc: ssrc, size: text.count, heard: heard)
        UnsafeMutableRawBufferPointer(start: bytes + index * Self.slotSize, count: Self.slotSize).copyMemory(from: text)
    }

    mutating func remove(_ ssrc: UInt32) {
        if let index = index(of: ssrc) { entries[index] = Entry() }
    }

    /// `nil` if none was heard, or 32 others since.
    func name(of ssrc: UInt32) -> String? {
        index(of: ssrc).map { String(decoding: text($0), as: UTF8.self) }
    }

    private func text(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + index * Self.slotSize, count: entries[index].size)
    }

    private func index(of ssrc: UInt32) -> Int? {
        for index in 0..<Self.capacity where entries[index].heard > 0 && entries[index].ssrc == ssrc { return index }
        return nil
    }

    private var oldest: Int {
        var oldest = 0
        for index in 1..<Self.capacity where entries[index].heard < entries[oldest].heard { oldest = index }
        return oldest
    }
}
