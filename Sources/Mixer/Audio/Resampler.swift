import CFFmpeg
import Media

/// Between a codec's mono 16-bit samples at 8 or 16 kHz and the mixer's `Float` at 48 kHz, by libswresample.
struct Resampler: ~Copyable {
    private var context: OpaquePointer?

    enum Direction { case toMixer, fromMixer }

    /// - Parameter rate: the codec's sampling rate in Hz; 48,000 must be a multiple of it.
    init(rate: Int, direction: Direction) throws(AudioCodecError) {
        var mono = AVChannelLayout()
        av_channel_layout_default(&mono, 1)
        var sameMono = mono
        let codec = (format: AV_SAMPLE_FMT_S16, rate: Int32(rate))
        let mixer = (format: AV_SAMPLE_FMT_FLT, rate: Int32(AudioBlock.sampleRate))
        let (input, output) = direction == .toMixer ? (codec, mixer) : (mixer, codec)
        var context: OpaquePointer?
        var code = swr_alloc_set_opts2(
            &context, &mono, output.format, output.rate, &sameMono, input.format, input.rate, 0, nil)
        if code >= 0 { code = swr_init(context) }
        guard code >= 0 else {
            swr_free(&context)
            throw .noResampler(code: code)
        }
        self.context = context
        prime(rate: Int(input.rate), width: direction == .toMixer ? 2 : 4)
    }

    deinit {
        var context = context
        swr_free(&context)
    }

    /// Converts `count` samples, and writes at most `room`.
    ///
    /// - Returns: the samples written. The first 5 ms of silence are in already, so that `n` samples in give exactly `n`
    ///   times the ratio of the rates out.
    mutating func convert(
        _ input: UnsafeRawPointer, count: Int, into output: UnsafeMutableRawPointer, room: Int
    ) -> Int {
        var source: UnsafePointer<UInt8>? = input.assumingMemoryBound(to: UInt8.self)
        var sink: UnsafeMutablePointer<UInt8>? = output.assumingMemoryBound(to: UInt8.self)
        return max(0, Int(swr_convert(context, &sink, Int32(clamping: room), &source, Int32(clamping: count))))
    }

    // The filter holds back what it needs to look ahead; given silence for that, it never comes up short later.
    private mutating func prime(rate: Int, width: Int) {
        let silence = rate / 200
        withUnsafeTemporaryAllocation(byteCount: silence * width, alignment: 8) { input in
            withUnsafeTemporaryAllocation(byteCount: AudioBlock.count * 4, alignment: 8) { output in
                input.initializeMemory(as: UInt8.self, repeating: 0)
                if let source = input.baseAddress, let sink = output.baseAddress {
                    _ = convert(source, count: silence, into: sink, room: AudioBlock.count)
                }
            }
        }
    }
}
