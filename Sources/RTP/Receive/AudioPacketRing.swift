/// The packets of one sound that wait for playout, each in the slot of its sequence number. It stores and decides
/// nothing: `PlayoutPolicy` does that.
package struct AudioPacketRing: ~Copyable {
    /// One packet that is held; its bytes are in the ring.
    package struct Entry: Equatable, Sendable {
        package var sequence: Int64 = 0
        /// In ticks of 1/48000 s.
        package var timestamp: Int64 = 0
        /// In ticks of 1/48000 s.
        package var duration: Int64 = 0
        /// Bytes of the payload.
        package var size = 0

        package var end: Int64 { timestamp &+ duration }
    }

    private struct Slot {
        var isFilled = false
        var entry = Entry()
    }

    package let capacity: Int
    package let slotSize: Int
    package private(set) var held = 0
    /// The first and the last sequence number held; meaningful while `held > 0`.
    private var first: Int64 = 0
    private var last: Int64 = 0
    private let slots: UnsafeMutablePointer<Slot>
    private let bytes: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - capacity: slots, a power of two. The memory is made here, once: `capacity * slotSize` bytes.
    ///   - slotSize: the largest payload.
    package init(capacity: Int = 256, slotSize: Int = 1500) {
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

    /// The packet with the lowest sequence number.
    package var front: Entry? { held > 0 ? slots[index(of: first)].entry : nil }
    /// The packet with the highest sequence number.
    package var back: Entry? { held > 0 ? slots[index(of: last)].entry : nil }

    package func contains(_ sequence: Int64) -> Bool {
        let slot = slots[index(of: sequence)]
        return slot.isFilled && slot.entry.sequence == sequence
    }

    /// Whether `sequence` can be held beside what is held: together they span no more than the capacity.
    package func fits(_ sequence: Int64) -> Bool {
        held == 0 || max(last, sequence) - min(first, sequence) < capacity
    }

    /// Holds a copy of `payload`.
    /// - Precondition: it `fits`, isn't contained yet, and the payload is no larger than a slot.
    package mutating func insert(_ entry: Entry, _ payload: UnsafeRawBufferPointer) {
        precondition(fits(entry.sequence) && payload.count <= slotSize, "an audio packet that the ring can't hold")
        let index = index(of: entry.sequence)
        UnsafeMutableRawBufferPointer(start: bytes + index * slotSize, count: slotSize).copyMemory(from: payload)
        slots[index] = Slot(isFilled: true, entry: entry)
        slots[index].entry.size = payload.count
        first = held == 0 ? entry.sequence : min(first, entry.sequence)
        last = held == 0 ? entry.sequence : max(last, entry.sequence)
        held += 1
    }

    /// The front packet's bytes; they hold until the next `insert`.
    package var frontBytes: UnsafeRawBufferPointer {
        let index = index(of: first)
        return UnsafeRawBufferPointer(start: bytes + index * slotSize, count: slots[index].entry.size)
    }

    /// Lets the front packet go. Its bytes hold until the next `insert`.
    package mutating func removeFront() {
        guard held > 0 else { return }
        slots[index(of: first)].isFilled = false
        held -= 1
        guard held > 0 else { return }
        repeat { first += 1 } while !slots[index(of: first)].isFilled
    }

    package mutating func removeAll() {
        for index in 0..<capacity { slots[index].isFilled = false }
        held = 0
    }

    private func index(of sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence) & (capacity - 1) }
}
