import COpus
import Media

/// Opus packets to mono samples at 48 kHz (RFC 6716). Stereo is mixed down by the library. Owns its state; takes no
/// memory after `init`.
package struct OpusDecoder: ~Copyable {
    private let state: OpaquePointer

    /// The longest packet there is: 120 ms.
    package static let longestPacket = 5_760
    /// Concealment and recovery come in pieces of 2.5 ms.
    package static let grain = 120

    package init() throws(AudioCodecError) {
        var code: Int32 = OPUS_OK
        guard let state = opus_decoder_create(Int32(AudioBlock.sampleRate), 1, &code) else {
            throw .unavailable(.opus, code: code)
        }
        self.state = state
    }

    deinit { opus_decoder_destroy(state) }

    /// Decodes one packet of 2.5 to 120 ms. An empty one is what DTX leaves of a packet: 20 ms are concealed.
    ///
    /// - Parameter samples: room for `longestPacket` samples, or the packet may be refused.
    package mutating func decode(
        _ packet: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Float>
    ) -> AudioDecoding {
        guard packet.count > 0 else { return conceal(AudioBlock.count, into: samples) }
        return run(packet, samples: samples, duration: min(samples.count, Self.longestPacket), isRecovery: false)
    }

    /// Makes the sound of a lost packet out of the one that follows it, where the sender put in-band FEC there; else by
    /// concealment (RFC 6716 section 2.1.7). `following` has still to be decoded itself afterwards.
    ///
    /// - Parameter duration: samples that were lost; rounded to 2.5 ms and held within what a packet can last.
    package mutating func recover(
        fromNext following: UnsafeRawBufferPointer, duration: Int, into samples: UnsafeMutableBufferPointer<Float>
    ) -> AudioDecoding {
        run(following, samples: samples, duration: duration, isRecovery: true)
    }

    /// Whether a packet has FEC of the one before it: SILK's low bit-rate redundancy (RFC 6716 section 4.2.4).
    package static func hasRedundancy(_ packet: UnsafeRawBufferPointer) -> Bool {
        guard let first = packet.first, first & 0x80 == 0, packet.count <= 1500,
            let start = packet.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return false }
        // No more than 48 frames make a packet.
        return withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: 48) { frames in
            withUnsafeTemporaryAllocation(of: Int16.self, capacity: 48) { sizes in
                guard let frame = frames.baseAddress, let size = sizes.baseAddress,
                    opus_packet_parse(start, Int32(packet.count), nil, frame, size, nil) > 0, sizes[0] > 0,
                    let bits = frames[0]?.pointee
                else { return false }
                // Its header: a bit of voice activity for each 20 ms of the frame, and the one we want; for each channel.
                let inside = max(1, Int(opus_packet_get_samples_per_frame(start, 48_000)) / AudioBlock.count)
                let isStereo = first & 0x04 != 0
                return bits >> (7 - inside) & 1 != 0 || isStereo && bits >> (6 - 2 * inside) & 1 != 0
            }
        }
    }

    /// Invents sound for a loss from what was heard before.
    ///
    /// - Parameter duration: samples; rounded to 2.5 ms and held within what a packet can last.
    package mutating func conceal(_ duration: Int, into samples: UnsafeMutableBufferPointer<Float>) -> AudioDecoding {
        run(UnsafeRawBufferPointer(start: nil, count: 0), samples: samples, duration: duration, isRecovery: false)
    }

    private mutating func run(
        _ packet: UnsafeRawBufferPointer, samples: UnsafeMutableBufferPointer<Float>, duration: Int, isRecovery: Bool
    ) -> AudioDecoding {
        let wanted = min(max(duration, Self.grain), Self.longestPacket, samples.count) / Self.grain * Self.grain
        guard wanted > 0, let start = samples.baseAddress, packet.count <= Int(Int32.max) else {
            return .refused(code: OPUS_BUFFER_TOO_SMALL)
        }
        let count = opus_decode_float(
            state, packet.isEmpty ? nil : packet.baseAddress?.assumingMemoryBound(to: UInt8.self),
            Int32(packet.count), start, Int32(wanted), isRecovery ? 1 : 0)
        return count > 0 ? .samples(Int(count)) : .refused(code: count)
    }
}
