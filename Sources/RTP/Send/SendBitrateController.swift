import Media

/// The rate that one site's line carries, by what its RTCP says: losses of reception reports (`LossBasedRate` says by
/// what rule), delays of transport-wide feedback where the site sends it (`DelayTrend`, `DelayBasedRate`), and the
/// limits that REMB and TMMBR set. The least of them counts.
///
/// A site that sends no RTCP gets the nominal rate. All rates are of whole RTP packets, without UDP and IP.
package struct SendBitrateController: ~Copyable {
    /// What the site's last REMB or TMMBR allows; `nil`: anything.
    package var limit: Bitrate?
    private let range: ClosedRange<Double>
    private var lossBased: LossBasedRate
    private var delayBased: DelayBasedRate
    private var trend = DelayTrend()
    private var record = TransportRecord()
    private var roundTrip: Interval?

    /// What was sent since the last loss was known.
    private var sentBytes = 0
    private var sentPackets = 0
    private var sentSince: Instant?

    private var referenceTime: (last: UInt32, unwrapped: Int64)?
    private var lastFeedback: Instant?
    /// Packets that feedback told of since the last loss was known.
    private var told = (arrived: 0, lost: 0)
    private var received = ReceivedRate()
    /// Packets that feedback may still tell of in this second.
    private var statusBudget = mostStatuses
    private var statusWindow = Instant.zero

    /// Estimates lie between these parts of the nominal rate: above it, so that a ladder's margin has room.
    private static let (least, most) = (0.08, 1.5)
    /// A share of fewer packets is chance.
    private static let fewestPackets = 20
    private static let shortestReport = Interval.milliseconds(200)
    /// How often losses by transport-wide feedback are summed up, and how long reception reports are passed over
    /// after one of them: it knows better.
    private static let feedbackReport = Interval.seconds(1)
    /// Statuses looked at in a second, twice what a line of 100 Mbit/s carries: a flood of feedback costs no more.
    private static let mostStatuses = 20_000
    private static let feedbackTrust = Interval.seconds(3)
    /// In units of the peer's clock. A step of more than five minutes is another clock; one that has come as far as this has been
    /// pushed there, and what is reckoned from it would not fit any more.
    private static let longestStep: Int64 = 4_700
    private static let furthestReference: Int64 = 1 << 32

    /// - Parameter nominal: the rate of a site whose line is well; what it starts with.
    package init(nominal: Bitrate) {
        let nominal = Double(max(nominal.bitsPerSecond, 1))
        range = nominal * Self.least...nominal * Self.most
        lossBased = LossBasedRate(nominal: nominal, range: range)
        delayBased = DelayBasedRate(rate: nominal, range: range)
    }

    /// What the line is believed to carry, whatever the site allows.
    package var estimate: Bitrate {
        Bitrate(bitsPerSecond: Int(min(lossBased.rate, lastFeedback == nil ? .infinity : delayBased.rate)))
    }

    /// What to send at most: the estimate, within the limit.
    package var rate: Bitrate { limit.map { min($0, estimate) } ?? estimate }

    /// The share of loss that lowering the rate did not lower.
    package var ownLoss: Double { lossBased.ownLoss }

    /// A packet leaves. - Parameter transportNumber: its transport-wide sequence number, if it carries one.
    package mutating func sent(_ bytes: Int, transportNumber: UInt16?, at now: Instant) {
        sentBytes += bytes
        sentPackets += 1
        if sentSince == nil { sentSince = now }
        if let transportNumber { record.add(transportNumber, size: bytes, at: now) }
    }

    /// A reception report about the stream. - Parameter fractionLost: 0 to 1, since the report before.
    package mutating func report(fractionLost: Double, roundTrip: Interval?, at now: Instant) {
        if let roundTrip { self.roundTrip = roundTrip }
        if let lastFeedback {
            guard now - lastFeedback >= Self.feedbackTrust else { return }
            endFeedback()
        }
        take(loss: fractionLost, at: now)
    }

    private mutating func take(loss: Double, at now: Instant) {
        guard let since = sentSince, now - since >= Self.shortestReport, sentPackets >= Self.fewestPackets else {
            return
        }
        let rate = 8 * Double(sentBytes) / (now - since).seconds
        sentBytes = 0
        sentPackets = 0
        sentSince = now
        lossBased.report(loss: min(max(loss, 0), 1), sent: rate, roundTrip: roundTrip, at: now)
    }

    // MARK: Transport-wide feedback

    /// The feedback control information of an RTPFB message of format 15. `false` if it does not hold together, or is
    /// one of too many.
    @discardableResult
    package mutating func transportFeedback(_ bytes: UnsafeRawBufferPointer, at now: Instant) -> Bool {
        guard admits(TransportFeedback.claimedCount(bytes), at: now), var feedback = TransportFeedback(bytes) else {
            return false
        }
        let reference = unwrap(feedback.referenceTime)
        var hasNews = false
        while let status = feedback.next() {
            // Never sent, or known already: what a peer says twice, or makes up, counts for nothing.
            guard let packet = record.open(status.number), now >= packet.sentAt else { continue }
            guard let arrival = status.arrival else {
                told.lost += 1
                continue
            }
            record.close(status.number)
            hasNews = true
            told.arrived += 1
            trend.add(sentAt: packet.sentAt, arrival: reference + arrival)
            received.add(packet.size, at: reference + arrival)
        }
        guard hasNews else { return true }
        lastFeedback = now
        delayBased.update(trend.usage, received: received, roundTrip: roundTrip, at: now)
        if let since = sentSince, now - since >= Self.feedbackReport {
            take(loss: Double(told.lost) / Double(max(told.lost + told.arrived, 1)), at: now)
            told = (0, 0)
        }
        return true
    }

    /// The site reports, but its feedback has ceased: what that said holds no longer.
    private mutating func endFeedback() {
        lastFeedback = nil
        delayBased = DelayBasedRate(rate: lossBased.rate, range: range)
        trend = DelayTrend()
        received = ReceivedRate()
        told = (0, 0)
    }

    private mutating func admits(_ statuses: Int, at now: Instant) -> Bool {
        if now - statusWindow >= .seconds(1) {
            statusWindow = now
            statusBudget = Self.mostStatuses
        }
        statusBudget -= statuses
        return statusBudget >= 0
    }

    /// The peer's clock, 64 bits wide: it wraps after 12 days. Where it jumps all begins anew.
    private mutating func unwrap(_ time: UInt32) -> Interval {
        var unwrapped = Int64(time)
        if let (last, before) = referenceTime {
            let step = Int64(Int32(bitPattern: (time &- last) << 8) >> 8)
            if abs(step) <= Self.longestStep, abs(before + step) <= Self.furthestReference {
                unwrapped = before + step
            } else {
                trend = DelayTrend()
                received = ReceivedRate()
            }
        }
        referenceTime = (time, unwrapped)
        return Interval(nanoseconds: unwrapped * TransportFeedback.referenceUnit.nanoseconds)
    }
}
