import Media

/// Our own streams under one key, and what was sent under each of their last sequence numbers.
///
/// A sequence number makes the nonce. Two packets under one nonce, and both can be read; under GCM the key of all tags can
/// be computed, from headers alone (RFC 7714 section 8.1). A retransmission that is not the same to the bit does just
/// that, and nothing else would notice.
struct SentStreams: ~Copyable {
    enum Verdict: Equatable {
        /// Nothing was sent under this number, as far back as the replay window.
        case new
        /// The same was.
        case repeated
        /// Something else was.
        case reused
        /// There is no room for another stream.
        case full
    }

    private struct Slot {
        var isFilled = false
        var sequence: UInt16 = 0
        var digest: UInt64 = 0
    }

    /// As many as libsrtp would protect again, a power of two.
    private static let depth = Int(SRTPPolicy.replayWindow)

    private let capacity: Int
    /// In the order they began. None goes: its counter would begin anew, and the same key stream with it.
    private var ssrcs: [UInt32] = []
    /// `depth` slots for each stream that has sent RTP, made at its first packet.
    private let rings: UnsafeMutablePointer<UnsafeMutablePointer<Slot>?>

    init(capacity: Int) {
        self.capacity = capacity
        ssrcs.reserveCapacity(capacity)
        rings = .allocate(capacity: capacity)
        rings.initialize(repeating: nil, count: capacity)
    }

    deinit {
        for index in 0..<capacity { rings[index]?.deallocate() }
        rings.deallocate()
    }

    var count: Int { ssrcs.count }

    /// Notes that a stream sends; false if there is no room for it.
    mutating func admit(_ ssrc: UInt32) -> Bool { index(of: ssrc) != nil }

    /// Notes what is sent under a sequence number, unless something else was.
    /// - Parameter bytes: all that must not differ when it is sent again.
    mutating func note(_ ssrc: UInt32, _ sequence: UInt16, _ bytes: UnsafeRawBufferPointer) -> Verdict {
        guard let stream = index(of: ssrc) else { return .full }
        let slot = ring(stream) + Int(sequence) % Self.depth
        let digest = Self.digest(bytes)
        if slot.pointee.isFilled, slot.pointee.sequence == sequence {
            return slot.pointee.digest == digest ? .repeated : .reused
        }
        slot.pointee = Slot(isFilled: true, sequence: sequence, digest: digest)
        return .new
    }

    private mutating func index(of ssrc: UInt32) -> Int? {
        if let index = ssrcs.firstIndex(of: ssrc) { return index }
        guard ssrcs.count < capacity else { return nil }
        ssrcs.append(ssrc)
        return ssrcs.count - 1
    }

    private mutating func ring(_ stream: Int) -> UnsafeMutablePointer<Slot> {
        if let ring = rings[stream] { return ring }
        let ring = UnsafeMutablePointer<Slot>.allocate(capacity: Self.depth)
        ring.initialize(repeating: Slot(), count: Self.depth)
        rings[stream] = ring
        return ring
    }

    /// Tells packets of ours apart, not an attacker's: eight bytes a step.
    private static func digest(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var digest = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset + 8 <= bytes.count {
            digest = (digest ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            digest ^= digest >> 32
            offset += 8
        }
        while offset < bytes.count {
            digest = (digest ^ UInt64(bytes[offset])) &* 0x9E37_79B9_7F4A_7C15
            digest ^= digest >> 32
            offset += 1
        }
        return digest
    }
}
