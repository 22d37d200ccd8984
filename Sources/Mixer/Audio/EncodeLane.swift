import Media

/// One encoder at work: for all listeners of one mix in one format. It holds the packets of two ticks, for listeners who
/// get both in one.
final class EncodeLane {
    let format: Int
    var mix = 0
    /// The listeners it serves in this tick; 0: it is free.
    var listeners = 0
    /// The lane it was made from in this tick, state and all.
    var twin: Int?
    /// The most any of its listeners loses, in percent.
    var packetLoss = 0
    private var encoder: AudioEncoder
    /// By the tick's parity.
    private var packets = [Packet(), Packet()]
    /// This tick's packet behind that of the tick before.
    private var joined = Packet()
    /// Who made the latter.
    private var joinedWith: ObjectIdentifier?

    /// Bytes, and of which tick they are.
    private struct Packet {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: AudioEncoder.largestPacket, alignment: 16)
        var count = 0
        /// 0: of none.
        var tick = 0

        func bytes(of tick: Int) -> UnsafeRawBufferPointer? {
            self.tick == tick ? UnsafeRawBufferPointer(rebasing: bytes[..<count]) : nil
        }
    }

    init(format: Int, encoder: consuming AudioEncoder) {
        self.format = format
        self.encoder = encoder
    }

    deinit {
        for packet in packets + [joined] { packet.bytes.deallocate() }
    }

    /// The packet of a tick, this one or the one before; `nil`: it made none.
    func packet(of tick: Int) -> UnsafeRawBufferPointer? { packets[tick & 1].bytes(of: tick) }

    /// The packet of this tick behind the one that `older` made in the tick before, as one; `nil`: they can't be. Joined once
    /// for all listeners who were and are of the same lanes.
    func joinedPacket(of tick: Int, behind older: EncodeLane, codec: AudioCodec, by joiner: borrowing PacketJoiner)
        -> UnsafeRawBufferPointer?
    {
        if joinedWith == ObjectIdentifier(older), let bytes = joined.bytes(of: tick) { return bytes }
        guard let first = older.packet(of: tick - 1), let second = packet(of: tick),
            let count = joiner.join(first, second, codec: codec, into: joined.bytes)
        else { return nil }
        (joined.count, joined.tick, joinedWith) = (count, tick, ObjectIdentifier(older))
        return joined.bytes(of: tick)
    }

    func nextFrameIndependent() { encoder.nextFrameIndependent() }

    /// Goes on where `other` is, if the codec can.
    func become(_ other: EncodeLane) -> Bool { encoder.become(other.encoder) }

    /// Begins anew before `tick`; `previous` is what its listeners heard until now.
    func begin(after previous: AudioBlock?, before tick: Int) {
        encoder.reset()
        guard let previous else { return }
        // What this makes is nobody's, and the packet of the tick before may still be somebody's.
        _ = encoder.encode(previous, into: packets[tick & 1].bytes)
    }

    /// Makes the packet of this tick.
    ///
    /// - Returns: whether the encoder did.
    func encode(_ block: AudioBlock, tick: Int) -> Bool {
        encoder.setPacketLoss(packetLoss)
        guard let count = encoder.encode(block, into: packets[tick & 1].bytes) else { return false }
        packets[tick & 1].count = count
        packets[tick & 1].tick = tick
        return true
    }
}
