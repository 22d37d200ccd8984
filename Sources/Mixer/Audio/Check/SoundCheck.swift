import Glibc
import Media

/// Listens to one site's sound for some seconds, and says what is wrong with it: silence, clipping, hum, a constant part, a
/// level too low or too high. Some 15 us a block; it takes its memory when it is made.
package struct SoundCheck: Sendable {
    private var blocks = 0
    private var zeroBlocks = 0
    private var silentBlocks = 0
    private var clipped = 0
    private var sum = 0.0
    private var squares = 0.0
    private var peak: Float = 0
    // How many blocks were at each level: -127 dBov to 0.
    private var levels = [Int](repeating: 0, count: 128)
    private var humProbe = HumProbe()

    /// Blocks that must be quieter than the noise floor is: one of ten.
    private static let floorShare = 10

    package init() {}

    /// Takes the site's block of one tick, as it was decoded: before gain, mute and limiter. A block with samples that are no
    /// numbers counts as zeros.
    package mutating func take(_ block: AudioBlock) {
        blocks += 1
        let peak = Mixer.peak(of: block.samples, count: AudioBlock.count)
        guard peak > 0, peak.isFinite else { return takeNothing() }
        let sum = Mixer.sum(of: block.samples, count: AudioBlock.count)
        let mean = sum / Float(AudioBlock.count)
        let square = energy(of: block.samples, count: AudioBlock.count)
        // The constant part is no sound. What is left of the subtraction when there is nothing else is rounding.
        let varying = square - sum * mean
        let meanSquare = varying > 1e-5 * square ? varying / Float(AudioBlock.count) : 0
        self.sum += Double(sum)
        squares += Double(meanSquare)
        self.peak = max(self.peak, peak)
        let level = Self.level(Double(meanSquare))
        if meanSquare == 0 { zeroBlocks += 1 }
        if level < SoundFinding.silence { silentBlocks += 1 }
        levels[Int(level - SoundFinding.nothing)] += 1
        clipped += clippedSamples(in: block.samples, count: AudioBlock.count)
        humProbe.take(block)
    }

    private mutating func takeNothing() {
        zeroBlocks += 1
        silentBlocks += 1
        levels[0] += 1
    }

    /// What was found so far.
    package var finding: SoundFinding {
        guard blocks > 0 else { return SoundFinding() }
        let samples = Double(blocks * AudioBlock.count)
        return SoundFinding(
            seconds: Double(blocks) * AudioBlock.duration.seconds, meanDbov: Self.level(squares / Double(blocks)),
            peakDbov: Self.level(Double(peak) * Double(peak)), noiseFloorDbov: noiseFloor,
            zeroShare: Double(zeroBlocks) / Double(blocks), silentShare: Double(silentBlocks) / Double(blocks),
            clippedShare: Double(clipped) / samples, offset: sum / samples, hum: humProbe.hum)
    }

    private var noiseFloor: Double {
        var left = blocks / Self.floorShare
        for (index, count) in levels.enumerated() {
            left -= count
            if left < 0 { return SoundFinding.nothing + Double(index) }
        }
        return 0
    }

    /// Of a mean square, in dBov, between nothing and 0.
    private static func level(_ meanSquare: Double) -> Double {
        guard meanSquare > 1e-12 else { return SoundFinding.nothing }
        return min(0, max(SoundFinding.nothing, 10 * log10(meanSquare)))
    }
}
