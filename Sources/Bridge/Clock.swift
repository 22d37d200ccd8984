import Glibc
import Media

/// The machine's clocks. Only `Bridge` reads them; everything below gets the time as an argument.
package enum Clock {
    /// The monotonic clock.
    package static func now() -> Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }

    /// Wall-clock time, for sender reports.
    package static func wallclock() -> NTPTime { NTPTime(unixNanoseconds: read(CLOCK_REALTIME)) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
