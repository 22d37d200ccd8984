/// The packets to be asked for in the next NACK. Its memory is made once.
struct RepairRequests: ~Copyable {
    static let capacity = 256

    private let memory: UnsafeMutablePointer<UInt16>
    private(set) var count = 0

    init() {
        memory = .allocate(capacity: Self.capacity)
        memory.initialize(repeating: 0, count: Self.capacity)
    }

    deinit { memory.deallocate() }

    var sequences: UnsafeBufferPointer<UInt16> { UnsafeBufferPointer(start: memory, count: count) }

    /// What finds no room is left out: it is asked for again when its time comes.
    mutating func append(_ sequence: UInt16) {
        guard count < Self.capacity else { return }
        memory[count] = sequence
        count += 1
    }

    mutating func removeFirst(_ removed: Int) {
        count -= removed
        memory.update(from: memory + removed, count: count)
    }

    mutating func removeAll() { count = 0 }
}
