import TestSupport

/// How steadily tones go on in recorded sound: the level of each in windows of 100 ms, one every 20 ms. A packet's length
/// without the tone takes 4 dB off the window around it; a window is long enough to tell tones 40 Hz apart.
struct ToneRun {
    /// The median level of each tone, in dB relative to a full-scale sine.
    let levels: [Double]
    /// By how much the weakest window of each tone is below its median, in dB.
    let dips: [Double]

    /// - Parameters:
    ///   - samples: of one channel, at least 100 ms.
    ///   - rate: of the samples, in Hz.
    ///   - tones: in Hz, below a sixteenth of `rate`.
    init(_ samples: ArraySlice<Float>, rate: Double, tones: [Double]) {
        // A quarter of the rate is enough for them, and of the time it takes.
        let quarter = stride(from: samples.startIndex, to: samples.endIndex - 3, by: 4).map { index -> Float in
            samples[index..<index + 4].reduce(0, +) / 4
        }
        let (window, step) = (Int(rate / 40), Int(rate / 200))
        let starts = Array(stride(from: 0, through: quarter.count - window, by: step))
        let runs = tones.map { tone in
            let probe = ToneProbe(frequency: tone, sampleRate: rate / 4)
            return starts.map { probe.level(in: quarter[$0..<$0 + window]) }.sorted()
        }
        levels = runs.map { $0[$0.count / 2] }
        dips = zip(levels, runs).map { $0 - $1[0] }
    }
}
