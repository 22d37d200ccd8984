import CFFmpeg
import Media

/// Small pictures for people who look over the bridge's shoulder: scaled, and coded as JPEG (ITU-T T.81) by libavcodec, in
/// JFIF's terms: BT.601, full range. Scaler and encoder stay open while sizes stay; confined to its owner's queue.
package struct JPEGWriter: ~Copyable {
    /// Of libavcodec's quantizer, 2 (best) to 31.
    private static let quantizer: Int32 = 5

    private struct Shape: Hashable {
        var source: Size
        var format: Int32
        var isFullRange: Bool
        var matrix: ColourMatrix
        var target: Size
    }

    private var shape: Shape?
    private var scaler: OpaquePointer?
    private var encoder: UnsafeMutablePointer<AVCodecContext>?
    private let frame = FrameOwner()

    package init() { CodecLog.takeOver() }

    deinit {
        sws_freeContext(scaler)
        var encoder = encoder
        avcodec_free_context(&encoder)
    }

    /// - Parameter width: of the JPEG picture, in samples; it is as high as the canvas's shape wants it.
    /// - Returns: `nil` if libavcodec can't.
    package mutating func jpeg(_ canvas: Canvas, width: Int) -> [UInt8]? {
        withExtendedLifetime(canvas) {
            jpeg(canvas.frame, isFullRange: false, matrix: .bt709, shape: canvas.size, width)
        }
    }

    /// The same of a decoded picture, in the colours that it says it has.
    package mutating func jpeg(_ picture: Picture, width: Int) -> [UInt8]? {
        let aspect = picture.sampleAspect
        let shape = Size(width: picture.size.width * aspect.width, height: picture.size.height * aspect.height)
        return withExtendedLifetime(picture) {
            jpeg(picture.frame, isFullRange: picture.isFullRange, matrix: picture.matrix, shape: shape, width)
        }
    }

    private mutating func jpeg(
        _ source: UnsafePointer<AVFrame>, isFullRange: Bool, matrix: ColourMatrix, shape: Size, _ width: Int
    ) -> [UInt8]? {
        let height = max(2, (shape.height * width / max(1, shape.width) + 1) & ~1)
        let wanted = Shape(
            source: Size(width: Int(source.pointee.width), height: Int(source.pointee.height)),
            format: source.pointee.format, isFullRange: isFullRange, matrix: matrix,
            target: Size(width: max(2, width & ~1), height: min(height, 4 * width)))
        if self.shape != wanted {
            self.shape = nil
            guard open(wanted) else { return nil }
            self.shape = wanted
        }
        // The encoder may hold the last one's memory.
        guard let scaler, let encoder, av_frame_make_writable(frame.raw) == 0 else { return nil }
        let rows = withUnsafePointer(to: &frame.raw.pointee.data.0) { planes in
            withUnsafePointer(to: &frame.raw.pointee.linesize.0) { strides in
                cffmpeg_scale(scaler, source, 0, 0, source.pointee.height, planes, strides)
            }
        }
        guard rows > 0 else { return nil }
        frame.raw.pointee.pts += 1
        frame.raw.pointee.quality = Self.quantizer * Int32(FF_QP2LAMBDA)
        var packet = av_packet_alloc()
        defer { av_packet_free(&packet) }
        guard let packet, avcodec_send_frame(encoder, frame.raw) == 0, avcodec_receive_packet(encoder, packet) == 0
        else { return nil }
        return [UInt8](UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }

    private mutating func open(_ shape: Shape) -> Bool {
        sws_freeContext(scaler)
        scaler = sws_getContext(
            Int32(shape.source.width), Int32(shape.source.height), AVPixelFormat(shape.format),
            Int32(shape.target.width), Int32(shape.target.height), AV_PIX_FMT_YUVJ420P, SWS_AREA, nil, nil, nil)
        guard let scaler else { return false }
        let space =
            switch shape.matrix {
            case .bt709: SWS_CS_ITU709
            case .bt601: SWS_CS_ITU601
            case .bt2020: SWS_CS_BT2020
            }
        sws_setColorspaceDetails(
            scaler, sws_getCoefficients(space), shape.isFullRange ? 1 : 0, sws_getCoefficients(SWS_CS_ITU601), 1, 0,
            1 << 16, 1 << 16)
        avcodec_free_context(&encoder)
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG), let context = avcodec_alloc_context3(codec) else {
            return false
        }
        encoder = context
        context.pointee.width = Int32(shape.target.width)
        context.pointee.height = Int32(shape.target.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        context.pointee.color_range = AVCOL_RANGE_JPEG
        context.pointee.time_base = AVRational(num: 1, den: 1000)
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        context.pointee.global_quality = Self.quantizer * Int32(FF_QP2LAMBDA)
        guard avcodec_open2(context, codec, nil) == 0 else { return false }
        av_frame_unref(frame.raw)
        frame.raw.pointee.width = context.pointee.width
        frame.raw.pointee.height = context.pointee.height
        frame.raw.pointee.format = AV_PIX_FMT_YUVJ420P.rawValue
        frame.raw.pointee.color_range = AVCOL_RANGE_JPEG
        frame.raw.pointee.pts = 0
        return av_frame_get_buffer(frame.raw, 0) == 0
    }
}
