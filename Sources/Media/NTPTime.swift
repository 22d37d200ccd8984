/// Wall-clock time as RTCP sender reports carry it: seconds since 1900 in 32.32 fixed point (RFC 3550 section 4).
package struct NTPTime: Hashable, Comparable, Sendable {
    /// Seconds since 1900 in the upper 32 bits, the fraction in the lower 32.
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Seconds between 1900 and the Unix epoch.
    private static let unixEpoch: UInt64 = 2_208_988_800

    /// - Parameter unixNanoseconds: nanoseconds since 1970 (`CLOCK_REALTIME`), not negative.
    package init(unixNanoseconds: Int64) {
        let nanoseconds = UInt64(max(0, unixNanoseconds))
        let seconds = nanoseconds / 1_000_000_000 + Self.unixEpoch
        let fraction = ((nanoseconds % 1_000_000_000) << 32) / 1_000_000_000
        rawValue = (seconds << 32) | fraction
    }

    /// The middle 32 bits: the form of LSR in reception reports (RFC 3550 section 6.4.1), units of 1/65536 s.
    package var middle: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }

    package static func < (a: NTPTime, b: NTPTime) -> Bool { a.rawValue < b.rawValue }

    /// `self - other`, in nanoseconds, right for differences of up to 136 years either way.
    package func nanoseconds(since other: NTPTime) -> Int64 {
        let difference = Int64(bitPattern: rawValue &- other.rawValue)
        let seconds = difference >> 32
        let fraction = ((difference & 0xFFFF_FFFF) * 1_000_000_000) >> 32
        return seconds * 1_000_000_000 + fraction
    }
}
