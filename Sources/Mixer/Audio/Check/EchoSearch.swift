import CFFmpeg
import Glibc
import Media

/// Looks for one lag at which what came resembles what was sent, among all up to the longest delay.
struct EchoSearch: ~Copyable {
    struct Peak {
        let delay: Interval
        /// dB below what was sent.
        let attenuation: Double
    }

    private let spectra: EchoSpectra
    private let inverse = FourierTransform(count: EchoFrame.count, .inverse)

    private static let lags = Int(EchoDetector.longestDelay.milliseconds) * EchoFrame.sampleRate / 1000
    /// A room answers over some milliseconds: neighbours count together, 2 ms of them.
    private static let spread = 8
    /// How far above the middle of all lags a peak is: the most that talkers who had nothing to do with each other gave
    /// in several hundred trials of 5 s was 13, and then not in both halves.
    private static let leastRatio: Float = 14
    /// The same in each half of the frames.
    private static let leastRatioOfHalves: Float = 4.5
    /// Other stretches of 64 ms with a peak nearly as high: of one echo there are none, of a steady tone many.
    private static let mostRivals = 3
    private static let rival: Float = 0.6

    init(_ spectra: EchoSpectra) { self.spectra = spectra }

    func peak() -> Peak? {
        let halves = [likeness(half: 0), likeness(half: 1)]
        let whole = Self.smoothed(zip(halves[0], halves[1]).map { $0 + $1 })
        let middle = Self.median(whole)
        guard let highest = whole.indices.max(by: { whole[$0] < whole[$1] }), middle > 0 else { return nil }
        guard whole[highest] >= Self.leastRatio * middle else { return nil }
        guard !hasRivals(whole, highest) else { return nil }
        for half in halves {
            let near = max(0, highest - Self.spread)...min(Self.lags - 1, highest + Self.spread)
            let smoothed = Self.smoothed(half)
            guard smoothed[near].max() ?? 0 >= Self.leastRatioOfHalves * Self.median(smoothed) else { return nil }
        }
        // The direct sound comes before the room's answer, which may be stronger.
        let first = (max(0, highest - 120)...highest).first { whole[$0] >= 0.4 * whole[highest] } ?? highest
        let lag = min(highest, first + Self.spread / 2 - 1)
        return Peak(
            delay: Interval(nanoseconds: Int64(lag) * 1_000_000_000 / Int64(EchoFrame.sampleRate)),
            attenuation: attenuation(at: lag))
    }

    private func hasRivals(_ whole: [Float], _ highest: Int) -> Bool {
        let rivals = stride(from: 0, to: Self.lags, by: EchoFrame.hop).count { start in
            let stretch = start..<min(Self.lags, start + EchoFrame.hop)
            guard abs(highest / EchoFrame.hop - start / EchoFrame.hop) > 1 else { return false }
            return whole[stretch].max() ?? 0 >= Self.rival * whole[highest]
        }
        return rivals > Self.mostRivals
    }

    /// The correlation at each lag, in units of what chance gives.
    private func likeness(half: Int) -> [Float] {
        var lags = [Float](repeating: 0, count: Self.lags)
        for partition in 0..<EchoSpectra.partitions {
            let cross = spectra.cross(half: half, partition: partition)
            let power = spectra.power(partition)
            transform(cross) { power[$0] > 1e-12 ? 1 / power[$0].squareRoot() : 0 }
            // A partition knows best the lags around its own.
            for offset in -EchoFrame.hop / 2..<EchoFrame.hop / 2 {
                let lag = partition * EchoFrame.hop + offset
                guard lags.indices.contains(lag) else { continue }
                lags[lag] = inverse.output[(offset + EchoFrame.count) % EchoFrame.count].re
            }
        }
        return lags
    }

    /// The loss on the way: the power of the path's response around the peak, less what chance leaves elsewhere.
    private func attenuation(at lag: Int) -> Double {
        let partition = min(EchoSpectra.partitions - 1, (lag + EchoFrame.hop / 2) / EchoFrame.hop)
        let power = spectra.weightedPower(partition)
        var largest: Float = 0
        for i in 0..<EchoSpectra.bins { largest = max(largest, power[i]) }
        var response = [Float](repeating: 0, count: EchoFrame.count)
        for half in 0..<2 {
            transform(spectra.cross(half: half, partition: partition)) {
                power[$0] > 1e-6 * largest ? 1 / power[$0] : 0
            }
            for i in response.indices { response[i] += inverse.output[i].re / Float(EchoFrame.count) }
        }
        let centre = lag - partition * EchoFrame.hop + EchoFrame.count
        func mean(_ offsets: Range<Int>) -> Float {
            offsets.reduce(0) {
                $0 + response[(centre + $1) % EchoFrame.count] * response[(centre + $1) % EchoFrame.count]
            }
                / Float(offsets.count)
        }
        let answer = -8..<120
        let gain = max(1e-9, (mean(answer) - 0.8 * mean(-140..<(-20))) * Float(answer.count))
        let overlap = Self.overlap(at: Float(abs(lag - partition * EchoFrame.hop)) / Float(EchoFrame.count))
        // Only part of the bins was looked at.
        let band = Float(2 * EchoSpectra.bins) / Float(EchoFrame.count)
        return max(0, -10 * log10(Double(gain / band / (overlap * overlap))))
    }

    /// What two Hann windows, `shift` of their length apart, have in common: the autocorrelation of the window.
    private static func overlap(at shift: Float) -> Float {
        let angle = 2 * Float.pi * shift
        return (1 - shift) * (2 + cosf(angle)) / 3 + sinf(angle) / (2 * Float.pi)
    }

    // A real signal from the bins that count, each times its `factor`.
    private func transform(_ spectrum: SplitSpectrum, factor: (Int) -> Float) {
        inverse.input.update(repeating: .init(re: 0, im: 0), count: EchoFrame.count)
        for i in 0..<EchoSpectra.bins {
            let weight = factor(i)
            let bin = EchoSpectra.firstBin + i
            inverse.input[bin] = .init(re: spectrum.real[i] * weight, im: spectrum.imaginary[i] * weight)
            inverse.input[EchoFrame.count - bin] = .init(
                re: spectrum.real[i] * weight, im: -spectrum.imaginary[i] * weight)
        }
        inverse.run()
    }

    /// The power of `spread` neighbours, at each lag.
    private static func smoothed(_ correlation: [Float]) -> [Float] {
        var sums = [Float](repeating: 0, count: correlation.count)
        for i in correlation.indices {
            for j in max(0, i - spread / 2)..<min(correlation.count, i + spread / 2) {
                sums[i] += correlation[j] * correlation[j]
            }
        }
        return sums
    }

    private static func median(_ values: [Float]) -> Float { values.sorted()[values.count / 2] }
}
