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

    /// One frequency: the phasor that turns with it, and what it gathered in the window so far.
    private struct Tone {
        let turn: (real: Float, imaginary: Float)
        var phase: (real: Float, imaginary: Float) = (1, 0)
        var sum: (real: Float, imaginary: Float) = (0, 0)
    }

    /// Samples that come of a block; a window is a whole number of blocks.
    private static let pieces = AudioBlock.count / factor

    private var tones: [Tone]
    private let window: [Float]
    private var position = 0

    private var windows = 0
    private var standing = [Int](repeating: 0, count: toneCount)
    private var power = [Float](repeating: 0, count: toneCount)

    init() {
        window = (0..<Self.windowCount).map { 1 - cosf(2 * Float.pi * Float($0) / Float(Self.windowCount)) }
        tones = Self.families.flatMap(\.tones).flatMap { tone in
            Self.besides.map { beside in
                let angle = 2 * Float.pi * (tone + beside) / Self.sampleRate
                return Tone(turn: (cosf(angle), sinf(angle)))
            }
        }
    }

    /// Takes a block of finite samples.
    mutating func take(_ block: AudioBlock) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.pieces) { pieces in
            for piece in 0..<Self.pieces {
                let sum = Mixer.sum(of: block.samples + piece * Self.factor, count: Self.factor)
                pieces[piece] = sum / Float(Self.factor) * window[position + piece]
            }
            for index in tones.indices { Self.gather(pieces, into: &tones[index]) }
        }
        position += Self.pieces
        if position == Self.windowCount { finishWindow() }
    }

    private static func gather(_ samples: UnsafeMutableBufferPointer<Float>, into tone: inout Tone) {
        let turn = tone.turn
        var (phase, sum) = (tone.phase, tone.sum)
        for sample in samples {
            sum.real += sample * phase.real
            sum.imaginary += sample * phase.imaginary
            let real = phase.real * turn.real - phase.imaginary * turn.imaginary
            phase.imaginary = phase.real * turn.imaginary + phase.imaginary * turn.real
            phase.real = real
        }
        (tone.phase, tone.sum) = (phase, sum)
    }

    private mutating func finishWindow() {
        for tone in 0..<Self.toneCount {
            let first = tone * Self.besides.count
            var beside: Float = 0
            for index in first + 1..<first + Self.besides.count { beside += meanSquare(of: index) }
            beside /= Float(Self.besides.count - 1)
            let own = meanSquare(of: first)
            power[tone] += own
            if own > Self.leastRatio * beside, own > Self.leastPower { standing[tone] += 1 }
        }
        windows += 1
        position = 0
        for index in tones.indices { (tones[index].phase, tones[index].sum) = ((1, 0), (0, 0)) }
    }

    // The window's mean is 1; a sine's mean square is half the square of its amplitude.
    private func meanSquare(of tone: Int) -> Float {
        let sum = tones[tone].sum
        let norm = 2 / Float(Self.windowCount)
        return (sum.real * sum.real + sum.imaginary * sum.imaginary) * norm * norm / 2
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
