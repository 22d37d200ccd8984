import Media

/// When the newest packets left and how large they were, by transport-wide sequence number: what feedback is held
/// against. All memory is made once.
struct TransportRecord: ~Copyable {
    struct Entry {
        var number: UInt16 = 0
        var size = 0
        var sentAt = Instant.zero
        /// Whether the packet left and no feedback has told of its arrival.
        var isOpen = false
    }

    /// A second and a half at 20 Mbit/s.
    private static let capacity = 4096
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        entries = .allocate(capacity: Self.capacity)
        entries.initialize(repeating: Entry(), count: Self.capacity)
    }

    deinit { entries.deallocate() }

    mutating func add(_ number: UInt16, size: Int, at now: Instant) {
        entries[index(of: number)] = Entry(number: number, size: size, sentAt: now, isOpen: true)
    }

    /// The packet that left under `number`; `nil` if none did, or its arrival is known.
    func open(_ number: UInt16) -> Entry? {
        let entry = entries[index(of: number)]
        return entry.isOpen && entry.number == number ? entry : nil
    }

    mutating func close(_ number: UInt16) { entries[index(of: number)].isOpen = false }

    private func index(of number: UInt16) -> Int { Int(number) & (Self.capacity - 1) }
}
