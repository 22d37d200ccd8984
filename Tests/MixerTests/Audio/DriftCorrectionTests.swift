import Glibc
import Mixer
import TestSupport
import Testing

@Suite struct DriftCorrectionTests {
    private func correct(_ sound: [Float], by correction: (_ block: Int) -> Int) throws -> [Float] {
        var drift = try DriftCorrection()
        var heard: [Float] = []
        var piece = [Float](repeating: 0, count: DriftCorrection.room)
        for block in 0..<sound.count / AudioBlock.count {
            drift.correction = correction(block)
            let samples = Array(sound[block * AudioBlock.count..<(block + 1) * AudioBlock.count])
            let count = drift.convert(samples, count: samples.count, into: &piece)
            heard += piece[..<count]
        }
        return heard
    }

    /// The sine of this frequency that is most like the samples: its parts in and across phase.
    private func fit(_ samples: ArraySlice<Float>, _ step: Double) -> (sine: Double, cosine: Double) {
        var (ss, cc, sc, sx, cx) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            let (s, c) = (sin(step * Double(index)), cos(step * Double(index)))
            ss += s * s
            cc += c * c
            sc += s * c
            sx += s * Double(sample)
            cx += c * Double(sample)
        }
        let determinant = ss * cc - sc * sc
        return ((sx * cc - cx * sc) / determinant, (cx * ss - sx * sc) / determinant)
    }

    /// How far, in dB, lies under a sine of about this frequency what is left when it is taken away.
    private func purity(_ samples: ArraySlice<Float>, frequency: Double) -> Double {
        var step = 2 * Double.pi * frequency / 48_000
        // The phase at the end against that at the beginning tells the frequency to a billionth.
        let length = samples.count / 10
        let distance = Double(samples.count - length)
        for _ in 0..<2 {
            let (first, last) = (fit(samples.prefix(length), step), fit(samples.suffix(length), step))
            let turn =
                atan2(last.cosine, last.sine) - atan2(first.cosine, first.sine) - distance * step
            step += remainder(turn, 2 * Double.pi) / distance
        }
        let best = fit(samples, step)
        var noise = 1e-20
        for (index, sample) in samples.enumerated() {
            let angle = step * Double(index)
            let rest = Double(sample) - best.sine * sin(angle) - best.cosine * cos(angle)
            noise += rest * rest
        }
        let power = (best.sine * best.sine + best.cosine * best.cosine) / 2 * Double(samples.count)
        return 10 * log10(power / noise)
    }

    @Test(arguments: [0, 300, -300, 1_000, -1_000]) func aToneIsResampledCleanly(correction: Int) throws {
        for frequency in [317.0, 1_000, 8_000] {
            let sound = ToneProbe(frequency: frequency).tone(amplitude: 0.4, from: 0, count: 1_500 * 960)
            let heard = try correct(sound) { _ in correction }
            let wanted = Double(sound.count) * (1 - Double(correction) / 1e6)
            #expect(abs(Double(heard.count) - wanted) <= 3)
            let heardFrequency = frequency * Double(sound.count) / wanted
            let decibels = purity(heard[480_000..<528_000], frequency: heardFrequency)
            #expect(decibels > 90)
            #expect(Sound.largestStep(heard[1_000...]) < Sound.step(of: frequency, amplitude: 0.4) * 1.01)
        }
    }

    @Test func changesOfTheRatioAreNotHeard() throws {
        let frequency = 997.0
        let sound = ToneProbe(frequency: frequency).tone(amplitude: 0.4, from: 0, count: 500 * 960)
        let heard = try correct(sound) { [0, 1_000, -1_000, 40][$0 % 4] }
        #expect(Sound.largestStep(heard[1_000...]) < Sound.step(of: frequency, amplitude: 0.4) * 1.01)
    }

    @Test func withoutACorrectionSoundPassesUnchanged() throws {
        var numbers = SeededNumbers(state: 3)
        // Speech has little above 10 kHz: noise, smoothed.
        var last: Float = 0
        let sound = (0..<48_000).map { _ -> Float in
            last += (Float.random(in: -0.5...0.5, using: &numbers) - last) * 0.2
            return last
        }
        let heard = try correct(sound) { _ in 0 }
        #expect(heard.count == sound.count)
        let delay = (0..<64).max { a, b in
            Sound.signalToNoise(sound[..<40_000], heard[a...]) < Sound.signalToNoise(sound[..<40_000], heard[b...])
        }!
        #expect(delay <= 20)
        #expect(Sound.signalToNoise(sound[..<40_000], heard[delay...]) > 30)
    }
}
