import CFFmpeg

/// The cross-spectra of what was sent and what came, for each frame of delay, added up over time. Memory of one owner:
/// a detector, which reads it again when it is asked.
final class EchoSpectra {
    /// Frames of delay, each half a frame (64 ms) after the one before: 1.6 s.
    static let partitions = 25
    /// The bins that count: 150 to 1700 Hz. Mains hum is below, what folds back above.
    static let firstBin = 19
    static let bins = 199

    private typealias Row = UnsafeMutablePointer<Float>

    // Rows of `bins` floats in one piece of memory: the spectra that were sent, newest at `newest`, as a ring; per half and
    // partition the cross-spectrum; per partition the sums that normalise it; and the frame in hand.
    private let memory: UnsafeMutablePointer<Float>
    private var newest = 0
    private static let rows = 2 * partitions + 4 * partitions + 2 * partitions + 3

    init() {
        memory = .allocate(capacity: Self.rows * Self.bins)
        memory.initialize(repeating: 0, count: Self.rows * Self.bins)
    }

    deinit { memory.deallocate() }

    private func row(_ index: Int) -> Row { memory + index * Self.bins }
    private func sent(_ slot: Int) -> SplitSpectrum {
        SplitSpectrum(real: row(2 * slot), imaginary: row(2 * slot + 1))
    }

    /// The cross-spectrum at `partition` half-frames of delay, of one half of the frames.
    func cross(half: Int, partition: Int) -> SplitSpectrum {
        let index = 2 * Self.partitions + 2 * (half * Self.partitions + partition)
        return SplitSpectrum(real: row(index), imaginary: row(index + 1))
    }

    /// The power that was sent, weighted as the cross-spectrum is: dividing by it gives the gain of the path.
    func weightedPower(_ partition: Int) -> UnsafeMutablePointer<Float> { row(6 * Self.partitions + partition) }
    /// The power that was sent: the root of it is how far chance takes the cross-spectrum.
    func power(_ partition: Int) -> UnsafeMutablePointer<Float> { row(7 * Self.partitions + partition) }

    /// Takes the transform of a frame whose real part was sent and whose imaginary part was received.
    func take(_ spectrum: UnsafePointer<AVComplexFloat>, half: Int) {
        newest = (newest + 1) % Self.partitions
        let sentNow = sent(newest)
        let received = SplitSpectrum(real: row(8 * Self.partitions), imaginary: row(8 * Self.partitions + 1))
        let weight = row(8 * Self.partitions + 2)
        for i in 0..<Self.bins {
            let a = spectrum[Self.firstBin + i]
            let b = spectrum[EchoFrame.count - Self.firstBin - i]
            sentNow.real[i] = 0.5 * (a.re + b.re)
            sentNow.imaginary[i] = 0.5 * (a.im - b.im)
            received.real[i] = 0.5 * (a.im + b.im)
            received.imaginary[i] = 0.5 * (b.re - a.re)
        }
        whiten(received, weight: weight)
        for partition in 0..<Self.partitions {
            let slot = (newest + Self.partitions - partition) % Self.partitions
            addCrossSpectrum(
                sent: sent(slot), received: received, weight: weight, into: cross(half: half, partition: partition),
                weightedPower: weightedPower(partition), power: power(partition), count: Self.bins)
        }
    }

    // Brings all bins to one size, by the mean magnitude of five neighbours: by their own, a bin that happened to be small
    // would weigh most.
    private func whiten(_ spectrum: SplitSpectrum, weight: Row) {
        /// A frame of noise at -80 dBov: below that, nothing is made larger.
        let least: Float = 0.0014
        for i in 0..<Self.bins {
            var sum: Float = 0
            for j in max(0, i - 2)...min(Self.bins - 1, i + 2) {
                sum += (spectrum.real[j] * spectrum.real[j] + spectrum.imaginary[j] * spectrum.imaginary[j])
                    .squareRoot()
            }
            weight[i] = 1 / (sum / 5 + least)
        }
        for i in 0..<Self.bins {
            spectrum.real[i] *= weight[i]
            spectrum.imaginary[i] *= weight[i]
        }
    }
}
