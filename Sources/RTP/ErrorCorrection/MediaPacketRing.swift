/// The newest packets of one stream, whole, each in the slot of its sequence number: what FEC packets are solved with.
struct MediaPacketRing: ~Copyable {
    private struct Slot {
        var isFilled = false
        var sequence: Int64 = 0
        var size = 0
    }

    let capacity: Int
    let slotSize: Int
    private let slots: UnsafeMutablePointer<Slot>
    private let bytes: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - capacity: slots, a power of two. The memory is made here, once.
    ///   - slotSize: the largest packet.
    init(capacity: Int, slotSize: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "the capacity is a power of two")
        self.capacity = capacity
        self.slotSize = slotSize
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        bytes = .allocate(byteCount: capacity * slotSize, alignment: 64)
    }

    deinit {
        slots.deallocate()
        bytes.deallocate()
    }

    func contains(_ sequence: Int64) -> Bool {
        let slot = slots[index(of: sequence)]
        return slot.isFilled && slot.sequence == sequence
    }

    /// The packet with this number, borrowed until its slot is taken; `nil` if it isn't held.
    func packet(_ sequence: Int64) -> UnsafeRawBufferPointer? {
        guard contains(sequence) else { return nil }
        let index = index(of: sequence)
        return UnsafeRawBufferPointer(start: bytes + index * slotSize, count: slots[index].size)
    }

    /// Holds a copy of `packet`. - Precondition: it is no larger than a slot.
    mutating func insert(_ sequence: Int64, _ packet: UnsafeRawBufferPointer) {
        claim(sequence).copyMemory(from: packet)
        fill(sequence, size: packet.count)
    }

    /// The empty slot for a packet that is built in place; what it held is forgotten. The packet is held after `fill`.
    mutating func claim(_ sequence: Int64) -> UnsafeMutableRawBufferPointer {
        let index = index(of: sequence)
        slots[index].isFilled = false
        return UnsafeMutableRawBufferPointer(start: bytes + index * slotSize, count: slotSize)
    }

    /// - Precondition: the packet was built in its slot and is no larger than that.
    mutating func fill(_ sequence: Int64, size: Int) {
        precondition(size <= slotSize, "a packet of \(size) bytes in a slot of \(slotSize)")
        slots[index(of: sequence)] = Slot(isFilled: true, sequence: sequence, size: size)
    }

    mutating func removeAll() {
        for index in 0..<capacity { slots[index].isFilled = false }
    }

    private func index(of sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence) & (capacity - 1) }
}
