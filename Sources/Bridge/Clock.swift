import CLinux
import Glibc
import Media

/// The machine's clocks. Only `Bridge` reads them; everything below gets the time as an argument.
package enum Clock {
    /// The monotonic clock.
    package static func now() -> Instant { Instant(nanoseconds: read(CLOCK_MONOTONIC)) }

    /// Wall-clock time, for sender reports.
    package static func wallclock() -> NTPTime { NTPTime(unixNanoseconds: read(CLOCK_REALTIME)) }

    /// The bridge's media clock at `instant`, in 90 kHz ticks: that of all pictures, so that a site may move between
    /// encode groups without a jump of its timestamps.
    static func videoTicks(at instant: Instant) -> Int64 {
        instant.nanoseconds / 100_000 * 9 + instant.nanoseconds % 100_000 * 9 / 100_000
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
