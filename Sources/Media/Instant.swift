/// A point on the machine's monotonic clock. The media path passes it in as `now`; only `Bridge` reads the clock.
package struct Instant: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start (`CLOCK_MONOTONIC`).
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The clock's own start: what tests count from.
    package static let zero = Instant(nanoseconds: 0)
    /// Later than any other instant: "no deadline".
    package static let distantFuture = Instant(nanoseconds: .max)

    package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
    package static func + (a: Instant, b: Interval) -> Instant { Instant(nanoseconds: a.nanoseconds + b.nanoseconds) }
    package static func - (a: Instant, b: Interval) -> Instant { Instant(nanoseconds: a.nanoseconds - b.nanoseconds) }
    package static func - (a: Instant, b: Instant) -> Interval { Interval(nanoseconds: a.nanoseconds - b.nanoseconds) }
    package static func += (a: inout Instant, b: Interval) { a = a + b }
}

/// A length of time in nanoseconds. `Duration` is 128 bits wide: too heavy for the media path.
package struct Interval: BitwiseCopyable, Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Interval(nanoseconds: 0)
    package static func microseconds(_ count: Int) -> Interval { Interval(nanoseconds: Int64(count) * 1_000) }
    package static func milliseconds(_ count: Int) -> Interval { Interval(nanoseconds: Int64(count) * 1_000_000) }
    package static func seconds(_ count: Int) -> Interval { Interval(nanoseconds: Int64(count) * 1_000_000_000) }

    /// The same length in seconds, for people and for statistics.
    package var seconds: Double { Double(nanoseconds) / 1e9 }
    /// The same length in milliseconds, for people and for statistics.
    package var milliseconds: Double { Double(nanoseconds) / 1e6 }

    package static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }
    package static func + (a: Interval, b: Interval) -> Interval {
        Interval(nanoseconds: a.nanoseconds + b.nanoseconds)
    }
    package static func - (a: Interval, b: Interval) -> Interval {
        Interval(nanoseconds: a.nanoseconds - b.nanoseconds)
    }
    package static func * (a: Interval, b: Int) -> Interval { Interval(nanoseconds: a.nanoseconds * Int64(b)) }
    package static func / (a: Interval, b: Int) -> Interval { Interval(nanoseconds: a.nanoseconds / Int64(b)) }
}
