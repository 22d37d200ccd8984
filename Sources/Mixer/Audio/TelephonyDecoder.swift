import CFFmpeg
import Media

/// G.711 and G.722 packets to mono samples at 48 kHz, by libavcodec and libswresample. Losses are concealed here, as
/// these codecs have no concealment of their own.
package struct TelephonyDecoder: ~Copyable {
    private let codec: TelephonyCodec
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var frame: UnsafeMutablePointer<AVFrame>?
    private var resampler: Resampler
    private var concealment = WaveformConcealment()

    init(_ codec: TelephonyCodec) throws(AudioCodecError) {
        let resampler = try Resampler(rate: codec.rate, direction: .toMixer)
        let context = try codec.open(encoder: false)
        self.codec = codec
        self.resampler = resampler
        self.context = context
        packet = av_packet_alloc()
        frame = av_frame_alloc()
    }

    deinit {
        var (context, packet, frame) = (context, packet, frame)
        av_frame_free(&frame)
        av_packet_free(&packet)
        avcodec_free_context(&context)
    }

    /// Decodes one packet of up to 120 ms. An empty one is silence that was not sent: 20 ms are concealed.
    package mutating func decode(
        _ bytes: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Float>
    ) -> AudioDecoding {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return conceal(AudioBlock.count, into: samples) }
        let expected = bytes.count * codec.samplesPerByte * codec.ratio
        guard bytes.count <= codec.largestPacket, expected <= samples.count, let output = samples.baseAddress,
            let packet, let frame
        else { return .refused(code: cffmpeg_error_again()) }
        // The library copies the bytes and never writes to these.
        packet.pointee.data = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
        packet.pointee.size = Int32(bytes.count)
        var code = avcodec_send_packet(context, packet)
        packet.pointee.data = nil
        packet.pointee.size = 0
        if code >= 0 { code = avcodec_receive_frame(context, frame) }
        guard code >= 0, let decoded = frame.pointee.data.0 else { return .refused(code: code) }
        let count = resampler.convert(
            decoded, count: Int(frame.pointee.nb_samples), into: output, room: samples.count)
        av_frame_unref(frame)
        concealment.heard(output, count: count)
        return .samples(count)
    }

    /// Invents sound for a loss from what was heard before.
    package mutating func conceal(_ duration: Int, into samples: UnsafeMutableBufferPointer<Float>) -> AudioDecoding {
        let count = min(max(duration, 0), samples.count)
        guard count > 0, let output = samples.baseAddress else { return .refused(code: cffmpeg_error_again()) }
        concealment.conceal(into: output, count: count)
        return .samples(count)
    }
}
