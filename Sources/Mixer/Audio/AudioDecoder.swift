import Media

/// The decoder of a site's sound, whatever its codec: samples come out mono at 48 kHz.
package enum AudioDecoder: ~Copyable {
    case opus(OpusDecoder)
    case telephony(TelephonyDecoder)

    package init(_ codec: AudioCodec) throws(AudioCodecError) {
        if let telephony = TelephonyCodec(codec) {
            self = .telephony(try TelephonyDecoder(telephony))
        } else {
            self = .opus(try OpusDecoder())
        }
    }

    /// Decodes one packet of up to 120 ms; an empty one is concealed.
    package mutating func decode(
        _ packet: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Float>
    ) -> AudioDecoding {
        switch consume self {
        case .opus(var decoder):
            let result = decoder.decode(packet, into: samples)
            self = .opus(decoder)
            return result
        case .telephony(var decoder):
            let result = decoder.decode(packet, into: samples)
            self = .telephony(decoder)
            return result
        }
    }

    /// Makes up for a lost packet of `duration` samples by the one that follows it; by concealment where the codec has
    /// no FEC. `following` has still to be decoded itself afterwards.
    package mutating func recover(
        fromNext following: UnsafeRawBufferPointer, duration: Int, into samples: UnsafeMutableBufferPointer<Float>
    ) -> AudioDecoding {
        switch consume self {
        case .opus(var decoder):
            let result = decoder.recover(fromNext: following, duration: duration, into: samples)
            self = .opus(decoder)
            return result
        case .telephony(var decoder):
            let result = decoder.conceal(duration, into: samples)
            self = .telephony(decoder)
            return result
        }
    }

    /// Invents `duration` samples from what was heard before.
    package mutating func conceal(_ duration: Int, into samples: UnsafeMutableBufferPointer<Float>) -> AudioDecoding {
        switch consume self {
        case .opus(var decoder):
            let result = decoder.conceal(duration, into: samples)
            self = .opus(decoder)
            return result
        case .telephony(var decoder):
            let result = decoder.conceal(duration, into: samples)
            self = .telephony(decoder)
            return result
        }
    }
}
