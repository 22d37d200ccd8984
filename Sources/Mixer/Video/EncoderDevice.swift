import CFFmpeg
import Media

/// The GPU of a VA-API encoder, and the pictures in its memory. Other hardware encoders take pictures from ours.
final class EncoderDevice {
    private var device: UnsafeMutablePointer<AVBufferRef>?
    private var frames: UnsafeMutablePointer<AVBufferRef>?

    /// Pictures on the device: one being encoded, its reference, and spares.
    private static let poolSize: Int32 = 8

    /// `nil` if there is no such device, or it has no pictures of this size.
    init?(size: Size) {
        guard av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, nil, nil, 0) == 0 else { return nil }
        frames = av_hwframe_ctx_alloc(device)
        guard let frames, let data = frames.pointee.data else { return nil }
        data.withMemoryRebound(to: AVHWFramesContext.self, capacity: 1) { frames in
            frames.pointee.format = AV_PIX_FMT_VAAPI
            frames.pointee.sw_format = AV_PIX_FMT_NV12
            frames.pointee.width = Int32(size.width)
            frames.pointee.height = Int32(size.height)
            frames.pointee.initial_pool_size = Self.poolSize
        }
        guard av_hwframe_ctx_init(frames) == 0 else { return nil }
    }

    deinit {
        av_buffer_unref(&frames)
        av_buffer_unref(&device)
    }

    /// To be called before the encoder is opened.
    func attach(to context: UnsafeMutablePointer<AVCodecContext>) {
        context.pointee.hw_frames_ctx = av_buffer_ref(frames)
    }

    /// Copies a picture to the device; returns 0, or libavutil's error.
    func upload(_ source: UnsafePointer<AVFrame>, to target: UnsafeMutablePointer<AVFrame>) -> Int32 {
        let error = av_hwframe_get_buffer(frames, target, 0)
        guard error == 0 else { return error }
        let transferred = av_hwframe_transfer_data(target, source, 0)
        return transferred == 0 ? av_frame_copy_props(target, source) : transferred
    }
}
