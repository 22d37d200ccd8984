import Foundation

/// How loud each of some tones is in a stretch of sound.
package struct ToneWindow: Hashable, Sendable {
    /// Of each tone, in dB; a full-scale sine is 0.
    package var levels: [Double]
    /// Of all sound there is, tones or not, in dB; a full-scale sine is 0.
    package var total: Double

    /// What silence measures, in dB.
    package static let silence = -120.0

    package init(levels: [Double], total: Double) {
        self.levels = levels
        self.total = total
    }
}

/// Measures tones in sound as it comes: Goertzel's algorithm over windows of 200 ms, one each 100 ms.
package struct ToneMeter: Sendable {
    /// A lane each.
    package static let mostTones = 16
    /// Seconds from one window to the next.
    package static let step = 0.1

    private let count: Int
    private let coefficients: SIMD16<Double>
    /// Hann: what is 10 Hz off is all but out of it, and 50 Hz is a whisper of -60 dB.
    private let shape: [Double]
    private let shapeEnergy: Double
    private var pending: [Float] = []

    package init(tones: [Double], sampleRate: Int) {
        precondition(tones.count <= Self.mostTones)
        count = tones.count
        var coefficients = SIMD16<Double>.zero
        for (lane, tone) in tones.enumerated() { coefficients[lane] = 2 * cos(2 * .pi * tone / Double(sampleRate)) }
        self.coefficients = coefficients
        let length = sampleRate / 5
        shape = (0..<length).map { 1 - cos(2 * .pi * Double($0) / Double(length)) }
        shapeEnergy = shape.reduce(0) { $0 + $1 * $1 }
    }

    /// Takes the next samples.
    ///
    /// - Returns: the windows that are whole now.
    package mutating func push(_ samples: [Float]) -> [ToneWindow] {
        pending += samples
        var windows: [ToneWindow] = []
        var start = 0
        while pending.count - start >= shape.count {
            windows.append(measure(pending[start..<start + shape.count]))
            start += shape.count / 2
        }
        pending.removeFirst(start)
        return windows
    }

    private func measure(_ samples: ArraySlice<Float>) -> ToneWindow {
        var (last, beforeLast) = (SIMD16<Double>.zero, SIMD16<Double>.zero)
        var energy = 0.0
        for (sample, weight) in zip(samples, shape) {
            let value = Double(sample) * weight
            energy += value * value
            let next = SIMD16<Double>(repeating: value) + coefficients * last - beforeLast
            beforeLast = last
            last = next
        }
        let powers = last * last + beforeLast * beforeLast - coefficients * last * beforeLast
        // The window's sum is its length, so a full-scale sine gives half of that.
        let full = Double(shape.count) / 2
        return ToneWindow(
            levels: (0..<count).map { Self.decibels(powers[$0] / (full * full)) },
            total: Self.decibels(2 * energy / shapeEnergy))
    }

    private static func decibels(_ power: Double) -> Double {
        power > 1e-12 ? 10 * log10(power) : ToneWindow.silence
    }
}
