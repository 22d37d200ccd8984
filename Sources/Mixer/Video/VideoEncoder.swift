import Media

/// One encoder of one library, opened. The front, `VideoEncoder`, has checked the settings and makes timestamps rise.
protocol PictureEncoder: AnyObject {
    /// As `VideoEncoder.encode`.
    func encode(_ canvas: Canvas, timestamp: Int64, forceKeyframe: Bool, arrival: Instant) -> AccessUnit?
    /// As `VideoEncoder.quantizer`.
    var quantizer: Int? { get }
    /// As `VideoEncoder.setBitrate`.
    func setBitrate(_ bitrate: Bitrate) -> Bool
}

/// Encodes canvases for one encode group, one access unit out for each canvas in, without delay. H.264 and H.265 come in
/// Annex B form, with the parameter sets before each IDR. Confined to its owner's queue.
package struct VideoEncoder: ~Copyable {
    package let settings: VideoEncoderSettings

    private let encoder: any PictureEncoder
    private var lastTimestamp: Int64 = .min

    /// Whether this machine has an encoder of this name for this codec. It may still fail to open.
    package static func isAvailable(_ name: String, for codec: VideoCodec) -> Bool {
        name == OpenH264Encoder.name ? codec == .h264 : LibavcodecEncoder.isAvailable(name, for: codec)
    }

    /// Whether an encoder of this name makes what packetization-mode 0 of H.264 wants: no slice larger than a packet.
    package static func limitsSlices(_ name: String) -> Bool { EncoderOptions.limitsSlices(name) }

    /// Opens an encoder: several milliseconds of work, not for the hot path.
    package init(_ settings: VideoEncoderSettings) throws(VideoEncoderError) {
        let name = settings.resolvedEncoderName
        if let reason = settings.mistake { throw .badSetting(name: name, codec: settings.codec, reason: reason) }
        let opened: any PictureEncoder =
            name == OpenH264Encoder.name ? try OpenH264Encoder(settings) : try LibavcodecEncoder(settings)
        self.settings = settings
        encoder = opened
    }

    /// Encodes one canvas. The samples are read in place, or scaled once if the rendition has another size.
    ///
    /// - Parameters:
    ///   - timestamp: in 90 kHz ticks. One that doesn't rise is taken as the last one plus 1.
    ///   - forceKeyframe: an IDR now, whatever the GOP.
    ///   - arrival: goes into the access unit.
    /// - Returns: the access unit, whose bytes hold until the next call; `nil` if the encoder dropped the picture.
    package mutating func encode(
        _ canvas: Canvas, timestamp: Int64, forceKeyframe: Bool = false, arrival: Instant = .zero
    ) -> AccessUnit? {
        lastTimestamp = lastTimestamp < timestamp ? timestamp : lastTimestamp &+ 1
        return encoder.encode(canvas, timestamp: lastTimestamp, forceKeyframe: forceKeyframe, arrival: arrival)
    }

    /// The mean quantizer of the last access unit (0 to 51 for H.264); `nil` where the encoder doesn't tell it.
    package var quantizer: Int? { encoder.quantizer }

    /// Changes the rate from the next canvas on, without a keyframe.
    /// - Returns: `false` if this encoder can't: open another.
    package mutating func setBitrate(_ bitrate: Bitrate) -> Bool { encoder.setBitrate(bitrate) }
}
