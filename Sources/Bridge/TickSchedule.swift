import Media

/// When a program ticks: on an absolute schedule, `period` apart, so that a late tick is not followed by a late rest.
/// Its phase follows a source, so that its pictures wait little for the tick.
package struct TickSchedule {
    package let period: Interval
    /// The next tick.
    package private(set) var next: Instant
    /// Ticks that came more than half a period late.
    package private(set) var late = 0
    /// Ticks left out because their time had passed altogether.
    package private(set) var skipped = 0

    /// The most that one tick is moved: a hundredth of a 30 Hz period, which no eye sees.
    private static let slew = Interval.microseconds(300)

    package init(period: Interval, start: Instant) {
        self.period = period
        next = start + period
    }

    /// Counts the tick that runs at `now` and sets the next one.
    package mutating func advance(at now: Instant) {
        let lateness = now - next
        if lateness > period / 2 { late += 1 }
        if lateness >= period {
            let missed = Int(lateness.nanoseconds / period.nanoseconds)
            skipped += missed
            next += period * missed
        }
        next += period
    }

    /// Whether a program whose last tick was at `last` still keeps time: for a second, and a slow one for three periods.
    package static func isBeating(_ last: Instant, at now: Instant, period: Interval) -> Bool {
        now - last < max(.seconds(1), period * 3)
    }

    /// Moves the schedule a little towards `offset` from where it is.
    package mutating func move(by offset: Interval) {
        // The offset wavers as the arrivals do.
        let step = offset.nanoseconds / 32
        next += Interval(nanoseconds: max(-Self.slew.nanoseconds, min(Self.slew.nanoseconds, step)))
    }
}
