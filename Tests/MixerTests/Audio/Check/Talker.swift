import Glibc

/// Somebody who talks nonsense: vowels and hisses in syllables, with a pitch that moves, and pauses. Not speech, but loud and
/// quiet, tonal and noisy, by turns, as speech is.
struct Talker {
    private var numbers: SeededNumbers
    private let pitch: Float
    private var phase: Float = 0
    private var resonators = [(Float, Float)](repeating: (0, 0), count: 3)

    private static let rate: Float = 48_000
    private static let vowels: [[Float]] = [
        [730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410], [440, 1020, 2240],
    ]

    private init(seed: UInt64, pitch: Float) {
        numbers = SeededNumbers(state: seed &* 7919)
        self.pitch = pitch
    }

    /// `seconds` of it at 48 kHz, at `level` dBov on average.
    static func sound(seed: UInt64, seconds: Double, pitch: Float = 120, level: Float = -23) -> [Float] {
        var talker = Talker(seed: seed, pitch: pitch)
        let count = Int(seconds * 48_000)
        var samples: [Float] = []
        samples.reserveCapacity(count + 96_000)
        while samples.count < count { talker.phrase(&samples) }
        samples.removeLast(samples.count - count)
        let power = samples.reduce(0) { $0 + $1 * $1 } / Float(count)
        let gain = powf(10, level / 20) / power.squareRoot()
        return samples.map { $0 * gain }
    }

    private mutating func phrase(_ samples: inout [Float]) {
        for _ in 0..<Int.random(in: 3...8, using: &numbers) { syllable(&samples) }
        samples.append(contentsOf: repeatElement(0, count: Int.random(in: 8_000...24_000, using: &numbers)))
    }

    private mutating func syllable(_ samples: inout [Float]) {
        for _ in 0..<Int.random(in: 1_000...4_000, using: &numbers) {
            samples.append(Float.random(in: -0.3...0.3, using: &numbers))
        }
        let vowel = Self.vowels[Int.random(in: 0..<Self.vowels.count, using: &numbers)]
        let count = Int.random(in: 5_000...13_000, using: &numbers)
        let start = pitch * Float.random(in: 0.8...1.2, using: &numbers)
        let end = pitch * Float.random(in: 0.8...1.2, using: &numbers)
        for i in 0..<count {
            let part = Float(i) / Float(count)
            phase += (start + (end - start) * part) / Self.rate
            var sample = Float.random(in: -0.02...0.02, using: &numbers)
            if phase >= 1 {
                phase -= 1
                sample += 1
            }
            for (index, formant) in vowel.enumerated() { sample = resonate(sample, index, formant) }
            samples.append(sample * sinf(Float.pi * part) * 40)
        }
    }

    private mutating func resonate(_ sample: Float, _ index: Int, _ frequency: Float) -> Float {
        let radius = expf(-Float.pi * 90 / Self.rate)
        let (a, b) = resonators[index]
        let angle = 2 * Float.pi * frequency / Self.rate
        let out = sample * (1 - radius) + 2 * radius * cosf(angle) * a - radius * radius * b
        resonators[index] = (out, a)
        return out
    }
}

/// What a loudspeaker, a room and a microphone make of a sound.
enum Room {
    /// The sound `delay` ms later, `attenuation` dB down, with sixty reflections in the 150 ms after it.
    static func echo(of sound: [Float], delay: Double, attenuation: Float, seed: UInt64 = 1) -> [Float] {
        var numbers = SeededNumbers(state: seed)
        var taps: [(at: Int, gain: Float)] = [(0, 1)]
        for _ in 0..<60 {
            let at = Int.random(in: 100..<7_200, using: &numbers)
            taps.append((at, Float.random(in: -0.25...0.25, using: &numbers) * expf(-Float(at) / 2_500)))
        }
        let power = taps.reduce(0) { $0 + $1.gain * $1.gain }
        let gain = powf(10, -attenuation / 20) / power.squareRoot()
        let shift = Int(delay * 48)
        var heard = [Float](repeating: 0, count: sound.count)
        for (at, tap) in taps {
            let first = at + shift
            guard first < sound.count else { continue }
            for i in first..<sound.count { heard[i] += sound[i - first] * tap * gain }
        }
        return heard
    }

    static func noise(count: Int, level: Float, seed: UInt64 = 99) -> [Float] {
        var numbers = SeededNumbers(state: seed)
        let size = powf(10, level / 20) * Float(3).squareRoot()
        return (0..<count).map { _ in Float.random(in: -size...size, using: &numbers) }
    }

    static func sum(_ sounds: [Float]...) -> [Float] {
        var sum = sounds[0]
        for sound in sounds.dropFirst() { for i in sum.indices { sum[i] += sound[i] } }
        return sum
    }
}
