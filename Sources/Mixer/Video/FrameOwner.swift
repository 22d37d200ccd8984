import CFFmpeg

/// The one owner of an `AVFrame`, while it is written or as a scratch frame. Freed with what it refers to.
struct FrameOwner: ~Copyable {
    let raw: UnsafeMutablePointer<AVFrame>

    init() {
        guard let raw = av_frame_alloc() else { fatalError("out of memory: av_frame_alloc") }
        self.raw = raw
    }

    /// Hands the frame over; the caller frees it.
    consuming func release() -> UnsafeMutablePointer<AVFrame> {
        let raw = self.raw
        discard self
        return raw
    }

    deinit {
        var raw: UnsafeMutablePointer<AVFrame>? = self.raw
        av_frame_free(&raw)
    }
}
