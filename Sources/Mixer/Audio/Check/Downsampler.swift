import Glibc

/// Every twelfth sample of a sound, after what would fold back is filtered out: 4 kHz, true up to 1.7 kHz. It delays by
/// 120 samples; what goes through two of them stays in line.
struct Downsampler: ~Copyable {
    /// Samples of 48 kHz to one of 4 kHz.
    static let factor = 12
    /// Samples that come of a block.
    static let blockCount = AudioBlock.count / factor
    private static let taps = 240

    // The window of a sine cardinal (Hamming), whose cut is at 2 kHz; the newest samples, and before them as many as the
    // filter looks back.
    private let filter: UnsafeMutablePointer<Float>
    private let samples: UnsafeMutablePointer<Float>

    init() {
        filter = .allocate(capacity: Self.taps)
        var sum = 0.0
        let middle = Double(Self.taps - 1) / 2
        for i in 0..<Self.taps {
            let x = (Double(i) - middle) / Double(Self.factor) * Double.pi
            let window = 0.54 - 0.46 * cos(2 * Double.pi * Double(i) / Double(Self.taps - 1))
            let tap = (x == 0 ? 1 : sin(x) / x) * window
            filter[i] = Float(tap)
            sum += tap
        }
        scale(filter, from: Float(1 / sum), to: Float(1 / sum), count: Self.taps)
        samples = .allocate(capacity: Self.taps + AudioBlock.count)
        samples.initialize(repeating: 0, count: Self.taps + AudioBlock.count)
    }

    deinit {
        filter.deallocate()
        samples.deallocate()
    }

    /// - Parameter output: room for `blockCount` samples.
    mutating func convert(_ block: AudioBlock, into output: UnsafeMutablePointer<Float>) {
        samples.update(from: samples + AudioBlock.count, count: Self.taps)
        (samples + Self.taps).update(from: block.samples, count: AudioBlock.count)
        for i in 0..<Self.blockCount {
            output[i] = product(of: samples + (i + 1) * Self.factor, filter, count: Self.taps)
        }
    }
}
