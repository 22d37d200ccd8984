import CFFmpeg
import Media

/// Still pictures for the demo, the operator's previews and the drawings of layouts.
package enum PNGWriter {
    /// The canvas as a PNG file's bytes; `nil` if libavcodec has no PNG.
    package static func png(_ canvas: Canvas) -> [UInt8]? {
        encode(canvas.frame, isFullRange: false, matrix: .bt709)
    }

    /// The picture as a PNG file's bytes, in the colours it says it has; `nil` if libavcodec has no PNG.
    package static func png(_ picture: Picture) -> [UInt8]? {
        encode(picture.frame, isFullRange: picture.isFullRange, matrix: picture.matrix)
    }

    private static func encode(_ source: UnsafePointer<AVFrame>, isFullRange: Bool, matrix: ColourMatrix) -> [UInt8]? {
        let converted = FrameOwner()
        converted.raw.pointee.width = source.pointee.width
        converted.raw.pointee.height = source.pointee.height
        converted.raw.pointee.format = AV_PIX_FMT_RGB24.rawValue
        guard av_frame_get_buffer(converted.raw, 0) == 0,
            convert(source, to: converted.raw, isFullRange: isFullRange, matrix: matrix)
        else { return nil }
        return compress(converted.raw)
    }

    private static func convert(
        _ source: UnsafePointer<AVFrame>, to target: UnsafeMutablePointer<AVFrame>, isFullRange: Bool,
        matrix: ColourMatrix
    ) -> Bool {
        let (width, height) = (source.pointee.width, source.pointee.height)
        guard
            let context = sws_getContext(
                width, height, AVPixelFormat(source.pointee.format), width, height, AV_PIX_FMT_RGB24,
                SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nil, nil, nil)
        else { return false }
        defer { sws_freeContext(context) }
        let space =
            switch matrix {
            case .bt709: SWS_CS_ITU709
            case .bt601: SWS_CS_ITU601
            case .bt2020: SWS_CS_BT2020
            }
        sws_setColorspaceDetails(
            context, sws_getCoefficients(space), isFullRange ? 1 : 0, sws_getCoefficients(SWS_CS_ITU709), 1, 0, 1 << 16,
            1 << 16)
        let rows = withUnsafePointer(to: &target.pointee.data.0) { planes in
            withUnsafePointer(to: &target.pointee.linesize.0) { strides in
                cffmpeg_scale(context, source, 0, 0, height, planes, strides)
            }
        }
        return rows > 0
    }

    private static func compress(_ frame: UnsafeMutablePointer<AVFrame>) -> [UInt8]? {
        guard let encoder = avcodec_find_encoder(AV_CODEC_ID_PNG) else { return nil }
        var context = avcodec_alloc_context3(encoder)
        var packet = av_packet_alloc()
        defer {
            av_packet_free(&packet)
            avcodec_free_context(&context)
        }
        guard let context, let packet else { return nil }
        context.pointee.width = frame.pointee.width
        context.pointee.height = frame.pointee.height
        context.pointee.pix_fmt = AV_PIX_FMT_RGB24
        context.pointee.time_base = AVRational(num: 1, den: 1)
        context.pointee.thread_count = 1
        guard avcodec_open2(context, encoder, nil) == 0, avcodec_send_frame(context, frame) == 0,
            avcodec_receive_packet(context, packet) == 0
        else { return nil }
        return [UInt8](UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }
}
