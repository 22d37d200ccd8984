import CFFmpeg
import Media

/// Brings canvases to a rendition's size and to its encoder's format. One that has both already goes through untouched.
struct CanvasScaler: ~Copyable {
    private let size: Size
    private let format: AVPixelFormat
    private var context: OpaquePointer?
    private var contextSize: Size?
    private let scaled = FrameOwner()

    /// - Parameter isSemiPlanar: for NV12 instead of the canvas's planes.
    init(size: Size, isSemiPlanar: Bool) {
        self.size = size
        format = isSemiPlanar ? AV_PIX_FMT_NV12 : AV_PIX_FMT_YUV420P
    }

    deinit { sws_freeContext(context) }

    /// The frame to be encoded: it is the canvas's own, or ours until the next call. `nil` only if libswscale refuses.
    mutating func frame(for canvas: Canvas) -> UnsafePointer<AVFrame>? {
        if canvas.size == size, format == AV_PIX_FMT_YUV420P { return UnsafePointer(canvas.frame) }
        if contextSize != canvas.size {
            sws_freeContext(context)
            context = sws_getContext(
                Int32(canvas.size.width), Int32(canvas.size.height), AV_PIX_FMT_YUV420P, Int32(size.width),
                Int32(size.height), format, SWS_BILINEAR, nil, nil, nil)
            contextSize = canvas.size
        }
        guard let context, let target = writableFrame() else { return nil }
        let rows = withUnsafePointer(to: &target.pointee.data.0) { planes in
            withUnsafePointer(to: &target.pointee.linesize.0) { strides in
                cffmpeg_scale(context, canvas.frame, 0, 0, Int32(canvas.size.height), planes, strides)
            }
        }
        return rows > 0 ? UnsafePointer(target) : nil
    }

    /// An encoder may still refer to the last picture: libavutil gives other memory then.
    private func writableFrame() -> UnsafeMutablePointer<AVFrame>? {
        let raw = scaled.raw
        if raw.pointee.data.0 != nil { return av_frame_make_writable(raw) == 0 ? raw : nil }
        raw.pointee.width = Int32(size.width)
        raw.pointee.height = Int32(size.height)
        raw.pointee.format = format.rawValue
        raw.pointee.color_range = AVCOL_RANGE_MPEG
        raw.pointee.colorspace = AVCOL_SPC_BT709
        raw.pointee.color_primaries = AVCOL_PRI_BT709
        raw.pointee.color_trc = AVCOL_TRC_BT709
        raw.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        return av_frame_get_buffer(raw, 0) == 0 ? raw : nil
    }
}
