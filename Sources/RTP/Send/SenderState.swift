import Media

/// What a sender report says about an outgoing stream: a snapshot of `StreamSender`, handed to `RTPSession`.
package struct SenderState: Equatable, Sendable {
    package var ssrc: UInt32
    /// Packets since the start, modulo 2^32.
    package var packetCount: UInt32
    /// Payload bytes since the start, modulo 2^32.
    package var octetCount: UInt32
    /// The RTP timestamp of what was sampled at `timestampInstant`.
    package var rtpTimestamp: UInt32
    package var timestampInstant: Instant
    /// The wall clock at `wallclockInstant`.
    package var wallclock: NTPTime
    package var wallclockInstant: Instant

    package init(
        ssrc: UInt32, packetCount: UInt32, octetCount: UInt32, rtpTimestamp: UInt32, timestampInstant: Instant,
        wallclock: NTPTime, wallclockInstant: Instant
    ) {
        self.ssrc = ssrc
        self.packetCount = packetCount
        self.octetCount = octetCount
        self.rtpTimestamp = rtpTimestamp
        self.timestampInstant = timestampInstant
        self.wallclock = wallclock
        self.wallclockInstant = wallclockInstant
    }

    /// The sender information of a report sent `now`: both clocks are carried on to that moment (RFC 3550 section
    /// 6.4.1: the timestamp is that of the report, not that of a packet).
    func information(at now: Instant, clockRate: Int) -> SenderReport.Information {
        let ticks = MediaClock.ticks((now - timestampInstant).nanoseconds, clockRate: clockRate)
        return SenderReport.Information(
            ntp: wallclock.advanced(byNanoseconds: (now - wallclockInstant).nanoseconds),
            rtpTimestamp: rtpTimestamp &+ UInt32(truncatingIfNeeded: ticks), packetCount: packetCount,
            octetCount: octetCount)
    }
}

/// Nanoseconds as ticks of an RTP clock and back.
enum MediaClock {
    /// Exact to a tick, for clock rates up to 192 kHz and any length of time.
    static func ticks(_ nanoseconds: Int64, clockRate: Int) -> Int64 {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds &* Int64(clockRate) &+ rest * Int64(clockRate) / 1_000_000_000
    }

    /// - Precondition: `clockRate` is positive, `ticks` below 2^33.
    static func interval(ticks: Int64, clockRate: Int) -> Interval {
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: Int64(clockRate))
        return Interval(nanoseconds: seconds * 1_000_000_000 + rest * 1_000_000_000 / Int64(clockRate))
    }
}

extension NTPTime {
    func advanced(byNanoseconds nanoseconds: Int64) -> NTPTime {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let fraction = (rest << 32) / 1_000_000_000
        return NTPTime(rawValue: rawValue &+ UInt64(bitPattern: seconds << 32 &+ fraction))
    }
}
