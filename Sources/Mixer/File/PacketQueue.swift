import CFFmpeg

/// The one owner of an `AVPacket`. Freed with what it refers to.
struct PacketOwner: ~Copyable {
    let raw: UnsafeMutablePointer<AVPacket>

    init() {
        guard let raw = av_packet_alloc() else { fatalError("out of memory: av_packet_alloc") }
        self.raw = raw
    }

    /// Hands the packet over; the caller frees it.
    consuming func release() -> UnsafeMutablePointer<AVPacket> {
        let raw = self.raw
        discard self
        return raw
    }

    deinit {
        var raw: UnsafeMutablePointer<AVPacket>? = self.raw
        av_packet_free(&raw)
    }
}

/// The packets of one stream that wait for their decoder, oldest first. Bounded; the packets' own structures are used
/// again.
struct PacketQueue: ~Copyable {
    /// Packets that wait at most.
    static let capacity = 2_048
    /// Bytes that wait at most, but for the last packet.
    static let byteLimit = 32 << 20

    private(set) var byteCount = 0
    private(set) var count = 0
    private var slots: [UnsafeMutablePointer<AVPacket>] = []
    private var head = 0

    init() { slots.reserveCapacity(64) }

    deinit {
        for slot in slots {
            var slot: UnsafeMutablePointer<AVPacket>? = slot
            av_packet_free(&slot)
        }
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count >= Self.capacity || byteCount >= Self.byteLimit }

    /// Takes over what `packet` refers to.
    /// - Returns: `false`, and the packet untouched, if the queue is full.
    mutating func push(_ packet: borrowing PacketOwner) -> Bool {
        guard !isFull else { return false }
        if count == slots.count { grow() }
        let slot = slots[(head + count) % slots.count]
        byteCount += Int(packet.raw.pointee.size)
        count += 1
        av_packet_move_ref(slot, packet.raw)
        return true
    }

    /// Moves the oldest packet into `packet`, an empty one; `false` if there is none.
    mutating func pop(into packet: borrowing PacketOwner) -> Bool {
        guard count > 0 else { return false }
        let slot = slots[head]
        byteCount -= Int(slot.pointee.size)
        count -= 1
        head = (head + 1) % slots.count
        av_packet_move_ref(packet.raw, slot)
        return true
    }

    mutating func removeAll() {
        for slot in slots { av_packet_unref(slot) }
        (count, byteCount, head) = (0, 0, 0)
    }

    /// Twice as many slots, the oldest packet's first.
    private mutating func grow() {
        slots = Array(slots[head...] + slots[..<head])
        head = 0
        for _ in 0..<max(16, slots.count) { slots.append(PacketOwner().release()) }
    }
}
