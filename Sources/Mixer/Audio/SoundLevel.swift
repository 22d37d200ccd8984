import Glibc
import Media

/// How loud a source is: measured once a tick from its block, before gain and mute.
package struct SoundLevel: Sendable {
    /// Level of the newest block in dBov: 0 is a full-scale square wave, a full-scale sine is at -3; `silence` at least.
    package private(set) var current = Self.silence
    /// The same for the eye and for picking the active speaker: up at once, down by 30 dB a second.
    package private(set) var smoothed = Self.silence
    /// The loudest of the last 400 ms, falling by 50 dB a second after that: it bridges the gaps between syllables.
    package private(set) var held = Self.silence
    /// The largest magnitude in the newest block; 1 is full scale.
    package private(set) var peak: Float = 0
    private var holdTicks = 0

    /// What counts as no sound at all, in dBov: the floor of RFC 6464.
    package static let silence: Float = -127
    /// Ticks that a level is held: 400 ms.
    package static let hold = 20
    private static let smoothedFall: Float = 0.6
    private static let heldFall: Float = 1

    package init() {}

    /// The level as RTP carries it (RFC 6464 section 3): 0 for the loudest to 127 for silence, meaning -dBov.
    package var wireLevel: UInt8 { UInt8(min(max(-smoothed, 0), 127).rounded()) }

    /// - Parameters:
    ///   - energy: the sum of squares over the block.
    ///   - peak: the largest magnitude.
    mutating func measure(energy: Float, peak: Float) {
        let meanSquare = energy / Float(AudioBlock.count)
        current = meanSquare > 1e-12 ? max(Self.silence, min(0, 10 * log10f(meanSquare))) : Self.silence
        self.peak = peak
        smoothed = max(current, smoothed - Self.smoothedFall)
        if current >= held {
            held = current
            holdTicks = Self.hold
        } else if holdTicks > 0 {
            holdTicks -= 1
        } else {
            held = max(current, held - Self.heldFall)
        }
    }
}
