import Media

/// The bytes of one access unit while its packets come in. It grows to the largest picture the stream has had, never
/// past its capacity, and is reused for the next one: the steady state allocates nothing.
package struct AccessUnitBuffer: ~Copyable {
    /// What it never grows past: no picture that may be decoded needs more at the rates of a conference.
    package static let maximumCapacity = 2 << 20

    package private(set) var count = 0
    private let maximum: Int
    private var capacity: Int
    private var storage: UnsafeMutableRawPointer

    package init(capacity: Int = 64 << 10, maximum: Int = AccessUnitBuffer.maximumCapacity) {
        self.capacity = min(capacity, maximum)
        self.maximum = maximum
        storage = .allocate(byteCount: self.capacity + AccessUnit.padding, alignment: 64)
    }

    deinit { storage.deallocate() }

    /// What was appended; holds until the next mutation.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage, count: count) }

    /// How many bytes are allocated, padding included.
    package var allocatedBytes: Int { capacity + AccessUnit.padding }

    /// Puts bytes behind the others. False, and nothing changes, if they don't fit under the maximum.
    package mutating func append(_ more: UnsafeRawBufferPointer) -> Bool {
        guard reserve(more.count) else { return false }
        guard let source = more.baseAddress else { return true }
        (storage + count).copyMemory(from: source, byteCount: more.count)
        count += more.count
        return true
    }

    /// Puts one byte behind the others; false if it doesn't fit.
    package mutating func append(_ byte: UInt8) -> Bool {
        guard reserve(1) else { return false }
        storage.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
        return true
    }

    /// Puts an Annex B start code behind the others; false if it doesn't fit.
    package mutating func appendStartCode() -> Bool {
        guard reserve(AnnexB.startCodeSize) else { return false }
        AnnexB.writeStartCode(into: UnsafeMutableRawBufferPointer(start: storage, count: capacity), at: count)
        count += AnnexB.startCodeSize
        return true
    }

    /// Puts bytes before all others; false, and nothing changes, if they don't fit.
    package mutating func prepend(_ head: UnsafeRawBufferPointer) -> Bool {
        guard reserve(head.count) else { return false }
        guard let source = head.baseAddress else { return true }
        (storage + head.count).copyMemory(from: storage, byteCount: count)
        storage.copyMemory(from: source, byteCount: head.count)
        count += head.count
        return true
    }

    /// Takes off what was appended since `count` was `size`.
    package mutating func truncate(to size: Int) { count = min(count, size) }

    /// Writes the zero bytes that a decoder may read past the end.
    package func pad() {
        (storage + count).initializeMemory(as: UInt8.self, repeating: 0, count: AccessUnit.padding)
    }

    private mutating func reserve(_ more: Int) -> Bool {
        let needed = count + more
        if needed <= capacity { return true }
        guard needed <= maximum else { return false }
        var larger = max(capacity, 1)
        while larger < needed { larger *= 2 }
        larger = min(larger, maximum)
        let grown = UnsafeMutableRawPointer.allocate(byteCount: larger + AccessUnit.padding, alignment: 64)
        grown.copyMemory(from: storage, byteCount: count)
        storage.deallocate()
        storage = grown
        capacity = larger
        return true
    }
}
