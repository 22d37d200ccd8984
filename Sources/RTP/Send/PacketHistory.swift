import Media

/// The newest packets of one outgoing stream, each in the slot of its sequence number: first those that wait for the
/// pacer, then those that may have to be sent again. Payloads are held plain, before SRTP, with room in front for any
/// header; headers are written where the payload lies, when the packet leaves. All memory is made once.
package struct PacketHistory: ~Copyable {
    /// One packet that is held; its payload is in the slot.
    package struct Entry: Equatable, Sendable {
        package var sequence: UInt16 = 0
        package var timestamp: UInt32 = 0
        package var payloadType: UInt8 = 0
        package var marker = false
        /// Whether it is part of a keyframe.
        package var isKeyframe = false
        package var payloadSize = 0
        /// Bytes of its header, as it was appended.
        package var headerSize = RTPHeader.fixedSize
        /// Under which its contributors' levels are written; `nil`: they are not.
        package var levelExtension: Int?
        /// When it was appended.
        package var queuedAt = Instant.zero
        /// When it left for the first time; `nil` while it waits.
        package var sentAt: Instant?
        /// When it was last asked for and granted; `nil` if it never was.
        package var repairedAt: Instant?
        /// How often it was sent again, or is about to be.
        package var repairs = 0
        /// Whether it waits to be sent again.
        package var awaitsRepair = false
    }

    /// In front of each payload: the largest header, and the original sequence number of a retransmission, rounded up.
    package static let headroom = (RTPHeader.largestWrittenSize + RetransmissionHeader.size + 3) & ~3

    package let capacity: Int
    /// The largest payload that fits.
    package let largestPayload: Int
    /// Packets that have not left yet.
    package private(set) var waiting = 0
    private let slotSize: Int
    private var held = 0
    /// The sequence number that the next appended packet must have; meaningful while `held > 0`.
    private var end: UInt16 = 0
    private let entries: UnsafeMutablePointer<Entry>
    /// Of each packet: what is sent again says what it said, whoever is in the picture by then.
    private let contributors: UnsafeMutablePointer<Contributors>
    private let bytes: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - capacity: slots, a power of two up to 32768. `capacity * slotSize` bytes are made here, once.
    ///   - slotSize: bytes of a slot, `headroom` included.
    package init(capacity: Int = 1024, slotSize: Int = 1408) {
        precondition(
            capacity > 0 && capacity <= 1 << 15 && capacity & (capacity - 1) == 0, "the capacity is a power of two")
        precondition(slotSize > Self.headroom, "a slot holds a header and a payload")
        self.capacity = capacity
        self.slotSize = slotSize
        largestPayload = slotSize - Self.headroom
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Entry(), count: capacity)
        contributors = .allocate(capacity: capacity)
        contributors.initialize(repeating: Contributors(), count: capacity)
        bytes = .allocate(byteCount: capacity * slotSize, alignment: 64)
    }

    deinit {
        entries.deallocate()
        contributors.deallocate()
        bytes.deallocate()
    }

    /// How many packets can be appended before one of those that wait has to leave.
    package var room: Int { capacity - waiting }

    /// The packet that leaves next.
    package var front: Entry? { waiting > 0 ? entries[index(of: frontSequence)] : nil }

    /// What is held under `sequence`; `nil` for what was never sent, or is forgotten.
    package func entry(_ sequence: UInt16) -> Entry? { contains(sequence) ? entries[index(of: sequence)] : nil }

    /// Holds a copy of `payload`; the oldest packet that has left makes room. `false`, and nothing is held, if all
    /// slots wait to leave or the payload is too large for one.
    /// - Parameter header: with all that it will be sent with, but for the transport-wide number and the SSRC.
    /// - Precondition: sequence numbers follow one another.
    package mutating func append(
        _ header: RTPHeader, payload: UnsafeRawBufferPointer, isKeyframe: Bool, at now: Instant
    ) -> Bool {
        precondition(held == 0 || header.sequence == end, "packet \(header.sequence) where \(end) is next")
        guard room > 0, payload.count <= largestPayload else { return false }
        let index = index(of: header.sequence)
        entries[index] = Entry(
            sequence: header.sequence, timestamp: header.timestamp, payloadType: header.payloadType,
            marker: header.marker, isKeyframe: isKeyframe, payloadSize: payload.count, headerSize: header.writtenSize,
            levelExtension: header.levelExtension, queuedAt: now)
        contributors[index] = header.contributors
        UnsafeMutableRawBufferPointer(start: bytes + index * slotSize + Self.headroom, count: payload.count)
            .copyMemory(from: payload)
        end = header.sequence &+ 1
        held = min(held + 1, capacity)
        waiting += 1
        return true
    }

    /// The packet that leaves next, which has left from here on; `nil` if none waits.
    /// - Returns: the whole packet. Its bytes hold until the slot is used again: until this packet leaves once more, or
    ///   `room` packets were appended.
    package mutating func sendFront(ssrc: UInt32, transportSequence: TransportSequence?, at now: Instant)
        -> (entry: Entry, packet: UnsafeRawBufferPointer)?
    {
        guard waiting > 0 else { return nil }
        let sequence = frontSequence
        waiting -= 1
        entries[index(of: sequence)].sentAt = now
        guard let packet = packet(sequence, ssrc: ssrc, transportSequence: transportSequence) else { return nil }
        return (entries[index(of: sequence)], packet)
    }

    /// The packet as it was, or will be, sent; `nil` if it is not held. See `sendFront` for how long its bytes hold.
    package mutating func packet(_ sequence: UInt16, ssrc: UInt32, transportSequence: TransportSequence?)
        -> UnsafeRawBufferPointer?
    {
        guard let entry = entry(sequence) else { return nil }
        var header = RTPHeader(
            payloadType: entry.payloadType, marker: entry.marker, sequence: sequence, timestamp: entry.timestamp,
            ssrc: ssrc)
        header.transportSequence = transportSequence
        header.contributors = contributors[index(of: sequence)]
        header.levelExtension = entry.levelExtension
        let packet = tail(of: sequence, front: header.writtenSize)
        header.write(into: packet)
        return UnsafeRawBufferPointer(packet)
    }

    /// The packet as a retransmission under another header, with the original's contributors (RFC 4588 section 4); `nil`
    /// if it is not held. See `sendFront` for how long its bytes hold.
    package mutating func retransmission(_ sequence: UInt16, header: RTPHeader) -> UnsafeRawBufferPointer? {
        guard let entry = entry(sequence) else { return nil }
        var header = header
        header.contributors = contributors[index(of: sequence)]
        header.levelExtension = entry.levelExtension
        let packet = tail(of: sequence, front: header.writtenSize + RetransmissionHeader.size)
        header.write(into: packet)
        packet.storeBigEndian(sequence, at: header.writtenSize)
        return UnsafeRawBufferPointer(packet)
    }

    /// Changes what is known of a packet, if it is held.
    mutating func update(_ sequence: UInt16, _ change: (inout Entry) -> Void) {
        guard contains(sequence) else { return }
        change(&entries[index(of: sequence)])
    }

    /// Forgets all packets: another stream begins.
    package mutating func removeAll() {
        held = 0
        waiting = 0
    }

    /// The slot's bytes from `front` bytes before the payload to its end.
    private func tail(of sequence: UInt16, front: Int) -> UnsafeMutableRawBufferPointer {
        let index = index(of: sequence)
        return UnsafeMutableRawBufferPointer(
            start: bytes + index * slotSize + Self.headroom - front, count: front + entries[index].payloadSize)
    }

    private var frontSequence: UInt16 { end &- UInt16(waiting) }

    private func contains(_ sequence: UInt16) -> Bool {
        let age = Int(end &- sequence)
        return age > 0 && age <= held
    }

    private func index(of sequence: UInt16) -> Int { Int(sequence) & (capacity - 1) }
}

/// What an RTX packet carries in front of the payload that it repeats (RFC 4588 section 4).
package enum RetransmissionHeader {
    /// Bytes of the original sequence number (OSN).
    package static let size = 2
}
