import Media

/// One encoder at work: for all listeners of one mix in one format.
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
    private let bytes: UnsafeMutableRawBufferPointer
    private var count = 0

    init(format: Int, encoder: consuming AudioEncoder) {
        self.format = format
        self.encoder = encoder
        bytes = .allocate(byteCount: AudioEncoder.largestPacket, alignment: 16)
    }

    deinit { bytes.deallocate() }

    /// The packet of this tick; empty if the encoder refused.
    var packet: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<count]) }

    func nextFrameIndependent() { encoder.nextFrameIndependent() }

    /// Goes on where `other` is, if the codec can.
    func become(_ other: EncodeLane) -> Bool { encoder.become(other.encoder) }

    /// Begins anew; `previous` is what its listeners heard until now.
    func begin(after previous: AudioBlock?) {
        encoder.reset()
        if let previous { _ = encoder.encode(previous, into: bytes) }
        count = 0
    }

    /// Makes the packet of this tick.
    ///
    /// - Returns: whether the encoder did.
    func encode(_ block: AudioBlock) -> Bool {
        encoder.setPacketLoss(packetLoss)
        let size = encoder.encode(block, into: bytes)
        count = size ?? 0
        return size != nil
    }
}
