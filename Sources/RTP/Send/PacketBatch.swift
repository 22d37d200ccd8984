/// The payloads of one access unit's packets: written once by a packetizer, read by every receiver's send path, which
/// puts a header of its own before each. All memory is made once; nothing grows.
package struct PacketBatch: ~Copyable {
    /// One payload in the batch.
    package struct Packet: Equatable, Sendable {
        /// Its bytes within the batch.
        package var range: Range<Int>
        /// The RTP marker bit: set on the last packet of the access unit.
        package var marker: Bool

        package init(range: Range<Int>, marker: Bool) {
            self.range = range
            self.marker = marker
        }
    }

    private let bytes: UnsafeMutableRawBufferPointer
    private let packets: UnsafeMutableBufferPointer<Packet>
    private var used = 0
    /// The packets in it.
    package private(set) var count = 0
    /// Whether a packet did not fit since the last reset.
    package private(set) var hasOverflowed = false

    /// - Precondition: both capacities are positive.
    package init(byteCapacity: Int = 1 << 20, packetCapacity: Int = 1024) {
        precondition(byteCapacity > 0 && packetCapacity > 0, "a batch holds at least one byte and one packet")
        bytes = .allocate(byteCount: byteCapacity, alignment: 16)
        packets = .allocate(capacity: packetCapacity)
        packets.initialize(repeating: Packet(range: 0..<0, marker: false))
    }

    deinit {
        packets.deallocate()
        bytes.deallocate()
    }

    /// The payload bytes of all packets.
    package var byteCount: Int { used }
    package var isEmpty: Bool { count == 0 }

    /// Forgets all packets. Payloads handed out before are no longer valid.
    package mutating func reset() {
        used = 0
        count = 0
        hasOverflowed = false
    }

    /// Appends a packet of `size` bytes for the caller to fill at once; `nil`, and `hasOverflowed`, if it does not fit.
    package mutating func append(size: Int) -> UnsafeMutableRawBufferPointer? {
        guard size > 0, used + size <= bytes.count, count < packets.count else {
            hasOverflowed = true
            return nil
        }
        let range = used..<used + size
        packets[count] = Packet(range: range, marker: false)
        count += 1
        used += size
        return UnsafeMutableRawBufferPointer(rebasing: bytes[range])
    }

    /// Appends a packet made of a few bytes of header and a part of the access unit.
    @discardableResult
    mutating func append(header: PayloadHeader, _ body: UnsafeRawBufferPointer) -> Bool {
        guard let packet = append(size: header.count + body.count) else { return false }
        header.write(into: packet)
        UnsafeMutableRawBufferPointer(rebasing: packet[header.count...]).copyMemory(from: body)
        return true
    }

    /// Sets the marker of the last packet, if there is one.
    package mutating func markLast() {
        if count > 0 { packets[count - 1].marker = true }
    }

    /// - Precondition: `index < count`.
    package subscript(index: Int) -> Packet {
        precondition(index >= 0 && index < count, "packet \(index) of \(count)")
        return packets[index]
    }

    /// The bytes of a packet: borrowed from the batch, valid until it is reset.
    /// - Precondition: `index < count`.
    package func payload(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[self[index].range])
    }
}

/// Up to eight bytes that a payload format puts before a part of an access unit, first byte first.
struct PayloadHeader {
    private(set) var count = 0
    private var bits: UInt64 = 0

    static let none = PayloadHeader()

    /// - Precondition: fewer than eight bytes are in it.
    mutating func append(byte: UInt8) {
        precondition(count < 8, "a payload header holds eight bytes")
        bits |= UInt64(byte) << UInt64(56 - 8 * count)
        count += 1
    }

    mutating func append(word: UInt16) {
        append(byte: UInt8(truncatingIfNeeded: word >> 8))
        append(byte: UInt8(truncatingIfNeeded: word))
    }

    /// - Precondition: `count` bytes fit into `buffer`.
    func write(into buffer: UnsafeMutableRawBufferPointer) {
        for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * index)) }
    }
}
