import Media

/// Asks the peer to send no more than a rate, by TMMBR and REMB. TMMBR is repeated until TMMBN confirms it (RFC 5104
/// section 4.2.1), then now and then, since the peer may have begun anew; REMB goes with every report.
struct BitrateRequester {
    /// What stands for "no limit": neither message can say so.
    static let unlimited = Bitrate(bitsPerSecond: 1_000_000_000)
    static let firstPause = Interval.milliseconds(250)
    static let refresh = Interval.seconds(10)
    /// How often it is said that a limit has gone.
    static let farewells = 4
    /// IPv4, UDP and RTP headers of one packet, in bytes.
    static let overhead = 40

    private(set) var limit: Bitrate?
    private var isLifted = false
    private var tmmbrDue = Instant.distantFuture
    private var pause = Self.firstPause
    private var isConfirmed = false
    /// Messages since the limit was lifted.
    private var farewellsSent = 0
    private var announcedRemb: Bitrate?

    /// Sets the limit; `nil` lifts it.
    mutating func request(_ wanted: Bitrate?) {
        // Where none was asked for, there is none to lift.
        guard wanted != nil || limit != nil else { return }
        let new = wanted ?? Self.unlimited
        isLifted = wanted == nil
        guard new != limit else { return }
        limit = new
        tmmbrDue = .zero
        pause = Self.firstPause
        isConfirmed = false
        farewellsSent = 0
    }

    /// Another stream begins: it knows of no limit yet.
    mutating func repeatAll() {
        guard limit != nil else { return }
        if isLifted { return forget() }
        tmmbrDue = .zero
        pause = Self.firstPause
        isConfirmed = false
        announcedRemb = nil
    }

    /// When there is something to say beside the reports.
    func deadline(_ kinds: FeedbackKinds) -> Instant {
        if kinds.contains(.remb), isRembUrgent { return .zero }
        return kinds.contains(.tmmbr) && limit != nil ? tmmbrDue : .distantFuture
    }

    /// The limit that a TMMBR is to say now.
    mutating func nextTmmbr(at now: Instant) -> Bitrate? {
        guard let limit, now >= tmmbrDue else { return nil }
        tmmbrDue = now + (isConfirmed ? Self.refresh : pause)
        pause = min(pause * 2, Self.refresh)
        if isLifted {
            farewellsSent += 1
            if farewellsSent >= Self.farewells { tmmbrDue = .distantFuture }
        }
        return limit
    }

    /// The limit that a REMB is to say now.
    /// - Parameter withReport: a report is on its way anyway.
    mutating func nextRemb(withReport: Bool) -> Bitrate? {
        guard let limit, withReport || isRembUrgent else { return nil }
        announcedRemb = limit
        if isLifted, withReport {
            farewellsSent += 1
            if farewellsSent >= Self.farewells { forget() }
        }
        return limit
    }

    /// The peer named a limit it keeps to: ours, or a lower one.
    mutating func confirmed(_ bitrate: Bitrate) {
        guard let limit, bitrate <= limit, !isConfirmed else { return }
        isConfirmed = true
        tmmbrDue = isLifted ? .distantFuture : tmmbrDue + Self.refresh
    }

    private var isRembUrgent: Bool {
        guard let limit else { return false }
        guard let announcedRemb else { return true }
        return abs(Double(limit.bitsPerSecond - announcedRemb.bitsPerSecond))
            > Double(announcedRemb.bitsPerSecond) / 10
    }

    private mutating func forget() { self = BitrateRequester() }
}
