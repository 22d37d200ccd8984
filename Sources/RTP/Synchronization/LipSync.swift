import Media

/// Keeps the sound and the picture of one site together: measures how far they are apart where they leave for the mix
/// and the canvas, and lets the earlier one wait.
///
/// Both sides tell what they present, in moments of the sender's clock (`SenderClock.moment`). After `update` the
/// delays to be kept can be read. What is measured includes the delays in force, so that it does not matter how
/// fast, or how exactly, they are obeyed.
package struct LipSync: Sendable {
    /// How it stands, for statistics.
    package enum State: String, Hashable, Sendable {
        /// Sound or picture is missing, or the reports of one of them.
        case unknown
        /// Both are there; it is not yet known how far they are apart.
        case measuring
        /// Between `mostAhead` and `mostBehind`, and not being corrected.
        case inSync = "in-sync"
        /// One of them is being delayed more, or less.
        case correcting
        /// They are further apart than may be corrected.
        case limited
        /// The skew can't be true: the reports are wrong, or not by one clock. Nothing is changed.
        case implausible
    }

    /// Sound that is ahead of its picture by no more than this is left alone: EBU R37.
    package static let mostAhead = Interval.milliseconds(40)
    /// Sound that is behind its picture by no more than this is left alone: EBU R37. A sound's jitter buffer alone makes
    /// it late by half of that; a picture that waited for it would be delayed for nothing anybody sees.
    package static let mostBehind = Interval.milliseconds(60)
    /// The longest that sound waits for the picture.
    package static let longestAudioDelay = Interval.milliseconds(200)
    /// The longest that a picture waits for the sound.
    package static let longestVideoDelay = Interval.milliseconds(100)
    /// A skew above this is believed to be a fault of the reports.
    package static let largestPlausible = Interval.seconds(1)

    /// A correction once begun goes on to here, either side.
    private static let aim = Interval.milliseconds(20)
    /// Milliseconds by which a delay changes in a second, so slow that it is neither seen nor heard.
    private static let slope: Int64 = 5
    /// How often a stream's beginning may be corrected at once: the second time for what the beginning itself upset.
    private static let jumpsAtStart = 2
    /// How long a jump takes to be obeyed; what is measured meanwhile says nothing.
    private static let settling = Interval.seconds(3)
    /// What must have been measured before anything is done: one second.
    private static let leastMeasured = 10
    /// A side that presented nothing for this long is not there. Slides come slowly.
    private static let absence = Interval.seconds(5)

    /// How much longer the sound is to be held than it would be by itself.
    package var audioDelay: Interval { max(.zero, correction) }
    /// How much longer each picture is to be held.
    package var videoDelay: Interval { max(.zero, .zero - correction) }
    /// How much later the sound is presented than the picture that belongs to it: negative when it is ahead. `nil`
    /// while it is not known.
    package private(set) var skew: Interval?
    package private(set) var state = State.unknown
    /// Whether the skew can be true.
    package var isPlausible: Bool { state != .implausible }

    private struct Presentation {
        var moment: NTPTime
        var instant: Instant
    }

    private var sound: Presentation?
    private var picture: Presentation?
    private var measured = SkewMedian()
    /// Positive: the sound waits. Negative: the picture does.
    private var correction = Interval.zero
    private var jumpsLeft = Self.jumpsAtStart
    private var settledAt = Instant.zero
    private var isCorrecting = false
    private var lastUpdate: Instant?

    package init() {}

    // MARK: In

    /// A sample is played: told at each tick of the mix for one sample of it.
    /// - Parameters:
    ///   - moment: when it was recorded; `nil` if nothing plays or that isn't known.
    ///   - now: when it is played.
    package mutating func soundPlayed(_ moment: NTPTime?, at now: Instant) {
        sound = moment.map { Presentation(moment: $0, instant: now) }
    }

    /// A picture is shown for the first time.
    /// - Parameters:
    ///   - moment: when it was taken; `nil` if that isn't known.
    ///   - now: the tick that shows it.
    package mutating func pictureShown(_ moment: NTPTime?, at now: Instant) {
        guard let moment else {
            picture = nil
            return
        }
        picture = Presentation(moment: moment, instant: now)
        guard now >= settledAt, let sound, isThere(sound, at: now) else { return }
        let presented = sound.instant - now
        measured.add(presented - Interval(nanoseconds: sound.moment.nanoseconds(since: moment)), at: now)
    }

    /// Another stream begins on one side, or the same one anew: the next correction may be made at once.
    package mutating func streamChanged() {
        sound = nil
        picture = nil
        begin()
    }

    /// Takes up what was measured: to be called at least every 100 ms, as at each tick.
    package mutating func update(at now: Instant) {
        let elapsed = min(.seconds(1), max(.zero, now - (lastUpdate ?? now)))
        lastUpdate = now
        let step = Interval(nanoseconds: elapsed.nanoseconds * Self.slope / 1000)
        guard let sound, let picture, isThere(sound, at: now), isThere(picture, at: now) else {
            begin()
            state = .unknown
            change(by: toward(zeroFrom: correction, step))
            return
        }
        guard measured.count >= Self.leastMeasured else {
            state = .measuring
            return
        }
        skew = measured.value
        correct(measured.value, by: step, at: now)
    }

    // MARK: Correction

    private mutating func correct(_ skew: Interval, by step: Interval, at now: Instant) {
        let size = Self.size(skew)
        guard size <= Self.largestPlausible else {
            isCorrecting = false
            state = .implausible
            return
        }
        let isOff = skew > Self.mostBehind || skew < .zero - Self.mostAhead
        if isOff { isCorrecting = true }
        if size <= Self.aim { isCorrecting = false }
        guard isCorrecting else {
            // What a stream's beginning upset is over.
            if measured.isFull { jumpsLeft = 0 }
            state = .inSync
            return
        }
        let before = correction
        change(by: jumpsLeft > 0 ? .zero - skew : toward(zeroFrom: skew, step))
        let isObeyed = correction != before || step == .zero
        state = isObeyed ? .correcting : isOff ? .limited : .inSync
        guard jumpsLeft > 0 else { return }
        jumpsLeft -= 1
        guard isObeyed else { return }
        measured.reset()
        self.skew = nil
        settledAt = now + Self.settling
    }

    private mutating func begin() {
        measured.reset()
        skew = nil
        jumpsLeft = Self.jumpsAtStart
        settledAt = .zero
        isCorrecting = false
    }

    private mutating func change(by amount: Interval) {
        correction = max(.zero - Self.longestVideoDelay, min(Self.longestAudioDelay, correction + amount))
    }

    /// A step that brings `value` nearer to zero.
    private func toward(zeroFrom value: Interval, _ step: Interval) -> Interval {
        let step = min(step, Self.size(value))
        return value > .zero ? .zero - step : step
    }

    private func isThere(_ presentation: Presentation, at now: Instant) -> Bool {
        now - presentation.instant < Self.absence
    }

    private static func size(_ value: Interval) -> Interval { max(value, .zero - value) }
}
