/// What a depacketizer made of its packets, by cause.
package struct DepacketizerStatistics: Equatable, Sendable {
    /// Access units handed out, damaged ones included.
    package var accessUnits = 0
    package var keyframes = 0
    /// Access units that lack packets, or refer to pictures that do.
    package var damaged = 0
    /// Access units thrown away because they outgrew the buffer.
    package var oversized = 0
    /// Access units thrown away because their pictures would be larger than the limit.
    package var refused = 0
    /// Access units thrown away because a parameter set or picture header can't be read.
    package var unreadable = 0
    /// Access units thrown away because nobody took them.
    package var unclaimed = 0
    /// Payloads that are empty, end too early or lie about a length.
    package var malformed = 0
    /// Payload structures that are not taken: interleaved mode, layers above the base, reserved types.
    package var unsupported = 0
    /// NAL units with the forbidden bit set.
    package var forbidden = 0
    /// Fragments whose first one is missing.
    package var orphaned = 0
    /// Fragmented NAL units that never ended.
    package var unfinished = 0

    package static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.accessUnits += b.accessUnits
        sum.keyframes += b.keyframes
        sum.damaged += b.damaged
        sum.oversized += b.oversized
        sum.refused += b.refused
        sum.unreadable += b.unreadable
        sum.unclaimed += b.unclaimed
        sum.malformed += b.malformed
        sum.unsupported += b.unsupported
        sum.forbidden += b.forbidden
        sum.orphaned += b.orphaned
        sum.unfinished += b.unfinished
        return sum
    }
}
