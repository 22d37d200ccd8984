import CFFmpeg
import Media

/// Makes pictures of any kind fit for a canvas: 8-bit 4:2:0 of even size. What is that already goes through untouched; what
/// isn't even loses its last column or row; what is see-through lies on black.
struct PictureConverter: ~Copyable {
    private struct Shape: Equatable {
        var size: Size
        var format: Int32
        var isFullRange: Bool
        var space: Int32
    }

    private var shape: Shape?
    private var context: OpaquePointer?
    private var layout = RasterLayout(size: Size(width: 2, height: 2))
    /// Memory for converted pictures; it comes back when a picture is let go of.
    private var buffers: OpaquePointer?
    private let target = FrameOwner()

    init() {}

    deinit {
        sws_freeContext(context)
        var buffers = buffers
        av_buffer_pool_uninit(&buffers)
    }

    /// Makes `frame` fit, in place.
    /// - Returns: whether libswscale knows how.
    mutating func convert(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
        let size = Size(width: Int(frame.pointee.width), height: Int(frame.pointee.height))
        guard size.width > 0, size.height > 0 else { return false }
        let format = frame.pointee.format
        if Raster(frame) != nil, min(size.width, size.height) > 1 {
            frame.pointee.width = Int32(size.width & ~1)
            frame.pointee.height = Int32(size.height & ~1)
            return true
        }
        let shape = Shape(
            size: size, format: format,
            isFullRange: frame.pointee.color_range == AVCOL_RANGE_JPEG || Self.isAlwaysFull(format),
            space: Self.space(of: frame))
        guard shape == self.shape || open(shape), let context,
            let buffer = av_buffer_pool_get(buffers), let start = buffer.pointee.data
        else { return false }
        let base = UnsafeMutableRawPointer(start).alignedUp(toMultipleOf: RasterLayout.alignment)
        let raster = layout.raster(at: base.assumingMemoryBound(to: UInt8.self))
        let raw = target.raw
        raw.pointee.buf.0 = buffer
        (raw.pointee.data.0, raw.pointee.data.1, raw.pointee.data.2) = (raster.luma, raster.cb, raster.cr)
        raw.pointee.linesize.0 = Int32(raster.lumaStride)
        raw.pointee.linesize.1 = Int32(raster.chromaStride)
        raw.pointee.linesize.2 = Int32(raster.chromaStride)
        let rows = withUnsafePointer(to: &raw.pointee.data.0) { planes in
            withUnsafePointer(to: &raw.pointee.linesize.0) { strides in
                cffmpeg_scale(context, frame, 0, 0, Int32(Self.part(size.height)), planes, strides)
            }
        }
        guard rows > 0 else {
            av_frame_unref(raw)
            return false
        }
        describe(raw, as: frame, shape)
        av_frame_unref(frame)
        av_frame_move_ref(frame, raw)
        return true
    }

    private func describe(
        _ target: UnsafeMutablePointer<AVFrame>, as source: UnsafePointer<AVFrame>, _ shape: Shape
    ) {
        target.pointee.width = Int32(layout.size.width)
        target.pointee.height = Int32(layout.size.height)
        target.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        target.pointee.sample_aspect_ratio = source.pointee.sample_aspect_ratio
        target.pointee.key_frame = source.pointee.key_frame
        target.pointee.pts = source.pointee.pts
        target.pointee.color_range = AVCOL_RANGE_MPEG
        target.pointee.colorspace = Self.isRGB(shape.format) ? AVCOL_SPC_BT709 : AVColorSpace(UInt32(shape.space))
    }

    private mutating func open(_ shape: Shape) -> Bool {
        sws_freeContext(context)
        context = nil
        self.shape = nil
        av_buffer_pool_uninit(&buffers)
        guard sws_isSupportedInput(AVPixelFormat(shape.format)) > 0, let opened = sws_alloc_context() else {
            return false
        }
        let size = Size(width: max(2, shape.size.width & ~1), height: max(2, shape.size.height & ~1))
        let hasAlpha = Self.has(AV_PIX_FMT_FLAG_ALPHA, shape.format) && !Self.has(AV_PIX_FMT_FLAG_PAL, shape.format)
        let options: [(String, Int)] = [
            ("srcw", Self.part(shape.size.width)), ("srch", Self.part(shape.size.height)),
            ("src_format", Int(shape.format)), ("dstw", size.width), ("dsth", size.height),
            ("dst_format", Int(AV_PIX_FMT_YUV420P.rawValue)),
            ("sws_flags", Int(SWS_AREA | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP)),
            ("src_range", shape.isFullRange ? 1 : 0), ("dst_range", 0), ("alphablend", hasAlpha ? 1 : 0),
        ]
        let isSet = options.allSatisfy { av_opt_set_int(UnsafeMutableRawPointer(opened), $0.0, Int64($0.1), 0) >= 0 }
        // What has a matrix keeps it, since the canvas's scaler converts it; RGB gets the canvas's own.
        let input = sws_getCoefficients(shape.space)
        let output = sws_getCoefficients(Self.isRGB(shape.format) ? SWS_CS_ITU709 : shape.space)
        guard isSet else {
            sws_freeContext(opened)
            return false
        }
        sws_setColorspaceDetails(opened, input, shape.isFullRange ? 1 : 0, output, 0, 0, 1 << 16, 1 << 16)
        guard sws_init_context(opened, nil, nil) >= 0 else {
            sws_freeContext(opened)
            return false
        }
        sws_setColorspaceDetails(opened, input, shape.isFullRange ? 1 : 0, output, 0, 0, 1 << 16, 1 << 16)
        layout = RasterLayout(size: size)
        buffers = av_buffer_pool_init(layout.byteCount + RasterLayout.alignment, nil)
        context = opened
        self.shape = shape
        return buffers != nil
    }

    /// The part of a width or height that is shown: the even part, but never nothing.
    private static func part(_ length: Int) -> Int { length > 1 ? length & ~1 : 1 }

    private static func has(_ flags: Int32, _ format: Int32) -> Bool {
        guard let description = av_pix_fmt_desc_get(AVPixelFormat(format)) else { return false }
        return description.pointee.flags & UInt64(flags) != 0
    }

    private static func isRGB(_ format: Int32) -> Bool { has(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL, format) }

    /// Formats that are full range whatever the frame says.
    private static func isAlwaysFull(_ format: Int32) -> Bool {
        isRGB(format) || format == AV_PIX_FMT_YUVJ422P.rawValue || format == AV_PIX_FMT_YUVJ444P.rawValue
            || format == AV_PIX_FMT_YUVJ440P.rawValue
    }

    /// The frame's matrix in libswscale's numbers, which are H.273's; what doesn't say is judged by its height, as a
    /// `Picture` is.
    private static func space(of frame: UnsafePointer<AVFrame>) -> Int32 {
        switch frame.pointee.colorspace {
        case AVCOL_SPC_BT709: SWS_CS_ITU709
        case AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT470BG, AVCOL_SPC_FCC: SWS_CS_SMPTE170M
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        default: frame.pointee.height <= 576 ? SWS_CS_SMPTE170M : SWS_CS_ITU709
        }
    }
}
