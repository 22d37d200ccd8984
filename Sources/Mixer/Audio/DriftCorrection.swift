import CFFmpeg
import Media

/// Sound resampled by a ratio that is 1 but for some hundred parts per million, by libswresample: what makes up for a
/// sender whose clock runs faster or slower than ours. All sound of a source goes through it, at any ratio, so that a
/// change of it is no change of the path; it delays by 17 samples.
package struct DriftCorrection: ~Copyable {
    private var context: OpaquePointer?
    private var partsPerMillion = 0
    /// Samples until the library would forget the ratio.
    private var validity = 0

    /// The largest piece that is converted at once, and the room that what comes of it needs.
    package static let largestPiece = AudioBlock.count
    package static let room = AudioBlock.count + 32
    /// A ratio is given to the library as samples to add over this many: here a millionth is one.
    private static let distance = 1_000_000
    /// Tables are finer than any pitch, and steps between them drawn straight: 99 dB of signal to noise at 1 kHz.
    private static let options: [(name: String, value: Int64)] = [
        ("flags", Int64(SWR_FLAG_RESAMPLE)), ("linear_interp", 1), ("exact_rational", 0),
    ]

    package init() throws(AudioCodecError) {
        var mono = AVChannelLayout()
        av_channel_layout_default(&mono, 1)
        var sameMono = mono
        let rate = Int32(AudioBlock.sampleRate)
        var context: OpaquePointer?
        var code = swr_alloc_set_opts2(
            &context, &mono, AV_SAMPLE_FMT_FLT, rate, &sameMono, AV_SAMPLE_FMT_FLT, rate, 0, nil)
        if code >= 0, let context {
            for option in Self.options {
                code = min(code, av_opt_set_int(UnsafeMutableRawPointer(context), option.name, option.value, 0))
            }
        }
        if code >= 0 { code = swr_init(context) }
        guard code >= 0 else {
            swr_free(&context)
            throw .noResampler(code: code)
        }
        self.context = context
        prime()
    }

    deinit {
        var context = context
        swr_free(&context)
    }

    /// Parts per million more samples that are taken in than come out; within ±1000.
    package var correction: Int {
        get { partsPerMillion }
        set {
            let bounded = min(max(newValue, -1000), 1000)
            if bounded != partsPerMillion { apply(bounded) }
        }
    }

    /// Converts `count` samples, `largestPiece` at most.
    ///
    /// - Parameter output: room for `room` samples.
    /// - Returns: the samples written: as many but for the correction.
    package mutating func convert(
        _ input: UnsafePointer<Float>, count: Int, into output: UnsafeMutablePointer<Float>
    ) -> Int {
        precondition(count <= Self.largestPiece, "a piece of sound that the resampler has no room for")
        validity -= count
        if validity < Self.distance / 2 { apply(partsPerMillion) }
        return convertPiece(input, count: count, into: output)
    }

    private mutating func apply(_ partsPerMillion: Int) {
        self.partsPerMillion = partsPerMillion
        validity = Self.distance
        _ = swr_set_compensation(context, Int32(-partsPerMillion), Int32(Self.distance))
    }

    private func convertPiece(
        _ input: UnsafePointer<Float>, count: Int, into output: UnsafeMutablePointer<Float>
    ) -> Int {
        var source: UnsafePointer<UInt8>? = UnsafeRawPointer(input).assumingMemoryBound(to: UInt8.self)
        var sink: UnsafeMutablePointer<UInt8>? = UnsafeMutableRawPointer(output).assumingMemoryBound(to: UInt8.self)
        return max(0, Int(swr_convert(context, &sink, Int32(Self.room), &source, Int32(count))))
    }

    // The filter holds back what it needs to look ahead; given silence for that, it never comes up short later, and has
    // taken the memory it needs.
    private mutating func prime() {
        apply(0)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.largestPiece) { input in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.room) { output in
                input.initialize(repeating: 0)
                guard let source = input.baseAddress, let sink = output.baseAddress else { return }
                for _ in 0..<4 { _ = convertPiece(source, count: Self.largestPiece, into: sink) }
            }
        }
    }
}
