import Glibc
import Mixer
import TestSupport

/// Sound for tests, and what is asked of it.
enum Sound {
    static let block = AudioBlock.count

    /// A sine that a source sends, block after block.
    static func tone(_ frequency: Double, amplitude: Float = 0.1, tick: Int) -> [Float] {
        ToneProbe(frequency: frequency).tone(amplitude: amplitude, from: tick * block, count: block)
    }

    /// The largest step between neighbouring samples.
    static func largestStep(_ samples: some Collection<Float>) -> Float {
        zip(samples, samples.dropFirst()).map { abs($0 - $1) }.max() ?? 0
    }

    static func peak(_ samples: some Collection<Float>) -> Float { samples.map { abs($0) }.max() ?? 0 }

    /// The largest step of a sine between samples.
    static func step(of frequency: Double, amplitude: Float) -> Float {
        amplitude * Float(2 * Double.pi * frequency / 48_000)
    }

    /// Signal to noise in dB of `other` against `reference`.
    static func signalToNoise(_ reference: ArraySlice<Float>, _ other: ArraySlice<Float>) -> Double {
        var signal = 0.0
        var noise = 1e-20
        for (a, b) in zip(reference, other) {
            signal += Double(a) * Double(a)
            noise += Double(a - b) * Double(a - b)
        }
        return 10 * log10(signal / noise)
    }
}

/// A pseudorandom sequence that is the same in every run (splitmix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A mixer with one room program and sites that send tones, and what each hears, kept.
struct MixerRoom: ~Copyable {
    var mixer: AudioMixer
    let program: Int
    private(set) var sources: [Int] = []
    private(set) var listeners: [Int] = []
    private(set) var heard: [[Float]] = []
    private(set) var tick = 0

    init(loudest: Int = 4, sites: Int = 0) {
        mixer = AudioMixer(loudest: loudest)
        program = mixer.addProgram()
        for _ in 0..<sites { _ = addSite() }
    }

    mutating func addSite() -> Int {
        sources.append(mixer.addSource())
        listeners.append(mixer.addListener(program: program, source: sources.last))
        heard.append([])
        return sources.count - 1
    }

    /// One tick: each site sends what `sound` says, or nothing.
    mutating func run(_ ticks: Int, sound: (_ site: Int, _ tick: Int) -> [Float]?) {
        for _ in 0..<ticks {
            for site in sources.indices {
                guard let samples = sound(site, tick) else { continue }
                let input = mixer.input(sources[site])
                for i in 0..<input.count { input[i] = samples[i] }
            }
            mixer.mix()
            for site in listeners.indices {
                heard[site].append(contentsOf: mixer.block(mixer.mix(of: listeners[site])).buffer)
            }
            tick += 1
        }
    }

    /// Which sites are in the sum.
    var members: [Bool] { sources.map { mixer.contains($0, program: program) } }

    mutating func remove(_ site: Int) { mixer.removeSource(sources[site]) }

    /// What a site heard in the last `ticks` ticks.
    func last(_ ticks: Int, heardBy site: Int) -> ArraySlice<Float> { heard[site].suffix(ticks * Sound.block) }
}
