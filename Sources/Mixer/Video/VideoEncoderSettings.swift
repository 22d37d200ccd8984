import Media

/// How a rendition is encoded.
package struct VideoEncoderSettings: Hashable, Sendable {
    /// An H.264 profile; other codecs take their own first one.
    package enum Profile: Hashable, Sendable {
        case constrainedBaseline, high
    }

    package var codec: VideoCodec
    /// A libavcodec encoder by name; `nil`: the first choice for the codec.
    package var encoderName: String?
    /// Of the rendition; even. Canvases of another size are scaled to it.
    package var size: Size
    /// Pictures per second.
    package var frameRate: Int
    package var bitrate: Bitrate
    /// The longest time between two keyframes, in seconds.
    package var gop: Double
    package var profile: Profile
    /// An x264 preset; other encoders take their nearest speed.
    package var preset: String
    /// The most bytes of a NAL unit, for packetization-mode 0 of H.264 (RFC 6184 section 6.2); `nil`: no limit.
    package var maxSliceBytes: Int?
    /// More than one slices the picture, without delay.
    package var threads: Int
    /// The most that the encoder is ahead of its rate, in seconds of it: the room for a keyframe.
    package var burst: Double

    /// No burst that a line can't carry.
    package static let cameraBurst = 0.5

    package init(
        codec: VideoCodec = .h264, encoderName: String? = nil, size: Size, frameRate: Int, bitrate: Bitrate,
        gop: Double = 4, profile: Profile = .constrainedBaseline, preset: String = "superfast",
        maxSliceBytes: Int? = nil, threads: Int = 1, burst: Double = cameraBurst
    ) {
        self.codec = codec
        self.encoderName = encoderName
        self.size = size
        self.frameRate = frameRate
        self.bitrate = bitrate
        self.gop = gop
        self.profile = profile
        self.preset = preset
        self.maxSliceBytes = maxSliceBytes
        self.threads = threads
        self.burst = burst
    }

    /// The first number that can't be encoded, in words; `nil` if all can.
    var mistake: String? {
        if !size.width.isMultiple(of: 2) || !size.height.isMultiple(of: 2) { return "size \(size) isn't even" }
        if min(size.width, size.height) < 16 || max(size.width, size.height) > 8192 {
            return "size \(size) is out of 16 to 8192"
        }
        if !(1...120).contains(frameRate) { return "frame rate \(frameRate) is out of 1 to 120" }
        if !(Bitrate.leastPicture.bitsPerSecond...500_000_000).contains(bitrate.bitsPerSecond) {
            return "bitrate \(bitrate) is out of \(Bitrate.leastPicture) to 500M"
        }
        if !(0.1...3600).contains(gop) { return "GOP \(gop) s is out of 0.1 to 3600" }
        if !(1...64).contains(threads) { return "\(threads) threads are out of 1 to 64" }
        if !(0.1...10).contains(burst) { return "a burst of \(burst) s is out of 0.1 to 10" }
        if let maxSliceBytes, maxSliceBytes < 100 { return "slices of \(maxSliceBytes) bytes are under 100" }
        if maxSliceBytes != nil, codec == .h264, !EncoderOptions.limitsSlices(resolvedEncoderName) {
            return "it doesn't keep its slices below the size of a packet, as packetization-mode 0 wants"
        }
        return nil
    }

    /// The encoder that is opened.
    package var resolvedEncoderName: String { encoderName ?? Self.firstChoice(for: codec) }

    /// The encoder for a codec when none is asked for.
    package static func firstChoice(for codec: VideoCodec) -> String {
        switch codec {
        case .h264: "libx264"
        case .h265: "libx265"
        case .vp8: "libvpx"
        case .vp9: "libvpx-vp9"
        }
    }
}

/// Why an encoder can't be had. The message is for operators.
package enum VideoEncoderError: Error, Hashable, CustomStringConvertible {
    /// libavcodec here has no encoder of that name.
    case unknownEncoder(name: String, codec: VideoCodec)
    /// There is one, but it makes another codec.
    case otherCodec(name: String, codec: VideoCodec)
    /// A number in the settings can't be encoded.
    case badSetting(name: String, codec: VideoCodec, reason: String)
    /// It is there, but didn't open: no such hardware, say, or a preset it doesn't know.
    case openFailed(name: String, codec: VideoCodec, reason: String)

    package var description: String {
        switch self {
        case .unknownEncoder(let name, let codec):
            "no encoder '\(name)' for \(codec.encodingName) on this machine"
        case .otherCodec(let name, let codec):
            "encoder '\(name)' doesn't make \(codec.encodingName)"
        case .badSetting(let name, let codec, let reason), .openFailed(let name, let codec, let reason):
            "encoder '\(name)' for \(codec.encodingName) can't be used: \(reason)"
        }
    }
}
