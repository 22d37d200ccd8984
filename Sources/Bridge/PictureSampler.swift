import Media

/// Decides which picture of a source a tick shows, so that it does not judder: one picture repeated and another skipped
/// because they came now a little before the tick, now a little after.
///
/// Pictures are shown by their own time (RTP timestamp), not by when they came. `clock` maps that time to the tick that
/// shows it; what is learnt of the arrivals is how early they are against it, their *margin*. Pictures that come after their
/// tick again and again show that the clock is too early: it is set back by a step, and one stands for one tick more, once. When
/// hardly any would be late for it, the clock goes on by one. Between the two it stands, so that neither jitter nor the drift of
/// two clocks is seen. The cost is at most a period and a half of delay, for a source that scatters so far; a source that comes
/// well before the tick waits for it and no longer. What is late now and then is a hiccup: it costs a picture repeated and one
/// left out, and no delay.
package struct PictureSampler {
    /// In nanoseconds, as all here.
    private let period: Double
    /// When a picture is due, less its own time, less half the way to the next one; `nil` before the first.
    private var clock: Double?
    /// From one picture to the next, by their own time: the mean; `nil` before the second.
    private var measured: Double?
    private var margins = PictureMargins()
    /// How often a picture came too late for its tick that would not have, had the clock been a step later.
    private var missed = Occurrences()
    /// And how often one was in time that would not have been, had the clock been a step earlier.
    private var close = Occurrences()
    private var windowEnd = Instant.zero
    /// Windows that are still short, since the clock is new or the tick is moved.
    private var shortWindows = 0
    /// The first windows of the clock are not over.
    private var isNew = true
    /// Windows in a row in which hardly any picture would have been late, had the clock been a step earlier.
    private var earlyWindows = 0
    /// What came last.
    private var newest: (timestamp: Int64, at: Instant)?
    private var shownSince: Instant?

    /// How far the tick would have to be moved to stand just behind this source's pictures: behind the mean of their arrivals by
    /// as much as those are apart, where it waits for what comes later; behind the latest of some seconds, keyframes above
    /// all, where it does not, or for less than those take. Pictures then wait for no period more.
    /// Zero for arrivals that scatter over the period, as those of a bad line do, and for pictures that come at another
    /// rhythm than the tick's: there is no better place, and a tick that wandered in search of one would judder all other
    /// sources. `nil` at a tick that found no new picture: what is known is of the tick before it was moved.
    package private(set) var tickOffset: Interval?
    /// How much longer than it must a picture waits, from zero to a step, where the tick stands now; `nil`: no place is better.
    package private(set) var spare: Interval?
    /// By how much the tick may be moved and stand alike for it: its period, or the pictures' where that is shorter.
    package var placeStep: Interval { Interval(nanoseconds: Int64(step)) }
    /// Whether the tick waits for a picture that it is to show and that is late, for up to `longestWait`.
    package var isAwaited = false
    /// A fifth of the period: what receivers even out without noticing.
    package var longestWait: Interval { Interval(nanoseconds: Int64(waitable)) }
    private var waitable: Double { period / 5 }

    /// The weight of one picture in the mean of their distances.
    private static let weight = 1.0 / 16
    /// Of the mean from one picture to the next: what one of them may count for.
    private static let longestLength = 1.2
    /// A margin beyond this is none: the timestamps have begun anew.
    private static let wild = 1e9
    private static let window = Interval.milliseconds(2500)
    /// What came late while a stream began says little of it: the first windows are short, and the clock may go on soon.
    private static let shortWindow = Interval.milliseconds(500)
    private static let firstWindows = 6
    /// Windows that it takes for the clock to go on.
    private static let patience = 2
    /// Of `missed`: as many as one each 2 s makes. What is missed more seldom is repeated each time, which hardly anybody sees; a
    /// step would be delay for all.
    private static let often = 5.0
    /// Of `close`: as many as one each 4 s makes. A clock that goes on then is not set back soon.
    private static let seldom = 3.2
    /// The clock goes on if that leaves a margin of this.
    private static let leastMargin = 0.5e6
    /// Arrivals whose mean distance from their mean is more than this part of a step lie all over it: a quarter is chance.
    private static let mostDeviation = 0.2
    /// By what part the rates of pictures and ticks may differ from being alike, or multiples.
    private static let sameRhythm = 0.03
    /// The most by which the clock follows the phase of the tick, each tick: more than the tick itself is moved by.
    private static let longestNudge = 400e3

    /// - Parameter period: of the tick.
    package init(period: Interval) { self.period = Double(period.nanoseconds) }

    /// Chooses for the tick of `due`.
    /// - Parameters:
    ///   - pictures: the newest first, as far back as a tick may want one.
    ///   - age: how old a picture must at least be: what lip-sync asks for.
    /// - Returns: the index of the picture to show; `nil`: the one that is shown stays.
    package mutating func choose<Pictures: RandomAccessCollection>(
        from pictures: Pictures, at due: Instant, atLeast age: Interval = .zero
    ) -> Int? where Pictures.Element: TimedPicture, Pictures.Index == Int {
        tickOffset = nil
        let new = newest.map { newest in pictures.prefix { $0.decodedAt > newest.at } } ?? pictures.prefix(1)
        for picture in new.reversed() { found(picture, at: due, floor: Double(age.nanoseconds)) }
        guard let clock, !pictures.isEmpty else { return nil }
        let wanted = Double(due.nanoseconds) - clock
        let index = pictures.firstIndex { Self.time($0.timestamp) <= wanted } ?? pictures.endIndex - 1
        follow(phase: wanted - Self.time(pictures[index].timestamp))
        // A clock that was set back shows a picture for longer, and none from before it again.
        if let shownSince, pictures[index].decodedAt <= shownSince { return nil }
        shownSince = pictures[index].decodedAt
        return index
    }

    /// Learns from a picture that is new at the tick of `due`.
    private mutating func found(_ picture: some TimedPicture, at due: Instant, floor: Double) {
        let time = Self.time(picture.timestamp)
        var length = newest.map { time - Self.time($0.timestamp) } ?? 0
        if length <= 0 || length >= Self.wild {
            length = 0
        } else {
            // A picture that was lost makes no slower source of it.
            let mean = measured ?? length
            measured = mean + (min(length, mean * Self.longestLength) - mean) * Self.weight
        }
        newest = (picture.timestamp, picture.decodedAt)
        let ideal = time + step / 2
        var early = (clock ?? -.infinity) + ideal - Double(picture.decodedAt.nanoseconds)
        if abs(early) > Self.wild {
            // The tick that found it shows it.
            clock = Double(due.nanoseconds) - ideal
            early = Double((due - picture.decodedAt).nanoseconds)
            margins.begin(with: early)
            (missed, close) = (Occurrences(), Occurrences())
            earlyWindows = 0
            shortWindows = Self.firstWindows
            isNew = true
            startWindow(at: due)
        }
        margins.add(early, length: length, step: step, period: period, at: due)
        let spare = early - least(floor)
        if spare < 0 || early < floor && areMostLate(floor) {
            set(back: early, floor: floor, at: due)
        } else if spare < step + Self.leastMargin {
            close.note(at: due)
        }
        if due >= windowEnd {
            goOn(floor: floor, at: due)
            startWindow(at: due)
        }
        let wait = margins.mean - floor
        if wait > 2 * period {
            move(by: -period * (wait / period - 1).rounded(.down))
            (missed, close) = (Occurrences(), Occurrences())
        }
        findPlace(floor: floor)
    }

    /// A picture came too late for its tick, or most of them do, or earlier than lip-sync wants them shown.
    private mutating func set(back early: Double, floor: Double, at now: Instant) {
        // Where a step would not have done, or most pictures wait for longer than half a period, it would cost those delay.
        let helps = early + step >= least(floor) && margins.mean <= floor + period / 2
        if helps { missed.note(at: now) }
        guard areMostLate(floor) || helps && (isNew || missed.count(at: now) > Self.often) else { return }
        change(by: step)
    }

    /// Whether the tick would have to wait for most pictures.
    private func areMostLate(_ floor: Double) -> Bool { margins.mean < floor - 2 * Self.leastMargin }

    /// The tick is on its way to another place: what can be shown sooner there is seen soon.
    package mutating func tickMoves() { shortWindows = max(shortWindows, Self.patience) }

    /// Learns where a tick would best be.
    private mutating func findPlace(floor: Double) {
        guard isInRhythm, margins.deviation < step * Self.mostDeviation else {
            (tickOffset, spare) = (.zero, nil)
            return
        }
        let wait = margins.mean - max(floor + margins.deviation, least(floor) + margins.latest)
        tickOffset = Interval(nanoseconds: Int64(wrap(-wait)))
        spare = Interval(nanoseconds: Int64(wait - step * (wait / step).rounded(.down)))
    }

    /// Whether the tick of `due` does well to wait: it would be the first to show a picture that comes after `newest`, and a
    /// single one is late or lost at most.
    package func awaits(_ due: Instant, newest: (some TimedPicture)?) -> Bool {
        guard canBeAwaited, let clock, let newest else { return false }
        let missing = (Double(due.nanoseconds) - clock - Self.time(newest.timestamp)) / interval
        return missing >= 1 && missing < 3 && missing.truncatingRemainder(dividingBy: 1) * interval < period
    }

    /// Shows pictures sooner when all of them were early enough for it, for long enough.
    private mutating func goOn(floor: Double, at now: Instant) {
        let steps = ((margins.mean - max(floor, least(floor) + Self.leastMargin)) / step).rounded(.down)
        guard steps >= 1, close.count(at: now) < Self.seldom else {
            earlyWindows = 0
            return
        }
        earlyWindows += 1
        // The last of several on its own: how many would miss it was not counted.
        if earlyWindows >= Self.patience { change(by: -step * max(1, steps - 1)) }
    }

    /// Keeps pictures in the middle between two ticks by their own time, where rates are alike or multiples: rounding, a tick
    /// that is moved and the drift of two clocks then change no choice.
    /// - Parameter phase: from the picture's own time to the tick's. Of the ticks that show it the first counts.
    private mutating func follow(phase: Double) {
        guard isInRhythm, phase >= 0, phase <= step else { return }
        move(by: max(-Self.longestNudge, min((phase - step / 2) / 2, Self.longestNudge)))
    }

    private mutating func move(by step: Double) {
        clock? += step
        margins.move(by: step)
    }

    /// Sets the clock to another tick. What was missed is close from then on, and what was close missed.
    private mutating func change(by step: Double) {
        move(by: step)
        (missed, close) = step > 0 ? (Occurrences(), missed) : (close, Occurrences())
        earlyWindows = 0
    }

    private var interval: Double { measured ?? period }

    /// The margin that a picture must have: none is awaited that is there since lip-sync wants it late.
    private func least(_ floor: Double) -> Double { canBeAwaited && floor == 0 ? -waitable : floor }

    /// A picture comes to each tick, or to each so many.
    private var canBeAwaited: Bool { isAwaited && isInRhythm && interval > period * (1 - Self.sameRhythm) }

    /// Whether the rates of pictures and ticks are alike or multiples.
    private var isInRhythm: Bool {
        guard let measured else { return false }
        let ratio = max(measured, period) / min(measured, period)
        return abs(ratio - ratio.rounded()) < Self.sameRhythm
    }

    /// What the clock is set back by, or goes on by: to the next tick, or to the next picture where that is sooner.
    private var step: Double { min(interval, period) }

    private mutating func startWindow(at now: Instant) {
        windowEnd = now + (shortWindows > 0 ? Self.shortWindow : Self.window)
        guard shortWindows > 0 else { return }
        shortWindows -= 1
        if isNew, shortWindows == 0 {
            isNew = false
            margins.forgetLateness()
            (missed, close) = (Occurrences(), Occurrences())
        }
    }

    /// The nearest way to the same place between two ticks.
    private func wrap(_ value: Double) -> Double { value - step * (value / step).rounded() }

    /// Of 90 kHz ticks.
    private static func time(_ timestamp: Int64) -> Double { Double(timestamp) * (1e9 / 90_000) }
}

/// A picture as the sampler knows it.
package protocol TimedPicture {
    /// Its own time in 90 kHz ticks, unwrapped.
    var timestamp: Int64 { get }
    /// Since when it is there.
    var decodedAt: Instant { get }
}
