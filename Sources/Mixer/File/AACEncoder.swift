import CFFmpeg
import Media

/// 20 ms blocks to AAC-LC frames of 1024 samples, mono at 48 kHz: for the containers that know no Opus.
struct AACEncoder: ~Copyable {
    let context: UnsafeMutablePointer<AVCodecContext>

    private let frame = FrameOwner()
    private var filled = 0
    /// The number of the frame's first sample.
    private var position: Int64 = 0

    /// - Returns: `nil` if libavcodec has no AAC encoder.
    init?(bitrate: Bitrate) {
        guard let encoder = avcodec_find_encoder(AV_CODEC_ID_AAC), let context = avcodec_alloc_context3(encoder) else {
            return nil
        }
        context.pointee.bit_rate = Int64(bitrate.bitsPerSecond)
        context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
        context.pointee.sample_rate = Int32(AudioBlock.sampleRate)
        context.pointee.time_base = MediaClock.samples
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        av_channel_layout_default(&context.pointee.ch_layout, 1)
        let raw = frame.raw
        var isOpen = avcodec_open2(context, encoder, nil) == 0
        if isOpen {
            raw.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
            raw.pointee.sample_rate = context.pointee.sample_rate
            raw.pointee.nb_samples = context.pointee.frame_size
            av_channel_layout_copy(&raw.pointee.ch_layout, &context.pointee.ch_layout)
            isOpen = av_frame_get_buffer(raw, 0) == 0
        }
        guard isOpen else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            return nil
        }
        self.context = context
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = self.context
        avcodec_free_context(&context)
    }

    /// Takes samples up to the end of a frame. `receive` must have given all there is before.
    /// - Returns: how many were taken.
    mutating func send(_ samples: UnsafeBufferPointer<Float>) -> Int {
        let raw = frame.raw
        guard av_frame_make_writable(raw) == 0, let data = raw.pointee.data.0, let source = samples.baseAddress else {
            return samples.count
        }
        let size = Int(raw.pointee.nb_samples)
        let count = min(samples.count, size - filled)
        UnsafeMutableRawPointer(data).advanced(by: filled * 4).copyMemory(from: source, byteCount: count * 4)
        filled += count
        if filled == size {
            raw.pointee.pts = position
            position += Int64(size)
            filled = 0
            _ = avcodec_send_frame(context, raw)
        }
        return count
    }

    /// No more samples come.
    mutating func finish() { _ = avcodec_send_frame(context, nil) }

    /// The next encoded frame; its time is in samples. The first begins before 0, since it only primes decoders.
    mutating func receive(into packet: borrowing PacketOwner) -> Bool {
        avcodec_receive_packet(context, packet.raw) == 0
    }
}
