import Glibc

/// How much of one tone is in some samples, by Goertzel's algorithm.
package struct ToneProbe: Sendable {
    /// The tone, in Hz.
    package let frequency: Double
    /// The samples' rate, in Hz.
    package let sampleRate: Double

    package init(frequency: Double, sampleRate: Double = 48_000) {
        self.frequency = frequency
        self.sampleRate = sampleRate
    }

    /// The amplitude of the tone: 1 for a full-scale sine, over a whole number of periods exactly. A Hann window keeps
    /// what is more than 4 / (duration in s) Hz away out of it.
    package func amplitude(in samples: some Collection<Float>) -> Double {
        let count = samples.count
        guard count > 1 else { return 0 }
        let turn = 2 * Double.pi / Double(count)
        let coefficient = 2 * cos(2 * Double.pi * frequency / sampleRate)
        var previous = 0.0
        var beforeThat = 0.0
        for (index, sample) in samples.enumerated() {
            let window = 1 - cos(turn * Double(index))
            let next = Double(sample) * window + coefficient * previous - beforeThat
            beforeThat = previous
            previous = next
        }
        let power = previous * previous + beforeThat * beforeThat - coefficient * previous * beforeThat
        return 2 * max(0, power).squareRoot() / Double(count)
    }

    /// The same in dB relative to a full-scale sine; never below -200.
    package func level(in samples: some Collection<Float>) -> Double {
        20 * log10(max(1e-10, amplitude(in: samples)))
    }

    /// `count` samples of the tone, from sample `start` of an endless one.
    package func tone(amplitude: Float = 1, from start: Int = 0, count: Int) -> [Float] {
        (start..<start + count).map { amplitude * Float(sin(2 * Double.pi * frequency * Double($0) / sampleRate)) }
    }
}
