import Media

/// Keeps a mix below full scale by turning it down, not by cutting it off. It adds no delay: within its block it sees a
/// loud place coming and goes down over the millisecond before; only what is loud in a block's very first millisecond is
/// bent instead.
package struct Limiter: Sendable {
    /// The gain at the end of the last block; 1: untouched.
    package private(set) var gain: Float = 1
    private var hold = 0

    /// No sample is ever above this: -1 dBFS.
    package static let ceiling: Float = 0.891
    /// Peaks are turned down to this: -2 dBFS.
    package static let target: Float = 0.794
    // The block in pieces of 1 ms.
    private static let pieces = 20
    private static let pieceCount = AudioBlock.count / pieces
    // Milliseconds before it rises again: longer than half a period of the lowest voice, or the gain would follow the
    // wave and distort it.
    private static let holdPieces = 20
    // Of what is missing to 1, per millisecond: a time constant of 200 ms, slower when it is deep down.
    private static let rise: Float = 1 / 200

    package init() {}

    /// Limits `block` in place. Its samples must be finite.
    package mutating func process(_ block: AudioBlock) {
        guard gain < 1 || peak(of: block.samples, count: AudioBlock.count) > Self.target else { return }
        var mustBend = false
        var next = Self.allowed(block, piece: 0)
        for piece in 0..<Self.pieces {
            let start = block.samples + piece * Self.pieceCount
            let now = next
            next = piece + 1 < Self.pieces ? Self.allowed(block, piece: piece + 1) : 1
            let end = gainAfter(min(now, next))
            if max(gain, end) > now { mustBend = true }
            scale(start, from: gain, to: end, count: Self.pieceCount)
            gain = end
        }
        if mustBend { bend(block.samples, knee: Self.target, ceiling: Self.ceiling, count: AudioBlock.count) }
    }

    // The gain at the end of a piece, of which `allowed` is the most that it and the next can bear.
    private mutating func gainAfter(_ allowed: Float) -> Float {
        if allowed < gain * 1.02, allowed < 1 {
            hold = Self.holdPieces
            return min(gain, allowed)
        }
        if hold > 0 {
            hold -= 1
            return gain
        }
        let risen = gain + gain * (1 - gain) * Self.rise
        return min(allowed, risen > 0.9995 ? 1 : risen)
    }

    private static func allowed(_ block: AudioBlock, piece: Int) -> Float {
        let peak = peak(of: block.samples + piece * pieceCount, count: pieceCount)
        return peak > target ? target / peak : 1
    }
}
