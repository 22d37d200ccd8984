import CFFmpeg
import Media

/// 20 ms blocks to G.711 and G.722 packets, by libswresample and libavcodec.
package struct TelephonyEncoder: ~Copyable {
    private let codec: TelephonyCodec
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var frame: UnsafeMutablePointer<AVFrame>?
    private var resampler: Resampler

    init(_ codec: TelephonyCodec) throws(AudioCodecError) {
        let resampler = try Resampler(rate: codec.rate, direction: .fromMixer)
        let context = try codec.open(encoder: true)
        self.codec = codec
        self.resampler = resampler
        self.context = context
        packet = av_packet_alloc()
        frame = av_frame_alloc()
        if let frame {
            frame.pointee.nb_samples = Int32(codec.samplesPerBlock)
            frame.pointee.format = AV_SAMPLE_FMT_S16.rawValue
            frame.pointee.sample_rate = Int32(codec.rate)
            av_channel_layout_default(&frame.pointee.ch_layout, 1)
            _ = av_frame_get_buffer(frame, 0)
        }
    }

    deinit {
        var (context, packet, frame) = (context, packet, frame)
        av_frame_free(&frame)
        av_packet_free(&packet)
        avcodec_free_context(&context)
    }

    /// Encodes a block.
    ///
    /// - Returns: the bytes written to `bytes`; `nil` if the library refused, which it has no reason to.
    package mutating func encode(_ block: AudioBlock, into bytes: UnsafeMutableRawBufferPointer) -> Int? {
        guard let frame, let packet, av_frame_make_writable(frame) >= 0, let samples = frame.pointee.data.0 else {
            return nil
        }
        let count = resampler.convert(
            block.samples, count: AudioBlock.count, into: samples, room: codec.samplesPerBlock)
        guard count == codec.samplesPerBlock, avcodec_send_frame(context, frame) >= 0,
            avcodec_receive_packet(context, packet) >= 0
        else { return nil }
        defer { av_packet_unref(packet) }
        let size = Int(packet.pointee.size)
        guard size <= bytes.count, let data = packet.pointee.data else { return nil }
        bytes.baseAddress?.copyMemory(from: data, byteCount: size)
        return size
    }
}
