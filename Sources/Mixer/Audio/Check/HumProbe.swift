import Glibc
import Media

/// Listens for the mains: tones of 50 or 60 Hz and their first two harmonics that stand out of what is beside them, second
/// after second. A voice passes through those tones, but does not stay.
struct HumProbe {
    // The tones, each with four neighbours: 5 and 8 Hz to either side.
    private static let families: [(mains: Int, tones: [Float])] = [(50, [50, 100, 150]), (60, [60, 120, 180])]
    private static let besides: [Float] = [0, -8, -5, 5, 8]
    private static let toneCount = 6

    /// Samples of 48 kHz averaged to one of 2 kHz.
    private static let factor = 24
    private static let sampleRate: Float = 2_000
    /// A second: tones 2 Hz apart are two.
    private static let windowCount = 2_000
    /// How far above its neighbours' mean power a tone stands: 10 dB.
    private static let leastRatio: Float = 10
    /// And how loud it is at least: -75 dBov.
    private static let leastPower: Float = 3.2e-8
    /// In how many of the seconds: all of three, four of five.
    private static let leastShare = 0.8
    private static let leastWindows = 3

    // Each frequency's turning phasor, and what it gathered in the window so far.
    private var phase = (real: SIMD32<Float>(repeating: 0), imaginary: SIMD32<Float>(repeating: 0))
    private var sum = (real: SIMD32<Float>(repeating: 0), imaginary: SIMD32<Float>(repeating: 0))
    private var turn = (real: SIMD32<Float>(repeating: 1), imaginary: SIMD32<Float>(repeating: 0))
    private let window: [Float]
    private var position = 0

    private var windows = 0
    private var standing = [Int](repeating: 0, count: toneCount)
    private var power = [Float](repeating: 0, count: toneCount)

    init() {
        window = (0..<Self.windowCount).map { 1 - cosf(2 * Float.pi * Float($0) / Float(Self.windowCount)) }
        let tones = Self.families.flatMap(\.tones)
        for (index, tone) in tones.enumerated() {
            for (beside, offset) in Self.besides.enumerated() {
                let angle = 2 * Float.pi * (tone + offset) / Self.sampleRate
                turn.real[index * Self.besides.count + beside] = cosf(angle)
                turn.imaginary[index * Self.besides.count + beside] = sinf(angle)
            }
        }
        startWindow()
    }

    private mutating func startWindow() {
        position = 0
        phase = (SIMD32(repeating: 1), SIMD32(repeating: 0))
        sum = (SIMD32(repeating: 0), SIMD32(repeating: 0))
    }

    /// Takes a block of finite samples.
    mutating func take(_ block: AudioBlock) {
        for piece in 0..<AudioBlock.count / Self.factor {
            let mean = Mixer.sum(of: block.samples + piece * Self.factor, count: Self.factor) / Float(Self.factor)
            let sample = SIMD32<Float>(repeating: mean * window[position])
            sum.real += sample * phase.real
            sum.imaginary += sample * phase.imaginary
            let real = phase.real * turn.real - phase.imaginary * turn.imaginary
            phase.imaginary = phase.real * turn.imaginary + phase.imaginary * turn.real
            phase.real = real
            position += 1
            if position == Self.windowCount { finishWindow() }
        }
    }

    private mutating func finishWindow() {
        // The window's mean is 1; a sine's mean square is half the square of its amplitude.
        let norm = 2 / Float(Self.windowCount)
        let powers = (sum.real * sum.real + sum.imaginary * sum.imaginary) * (norm * norm / 2)
        for tone in 0..<Self.toneCount {
            let first = tone * Self.besides.count
            let beside = (powers[first + 1] + powers[first + 2] + powers[first + 3] + powers[first + 4]) / 4
            power[tone] += powers[first]
            if powers[first] > Self.leastRatio * beside, powers[first] > Self.leastPower { standing[tone] += 1 }
        }
        windows += 1
        startWindow()
    }

    /// `nil`: none was heard, or not for long enough.
    var hum: SoundFinding.Hum? {
        guard windows >= Self.leastWindows else { return nil }
        var loudest: (mains: Int, power: Float)?
        for (family, (mains, tones)) in Self.families.enumerated() {
            let places = family * tones.count..<(family + 1) * tones.count
            let steady = places.filter { Double(standing[$0]) >= Self.leastShare * Double(windows) }
            let total = steady.reduce(0) { $0 + power[$1] } / Float(windows)
            if total > loudest?.power ?? 0 { loudest = (mains, total) }
        }
        return loudest.map { SoundFinding.Hum(mainsHz: $0.mains, levelDbov: Double(10 * log10f($0.power))) }
    }
}
