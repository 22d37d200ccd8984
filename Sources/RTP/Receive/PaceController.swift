import Media

/// How fast decoded sound is to be played.
package struct Pace: Equatable, Sendable {
    /// How many times as fast as it was spoken, by a time-stretch; 1 but for bursts.
    package var speed: Float
    /// Parts per million by which a resampler takes in more than it gives out: the sender's clock is that much faster.
    package var correction: Int

    package init(speed: Float = 1, correction: Int = 0) {
        self.speed = speed
        self.correction = correction
    }
}

/// Keeps a sound's delay at its target by the pace it is played at. Bursts are a time-stretch's, within a second; the
/// drift of clocks is a resampler's, slow and without end.
///
/// All times within are ticks of 1/48000 s, but for `now`.
struct PaceController: Sendable {
    /// What the controller is told at each tick.
    struct Situation {
        /// How much longer the fastest packets wait than they need to; below 0 they wait too short.
        var excess: Int64
        /// What of the excess lies here to be played.
        var surplus: Int64
        /// What was played last is so low that haste isn't heard.
        var isQuiet: Bool
        var now: Instant
    }

    private enum Mode { case steady, faster, slower }

    private static let millisecond: Int64 = 48
    /// A surplus that begins a haste: a packet's, and where it isn't heard any that is worth it.
    private static let loudSurplus = 20 * millisecond
    private static let quietSurplus = 6 * millisecond
    /// A surplus that pitches haste higher than voices like.
    private static let largeSurplus = 150 * millisecond
    /// A lack that begins a delay.
    private static let loudLack = 12 * millisecond
    private static let quietLack = 6 * millisecond
    /// How near the target a haste or a delay ends.
    private static let nearness = millisecond
    /// Ticks that a surplus must last: one late tick isn't one.
    private static let persistence = 3

    /// The drift is measured by the least excess in a span of this length, which late packets and late ticks don't touch.
    private static let span = Interval.seconds(2)
    /// Parts per million for each millisecond too much: a tenth of it is gone in a second.
    private static let gain: Float = 100
    /// What each span adds to the drift that is held to be the clocks', for each millisecond too much: as fast as it can
    /// be learnt without swinging.
    private static let learning: Float = 5
    /// Further off than this, it isn't drift.
    private static let farthest: Float = 10
    /// Clocks that are worse than this are broken.
    private static let largestDrift: Float = 500
    private static let largestCorrection: Float = 1000

    private(set) var pace = Pace()
    private var mode = Mode.steady
    private var surplusTicks = 0
    private var spanStart: Instant?
    private var leastExcess: Int64 = .max
    /// What the clocks are found to differ by, in parts per million.
    private var drift: Float = 0

    /// The pace until the next tick.
    mutating func update(_ situation: Situation) -> Pace {
        surplusTicks = situation.surplus > threshold(situation) ? surplusTicks + 1 : 0
        switch mode {
        case .steady:
            if surplusTicks >= Self.persistence {
                mode = .faster
            } else if situation.excess < -(situation.isQuiet ? Self.quietLack : Self.loudLack) {
                mode = .slower
            }
        case .faster: if situation.surplus <= Self.nearness { mode = .steady }
        case .slower: if situation.excess >= -Self.nearness { mode = .steady }
        }
        switch mode {
        case .steady: pace.speed = 1
        case .faster:
            let isHasty = situation.isQuiet || situation.surplus > Self.largeSurplus
            // Once hasty, hasty to the end: one change of pace is heard less than two.
            pace.speed = isHasty ? 1.3 : max(1.15, pace.speed)
        case .slower: pace.speed = situation.isQuiet ? 0.7 : 0.85
        }
        followDrift(situation)
        return pace
    }

    /// Nothing is played. The clocks go on as they did.
    mutating func pause() -> Pace {
        mode = .steady
        surplusTicks = 0
        spanStart = nil
        pace.speed = 1
        return pace
    }

    private func threshold(_ situation: Situation) -> Int64 {
        situation.isQuiet ? Self.quietSurplus : Self.loudSurplus
    }

    private mutating func followDrift(_ situation: Situation) {
        guard mode == .steady, let start = spanStart else {
            spanStart = mode == .steady ? situation.now : nil
            leastExcess = situation.excess
            return
        }
        leastExcess = min(leastExcess, situation.excess)
        guard situation.now - start >= Self.span else { return }
        let excess = Float(leastExcess) / Float(Self.millisecond)
        if abs(excess) < Self.farthest {
            drift = min(max(drift + excess * Self.learning, -Self.largestDrift), Self.largestDrift)
        }
        let wanted = drift + excess * Self.gain
        pace.correction = Int(min(max(wanted, -Self.largestCorrection), Self.largestCorrection).rounded())
        spanStart = situation.now
        leastExcess = situation.excess
    }
}
