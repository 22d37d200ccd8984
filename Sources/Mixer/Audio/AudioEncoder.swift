import Media

/// The encoder of a mix, whatever its codec: one packet a block.
package enum AudioEncoder: ~Copyable {
    case opus(OpusEncoder)
    case telephony(TelephonyEncoder)

    /// Room for any packet it makes, in bytes.
    package static let largestPacket = OpusEncoder.largestPacket

    /// - Parameter bitrate: of Opus; the others have one rate only.
    package init(_ codec: AudioCodec, bitrate: Bitrate) throws(AudioCodecError) {
        if let telephony = TelephonyCodec(codec) {
            self = .telephony(try TelephonyEncoder(telephony))
        } else {
            self = .opus(try OpusEncoder(bitrate: bitrate))
        }
    }

    /// Encodes a block into `packet`, which has room for `largestPacket` bytes.
    ///
    /// - Returns: how many bytes were written; `nil` if the library refused.
    package mutating func encode(_ block: AudioBlock, into packet: UnsafeMutableRawBufferPointer) -> Int? {
        switch consume self {
        case .opus(var encoder):
            let count = encoder.encode(block, into: packet)
            self = .opus(encoder)
            return count
        case .telephony(var encoder):
            let count = encoder.encode(block, into: packet)
            self = .telephony(encoder)
            return count
        }
    }

    /// Opus only: how many packets of a hundred get lost on the way.
    package mutating func setPacketLoss(_ percent: Int) {
        switch consume self {
        case .opus(var encoder):
            encoder.setPacketLoss(percent)
            self = .opus(encoder)
        case .telephony(let encoder): self = .telephony(encoder)
        }
    }

    /// Opus only: the next packet will not lean on those before it. The others never do so for long.
    package mutating func nextFrameIndependent() {
        switch consume self {
        case .opus(var encoder):
            encoder.nextFrameIndependent()
            self = .opus(encoder)
        case .telephony(let encoder): self = .telephony(encoder)
        }
    }

    /// Forgets all sound heard by an encoder that will serve another mix.
    package mutating func reset() {
        switch consume self {
        case .opus(var encoder):
            encoder.reset()
            self = .opus(encoder)
        case .telephony(let encoder): self = .telephony(encoder)
        }
    }

    /// Becomes the exact twin of `other`, so that its next packet continues `other`'s stream.
    ///
    /// - Returns: whether it could: Opus can, the others have no state that may be copied.
    package mutating func become(_ other: borrowing AudioEncoder) -> Bool {
        switch consume self {
        case .opus(var encoder):
            var isTwin = false
            switch other {
            case .opus(let model):
                encoder.become(model)
                isTwin = true
            case .telephony: break
            }
            self = .opus(encoder)
            return isTwin
        case .telephony(let encoder):
            self = .telephony(encoder)
            return false
        }
    }
}
