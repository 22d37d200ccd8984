/// FEC packets that wait for all but one of the packets they protect.
struct FecPacketStore: ~Copyable {
    /// One of them; its protected bytes are in the store.
    struct Entry {
        /// The sequence number, unwrapped, that the masks count from.
        var base: Int64 = 0
        var mask = FecMask()
        /// Those of `mask` that have not come yet.
        var missing = FecMask()
        var parity = FecParity()
        var protectionLength = 0
        fileprivate var slot = 0

        /// The first sequence number protected.
        var first: Int64 { base + Int64(mask.first) }
    }

    let capacity: Int
    let slotSize: Int
    private(set) var count = 0
    /// The first `count` are in use; the others keep the numbers of the free slots.
    private let entries: UnsafeMutablePointer<Entry>
    private let bytes: UnsafeMutableRawPointer

    /// - Parameter slotSize: the most protected bytes of one packet. The memory is made here, once.
    init(capacity: Int, slotSize: Int) {
        precondition(capacity > 0, "a store holds at least one packet")
        self.capacity = capacity
        self.slotSize = slotSize
        entries = .allocate(capacity: capacity)
        for index in 0..<capacity {
            var entry = Entry()
            entry.slot = index
            (entries + index).initialize(to: entry)
        }
        bytes = .allocate(byteCount: capacity * slotSize, alignment: 64)
    }

    deinit {
        entries.deallocate()
        bytes.deallocate()
    }

    var isFull: Bool { count == capacity }

    /// - Precondition: `index < count`.
    subscript(index: Int) -> Entry {
        get { entries[index] }
        set {
            let slot = entries[index].slot
            entries[index] = newValue
            entries[index].slot = slot
        }
    }

    /// - Precondition: it is not full, and the bytes are no more than a slot holds.
    mutating func append(_ entry: Entry, _ protected: UnsafeRawBufferPointer) {
        precondition(!isFull && protected.count <= slotSize, "an FEC packet that the store can't hold")
        let slot = entries[count].slot
        UnsafeMutableRawBufferPointer(start: bytes + slot * slotSize, count: slotSize).copyMemory(from: protected)
        count += 1
        self[count - 1] = entry
    }

    /// The entry's protected bytes, borrowed until the next `append`, also after its removal.
    func protected(by entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + entry.slot * slotSize, count: entry.protectionLength)
    }

    /// Removes an entry; the last one takes its place. - Precondition: `index < count`.
    mutating func remove(at index: Int) {
        precondition(index >= 0 && index < count, "FEC packet \(index) of \(count)")
        count -= 1
        let removed = entries[index]
        entries[index] = entries[count]
        entries[count] = removed
    }

    /// Removes the one that protects the oldest packet.
    mutating func removeOldest() {
        guard count > 0 else { return }
        var oldest = 0
        for index in 1..<count where entries[index].first < entries[oldest].first { oldest = index }
        remove(at: oldest)
    }

    mutating func removeAll() { count = 0 }
}
