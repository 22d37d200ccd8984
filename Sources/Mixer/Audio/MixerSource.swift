import Glibc
import Media

/// What the mixer keeps of one source.
struct MixerSource {
    var isUsed = false
    /// Taken off, and fading out in the next tick; its index is free after that.
    var isLeaving = false
    /// Whether its block was asked for since the last tick, and in the tick before.
    var isFilled = false
    var wasFilled = false
    var isMuted = false
    var decibels: Float = 0
    var level = SoundLevel()

    /// The factor it has in a sum that it is in.
    var gain: Float { isMuted ? 0 : powf(10, decibels / 20) }

    /// How the selection sees it.
    func candidate(isTaken: Bool) -> LoudestSelection.Candidate {
        LoudestSelection.Candidate(
            isEligible: isTaken && isFilled && !isMuted && !isLeaving, current: level.current + decibels,
            held: level.held + decibels)
    }

    /// Prepares the block that the source gave, or else the one it gave last, and measures it.
    mutating func measure(_ block: AudioBlock) {
        guard isFilled else {
            // Gone within a tick: what it said last, played backwards, is what it fades out on.
            if wasFilled { mirror(block.samples, count: AudioBlock.count) }
            level.measure(energy: 0, peak: 0)
            return
        }
        var highest = peak(of: block.samples, count: AudioBlock.count)
        if highest > Self.loudest {
            sanitize(block.samples, limit: Self.loudest, count: AudioBlock.count)
            highest = peak(of: block.samples, count: AudioBlock.count)
        }
        level.measure(
            energy: highest > 0 ? energy(of: block.samples, count: AudioBlock.count) : 0, peak: highest)
    }

    // 18 dB above full scale: no decoder of ours means more than that.
    private static let loudest: Float = 8
}
