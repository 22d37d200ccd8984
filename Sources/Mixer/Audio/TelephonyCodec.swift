import CFFmpeg
import Media

/// What libavcodec calls the codecs of telephony, and how they sample.
struct TelephonyCodec {
    let codec: AudioCodec
    let id: AVCodecID
    /// Sampling rate in Hz. G.722 samples at 16 kHz, whatever its RTP clock says (RFC 3551 section 4.5.2).
    let rate: Int
    /// Samples of one byte on the wire.
    let samplesPerByte: Int

    /// `nil` for Opus, which is not libavcodec's here.
    init?(_ codec: AudioCodec) {
        self.codec = codec
        switch codec {
        case .opus: return nil
        case .pcmu: (id, rate, samplesPerByte) = (AV_CODEC_ID_PCM_MULAW, 8_000, 1)
        case .pcma: (id, rate, samplesPerByte) = (AV_CODEC_ID_PCM_ALAW, 8_000, 1)
        case .g722: (id, rate, samplesPerByte) = (AV_CODEC_ID_ADPCM_G722, 16_000, 2)
        }
    }

    /// How many samples of the mixer are one of the codec's.
    var ratio: Int { AudioBlock.sampleRate / rate }
    /// The codec's samples of one 20 ms block.
    var samplesPerBlock: Int { rate / 50 }
    /// The bytes of 120 ms: the longest packet taken.
    var largestPacket: Int { rate * 12 / 100 / samplesPerByte }

    /// Opens a context of libavcodec, mono and 16 bits a sample.
    func open(encoder: Bool) throws(AudioCodecError) -> UnsafeMutablePointer<AVCodecContext> {
        guard let implementation = encoder ? avcodec_find_encoder(id) : avcodec_find_decoder(id),
            let context = avcodec_alloc_context3(implementation)
        else { throw .unavailable(codec, code: 0) }
        context.pointee.sample_rate = Int32(rate)
        context.pointee.sample_fmt = AV_SAMPLE_FMT_S16
        av_channel_layout_default(&context.pointee.ch_layout, 1)
        context.pointee.thread_count = 1
        let code = avcodec_open2(context, implementation, nil)
        guard code >= 0 else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            throw .unavailable(codec, code: code)
        }
        return context
    }
}
