import COpus
import Media

/// 20 ms blocks to Opus packets, tuned for speech, with in-band FEC. Owns its state; takes no memory after `init`.
package struct OpusEncoder: ~Copyable {
    private let state: OpaquePointer
    private let stateSize: Int
    private var isIndependent = false
    private var packetLoss: Int32 = 0

    /// The largest packet of one 20 ms block (RFC 6716 section 3.2.1), and some more.
    package static let largestPacket = 1_500

    /// - Parameters:
    ///   - complexity: 0 to 10; above 6 the library thinks dense mixes are music.
    ///   - isDiscontinuous: DTX: silence makes packets of one or two bytes, which need not be sent.
    package init(bitrate: Bitrate, complexity: Int = 5, isDiscontinuous: Bool = false) throws(AudioCodecError) {
        var code: Int32 = OPUS_OK
        let application = OPUS_APPLICATION_VOIP
        guard let state = opus_encoder_create(Int32(AudioBlock.sampleRate), 1, application, &code) else {
            throw .unavailable(.opus, code: code)
        }
        self.state = state
        stateSize = Int(opus_encoder_get_size(1))
        set(OPUS_SET_COMPLEXITY_REQUEST, Int32(clamping: complexity))
        set(OPUS_SET_INBAND_FEC_REQUEST, 1)
        set(OPUS_SET_DTX_REQUEST, isDiscontinuous ? 1 : 0)
        setBitrate(bitrate)
    }

    deinit { opus_encoder_destroy(state) }

    /// Held within the 6 to 510 kbit/s of RFC 6716 section 2.1.1.
    package mutating func setBitrate(_ bitrate: Bitrate) {
        set(OPUS_SET_BITRATE_REQUEST, Int32(min(max(bitrate.bitsPerSecond, 6_000), 510_000)))
    }

    /// How many packets of a hundred get lost on the way: what the encoder weighs FEC by.
    package mutating func setPacketLoss(_ percent: Int) {
        let percent = Int32(min(max(percent, 0), 100))
        guard percent != packetLoss else { return }
        packetLoss = percent
        set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, percent)
    }

    /// The next packet, and only that, will not lean on those before it: for a decoder that heard another encoder.
    package mutating func nextFrameIndependent() {
        isIndependent = true
        set(OPUS_SET_PREDICTION_DISABLED_REQUEST, 1)
    }

    /// Encodes a block.
    ///
    /// - Parameter packet: room for the bytes; `largestPacket` is always enough.
    /// - Returns: how many bytes were written; `nil` if the library refused, which it has no reason to.
    package mutating func encode(_ block: AudioBlock, into packet: UnsafeMutableRawBufferPointer) -> Int? {
        guard let bytes = packet.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        let count = opus_encode_float(
            state, block.samples, Int32(AudioBlock.count), bytes, Int32(clamping: packet.count))
        if isIndependent {
            isIndependent = false
            set(OPUS_SET_PREDICTION_DISABLED_REQUEST, 0)
        }
        return count > 0 ? Int(count) : nil
    }

    /// Forgets all sound; the settings stay.
    package mutating func reset() { _ = copus_encoder_reset(state) }

    /// Becomes the exact twin of `other`, sound and settings: its next packet continues `other`'s stream as if `other`
    /// had made it. The library's state is one piece that may be copied.
    package mutating func become(_ other: borrowing OpusEncoder) {
        UnsafeMutableRawPointer(state).copyMemory(from: UnsafeRawPointer(other.state), byteCount: stateSize)
        isIndependent = other.isIndependent
        packetLoss = other.packetLoss
    }

    private func set(_ request: Int32, _ value: Int32) { _ = copus_encoder_set(state, request, value) }
}
