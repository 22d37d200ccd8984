import Media

/// Sound for lost packets of codecs that have no concealment of their own: the last period of the voice, repeated, with
/// its ends faded into each other (the idea of G.711 appendix I, at 48 kHz). 40 ms of what was heard are kept.
struct WaveformConcealment: ~Copyable {
    // Oldest first; the newest sample is the last.
    private let history: UnsafeMutablePointer<Float>
    // One period as it is repeated, and where in it the next sample is. Period 0: nothing is being concealed.
    private let wave: UnsafeMutablePointer<Float>
    private var period = 0
    private var position = 0
    // What is left of the step from the last sample heard to the wave, spread over its first samples.
    private var step: Float = 0
    private var stepLeft = 0

    private static let historyCount = 1_920
    /// Pitches of 66 to 400 Hz.
    private static let shortestPeriod = 120
    private static let longestPeriod = 720
    private static let window = 480
    /// 5 ms over which one sound becomes the other.
    private static let fade = 240
    /// The correlation is looked for at 8 kHz: every sixth sample.
    private static let stride = 6

    init() {
        history = .allocate(capacity: Self.historyCount)
        history.initialize(repeating: 0, count: Self.historyCount)
        wave = .allocate(capacity: Self.longestPeriod)
        wave.initialize(repeating: 0, count: Self.longestPeriod)
    }

    deinit {
        history.deallocate()
        wave.deallocate()
    }

    /// Takes note of decoded samples; after a concealment their first 5 ms are faded in from the invented sound.
    mutating func heard(_ samples: UnsafeMutablePointer<Float>, count: Int) {
        if period > 0 {
            let overlap = min(Self.fade, count)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.fade) { tail in
                guard let old = tail.baseAddress else { return }
                repeatWave(into: old, count: overlap)
                crossFade(from: old, to: samples, count: overlap)
            }
            period = 0
        }
        remember(samples, count: count)
    }

    /// Writes `count` invented samples that follow on what was heard.
    mutating func conceal(into samples: UnsafeMutablePointer<Float>, count: Int) {
        if period == 0 { pickWave() }
        repeatWave(into: samples, count: count)
    }

    private mutating func repeatWave(into samples: UnsafeMutablePointer<Float>, count: Int) {
        for i in 0..<count {
            samples[i] = wave[position]
            if stepLeft > 0 {
                samples[i] += step * (Float(stepLeft) / Float(Self.fade))
                stepLeft -= 1
            }
            position += 1
            if position == period { position = 0 }
        }
    }

    private mutating func pickWave() {
        period = bestPeriod()
        position = 0
        let start = Self.historyCount - period
        step = history[Self.historyCount - 1] - history[start - 1]
        stepLeft = Self.fade
        wave.update(from: history + start, count: period)
        // The end of the period runs into its beginning: its last quarter is faded to what stood before the beginning.
        let seam = period / 4
        for i in 0..<seam {
            let share = Float(i + 1) / Float(seam)
            let index = period - seam + i
            wave[index] += (history[start - seam + i] - wave[index]) * share
        }
    }

    // The lag at which the newest 10 ms look most like what came before them: roughly first, then to the sample.
    private func bestPeriod() -> Int {
        var best = (period: Self.shortestPeriod * 2, score: Float(0))
        var lag = Self.shortestPeriod
        while lag <= Self.longestPeriod {
            let score = likeness(at: lag)
            // A longer lag must be clearly better: two periods fit as well as one.
            if score > best.score * 1.02 { best = (lag, score) }
            lag += Self.stride / 2
        }
        let rough = best.period
        for lag in max(Self.shortestPeriod, rough - 2)...min(Self.longestPeriod, rough + 2) {
            let score = likeness(at: lag)
            if score > best.score { best = (lag, score) }
        }
        return best.period
    }

    private func likeness(at lag: Int) -> Float {
        let recent = history + (Self.historyCount - Self.window)
        let earlier = recent - lag
        var product: Float = 0
        var power: Float = 1e-9
        var i = 0
        while i < Self.window {
            product += recent[i] * earlier[i]
            power += earlier[i] * earlier[i]
            i += Self.stride
        }
        return product > 0 ? product * product / power : 0
    }

    private func remember(_ samples: UnsafePointer<Float>, count: Int) {
        let kept = min(count, Self.historyCount)
        let older = Self.historyCount - kept
        history.update(from: history + kept, count: older)
        (history + older).update(from: samples + (count - kept), count: kept)
    }
}
