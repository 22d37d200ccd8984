import CFFmpeg
import Media

/// Any encoder of libavcodec.
final class LibavcodecEncoder: PictureEncoder {
    private let settings: VideoEncoderSettings
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let input = FrameOwner()
    private let device: EncoderDevice?
    private var scaler: CanvasScaler

    init(_ settings: VideoEncoderSettings) throws(VideoEncoderError) {
        CodecLog.takeOver()
        let name = settings.resolvedEncoderName
        guard let encoder = avcodec_find_encoder_by_name(name) else {
            throw .unknownEncoder(name: name, codec: settings.codec)
        }
        guard encoder.pointee.id == settings.codec.id else {
            throw .otherCodec(name: name, codec: settings.codec)
        }
        guard let context = avcodec_alloc_context3(encoder), let packet = av_packet_alloc() else {
            fatalError("out of memory: an encoder")
        }
        Self.configure(context, settings)
        var opened: Int32 = 0
        var device: EncoderDevice?
        let kind = EncoderOptions.input(of: name)
        switch kind {
        case .planar: context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        case .semiPlanar: context.pointee.pix_fmt = AV_PIX_FMT_NV12
        case .device:
            device = EncoderDevice(size: settings.size)
            context.pointee.pix_fmt = AV_PIX_FMT_VAAPI
            if let device { device.attach(to: context) } else { opened = cffmpeg_error_no_device() }
        }
        for (key, value) in EncoderOptions.options(name, settings) where opened == 0 {
            opened = min(0, av_opt_set(context.pointee.priv_data, key, value, 0))
        }
        if opened == 0 { opened = avcodec_open2(context, encoder, nil) }
        guard opened == 0 else {
            var (oldContext, oldPacket): (UnsafeMutablePointer<AVCodecContext>?, UnsafeMutablePointer<AVPacket>?)
            (oldContext, oldPacket) = (context, packet)
            avcodec_free_context(&oldContext)
            av_packet_free(&oldPacket)
            throw .openFailed(name: name, codec: settings.codec, reason: CodecLog.message(opened))
        }
        self.settings = settings
        self.context = context
        self.packet = packet
        self.device = device
        scaler = CanvasScaler(size: settings.size, isSemiPlanar: kind != .planar)
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = self.packet
        av_packet_free(&packet)
        var context: UnsafeMutablePointer<AVCodecContext>? = self.context
        avcodec_free_context(&context)
    }

    static func isAvailable(_ name: String, for codec: VideoCodec) -> Bool {
        guard let encoder = avcodec_find_encoder_by_name(name) else { return false }
        return encoder.pointee.id == codec.id
    }

    func encode(_ canvas: Canvas, timestamp: Int64, forceKeyframe: Bool, arrival: Instant) -> AccessUnit? {
        av_packet_unref(packet)
        guard let source = scaler.frame(for: canvas) else { return nil }
        let frame = input.raw
        av_frame_unref(frame)
        let referred = device?.upload(source, to: frame) ?? av_frame_ref(frame, source)
        guard referred == 0 else { return nil }
        frame.pointee.pts = timestamp
        frame.pointee.pict_type = forceKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        let error = avcodec_send_frame(context, frame)
        // What the encoder needs of the canvas it has taken a reference of.
        av_frame_unref(frame)
        guard error == 0, avcodec_receive_packet(context, packet) == 0, let data = packet.pointee.data else {
            return nil
        }
        return AccessUnit(
            bytes: UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)), timestamp: packet.pointee.pts,
            isKeyframe: packet.pointee.flags & AV_PKT_FLAG_KEY != 0, arrival: arrival)
    }

    var quantizer: Int? {
        guard let stats = av_packet_get_side_data(packet, AV_PKT_DATA_QUALITY_STATS, nil) else { return nil }
        // 32 bits, low byte first, in libavcodec's lambda units.
        let lambda = UnsafeRawPointer(stats).loadUnaligned(as: UInt32.self).littleEndian
        return Int(lambda) / Int(FF_QP2LAMBDA)
    }

    func setBitrate(_ bitrate: Bitrate) -> Bool {
        guard EncoderOptions.changesBitrate(settings.resolvedEncoderName) else { return false }
        Self.setRate(context, bitrate, burst: settings.burst)
        return true
    }

    private static func configure(_ context: UnsafeMutablePointer<AVCodecContext>, _ settings: VideoEncoderSettings) {
        context.pointee.width = Int32(settings.size.width)
        context.pointee.height = Int32(settings.size.height)
        context.pointee.time_base = AVRational(num: 1, den: Int32(VideoCodec.clockRate))
        context.pointee.framerate = AVRational(num: Int32(settings.frameRate), den: 1)
        context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        context.pointee.gop_size = Int32((settings.gop * Double(settings.frameRate)).rounded())
        context.pointee.max_b_frames = 0
        context.pointee.thread_count = Int32(settings.threads)
        context.pointee.thread_type = FF_THREAD_SLICE
        context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY
        context.pointee.color_range = AVCOL_RANGE_MPEG
        context.pointee.colorspace = AVCOL_SPC_BT709
        context.pointee.color_primaries = AVCOL_PRI_BT709
        context.pointee.color_trc = AVCOL_TRC_BT709
        context.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
        setRate(context, settings.bitrate, burst: settings.burst)
    }

    private static func setRate(_ context: UnsafeMutablePointer<AVCodecContext>, _ bitrate: Bitrate, burst: Double) {
        context.pointee.bit_rate = Int64(bitrate.bitsPerSecond)
        context.pointee.rc_max_rate = Int64(bitrate.bitsPerSecond)
        context.pointee.rc_min_rate = context.pointee.codec_id == AV_CODEC_ID_VP8 ? Int64(bitrate.bitsPerSecond) : 0
        context.pointee.rc_buffer_size = Int32(min(Double(bitrate.bitsPerSecond) * burst, 2e9))
    }
}
