import COpus
import Media

/// Makes one packet of two blocks' packets, without encoding anything anew: half the packets for a listener who can wait
/// for 20 ms longer. Opus packets are joined frame by frame (RFC 6716 section 3.2, code 2 or 3); those of G.711 and G.722
/// are a block's bytes each, one after the other (RFC 3551 section 4.5).
struct PacketJoiner: ~Copyable {
    private let repacketizer: OpaquePointer

    /// What is longer than this stays apart, so that no packet is larger than a line's MTU.
    static let largestPacket = 1_200

    init() {
        guard let repacketizer = opus_repacketizer_create() else {
            fatalError("out of memory for an Opus repacketizer")
        }
        self.repacketizer = repacketizer
    }

    deinit { opus_repacketizer_destroy(repacketizer) }

    /// - Parameter bytes: room for `largestPacket`.
    /// - Returns: how many bytes were written; `nil` for two that can't be one: they are too long, or Opus has changed its
    ///   mode or its bandwidth between them.
    func join(
        _ older: UnsafeRawBufferPointer, _ newer: UnsafeRawBufferPointer, codec: AudioCodec,
        into bytes: UnsafeMutableRawBufferPointer
    ) -> Int? {
        // An Opus packet of two frames may be three bytes longer than they are: its count, and a length of two bytes.
        guard older.count + newer.count + 3 <= Self.largestPacket else { return nil }
        guard codec == .opus else {
            bytes.copyMemory(from: older)
            UnsafeMutableRawBufferPointer(rebasing: bytes[older.count...]).copyMemory(from: newer)
            return older.count + newer.count
        }
        opus_repacketizer_init(repacketizer)
        guard add(older), add(newer) else { return nil }
        let count = opus_repacketizer_out(
            repacketizer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(bytes.count))
        return count > 0 ? Int(count) : nil
    }

    private func add(_ packet: UnsafeRawBufferPointer) -> Bool {
        guard let start = packet.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
        return opus_repacketizer_cat(repacketizer, start, Int32(packet.count)) == OPUS_OK
    }
}
