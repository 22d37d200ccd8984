import CFFmpeg
import Media
import Mixer

/// libavcodec's decoder alone, used as sparingly as it can be: the yardstick for what is ours.
final class BareDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let frame: UnsafeMutablePointer<AVFrame>

    /// `nil` if there is none for H.264.
    init?() {
        guard let codec = avcodec_find_decoder(AV_CODEC_ID_H264), let context = avcodec_alloc_context3(codec),
            let packet = av_packet_alloc(), let frame = av_frame_alloc()
        else { return nil }
        context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY
        context.pointee.thread_count = 1
        guard avcodec_open2(context, codec, nil) == 0 else { return nil }
        // The bytes are lent, not copied.
        packet.pointee.buf = av_buffer_alloc(1)
        self.context = context
        self.packet = packet
        self.frame = frame
    }

    deinit { free(context, packet, frame) }

    func decode(_ unit: AccessUnit) {
        packet.pointee.data = UnsafeMutablePointer(
            mutating: unit.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        packet.pointee.size = Int32(unit.bytes.count)
        avcodec_send_packet(context, packet)
        while avcodec_receive_frame(context, frame) == 0 {}
        packet.pointee.data = nil
        packet.pointee.size = 0
    }
}

/// libavcodec's x264 alone, with pictures that it has to share with others, as a canvas is.
final class BareEncoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let input: UnsafeMutablePointer<AVFrame>
    private let source: UnsafeMutablePointer<AVFrame>

    /// `nil` if there is none. `paint` gets the samples of the one picture that it encodes again and again.
    init?(size: Size, paint: (Raster) -> Void) {
        guard let codec = avcodec_find_encoder_by_name("libx264"), let context = avcodec_alloc_context3(codec),
            let packet = av_packet_alloc(), let input = av_frame_alloc(), let source = av_frame_alloc()
        else { return nil }
        context.pointee.width = Int32(size.width)
        context.pointee.height = Int32(size.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.time_base = AVRational(num: 1, den: Int32(VideoCodec.clockRate))
        context.pointee.framerate = AVRational(num: 30, den: 1)
        context.pointee.bit_rate = 1_500_000
        context.pointee.gop_size = 100_000
        context.pointee.max_b_frames = 0
        context.pointee.thread_count = 1
        av_opt_set(context.pointee.priv_data, "preset", "superfast", 0)
        av_opt_set(context.pointee.priv_data, "tune", "zerolatency", 0)
        source.pointee.width = Int32(size.width)
        source.pointee.height = Int32(size.height)
        source.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        guard avcodec_open2(context, codec, nil) == 0, av_frame_get_buffer(source, 64) == 0,
            let luma = source.pointee.data.0, let cb = source.pointee.data.1, let cr = source.pointee.data.2
        else { return nil }
        paint(
            Raster(
                luma: luma, cb: cb, cr: cr, lumaStride: Int(source.pointee.linesize.0),
                chromaStride: Int(source.pointee.linesize.1), size: size))
        self.context = context
        self.packet = packet
        self.input = input
        self.source = source
    }

    deinit {
        var source: UnsafeMutablePointer<AVFrame>? = source
        av_frame_free(&source)
        free(context, packet, input)
    }

    func encode(timestamp: Int64) {
        av_packet_unref(packet)
        av_frame_ref(input, source)
        input.pointee.pts = timestamp
        avcodec_send_frame(context, input)
        av_frame_unref(input)
        avcodec_receive_packet(context, packet)
    }
}

private func free(
    _ context: UnsafeMutablePointer<AVCodecContext>, _ packet: UnsafeMutablePointer<AVPacket>,
    _ frame: UnsafeMutablePointer<AVFrame>
) {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    var frame: UnsafeMutablePointer<AVFrame>? = frame
    avcodec_free_context(&context)
    av_packet_free(&packet)
    av_frame_free(&frame)
}
