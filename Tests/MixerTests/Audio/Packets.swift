import COpus
import Media
import Mixer

/// Encoded sound for tests.
enum Packets {
    /// Packets of 20 ms from a codec of ours.
    static func of(codec: AudioCodec, ticks: Int, sound: (_ tick: Int) -> [Float]) throws -> [[UInt8]] {
        var encoder = try AudioEncoder(codec, bitrate: Bitrate(bitsPerSecond: 48_000))
        return collect(ticks: ticks, from: 0, sound: sound) { encoder.encode($0, into: $1) }
    }

    static func of(
        _ encoder: inout OpusEncoder, ticks: Int, from first: Int = 0, sound: (_ tick: Int) -> [Float]
    ) -> [[UInt8]] {
        collect(ticks: ticks, from: first, sound: sound) { encoder.encode($0, into: $1) }
    }

    private static func collect(
        ticks: Int, from first: Int, sound: (_ tick: Int) -> [Float],
        encode: (AudioBlock, UnsafeMutableRawBufferPointer) -> Int?
    ) -> [[UInt8]] {
        let storage = AudioBlockStorage(capacity: 1)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: AudioEncoder.largestPacket, alignment: 16)
        defer { bytes.deallocate() }
        return (first..<first + ticks).map { tick in
            _ = storage[0].buffer.update(from: sound(tick))
            return Array(bytes[..<(encode(storage[0], bytes) ?? 0)])
        }
    }
}

/// Opus packets as other people's endpoints make them: of any length, stereo too, with DTX.
final class ReferenceOpusEncoder {
    private let state: OpaquePointer
    private let channels: Int

    init?(channels: Int = 1, isDiscontinuous: Bool = false) {
        guard let state = opus_encoder_create(48_000, Int32(channels), OPUS_APPLICATION_VOIP, nil) else { return nil }
        self.state = state
        self.channels = channels
        _ = copus_encoder_set(state, OPUS_SET_DTX_REQUEST, isDiscontinuous ? 1 : 0)
    }

    deinit { opus_encoder_destroy(state) }

    /// - Parameter samples: interleaved where there are two channels.
    func encode(_ samples: [Float]) -> [UInt8] {
        var packet = [UInt8](repeating: 0, count: 4_000)
        let count = opus_encode_float(state, samples, Int32(samples.count / channels), &packet, Int32(packet.count))
        return Array(packet.prefix(Int(max(0, count))))
    }
}
