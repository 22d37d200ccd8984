import Media

/// The rate that a site's losses allow. In bits per second.
///
/// Above 10 % loss the rate falls by half of the loss, under 2 % it grows by 8 % a second, between them it holds
/// (draft-ietf-rmcat-gcc-02 section 6); with a round trip far above its shortest it falls a little instead of holding.
///
/// Loss that has nothing to do with the rate must not starve a line. So the first decrease begins a trial: once a
/// quarter less is sent, the loss is held against what it would be now if the rate were its cause, `1 - (1 - loss) *
/// before / now`. Where it is nearer to what it was, lowering does not help: the rate goes back up, and that much loss
/// counts as the line's own from then on. Only the loss above it counts, until it wears off or a new trial finds more.
/// No line's own loss is taken to be above 35 %, nor any while the round trip says that a queue is full. Up to 15 %
/// loss the rate stays at half of the nominal one; above, it falls further.
struct LossBasedRate: Sendable {
    private(set) var rate: Double
    /// Loss that lowering the rate does not lower, 0 to 0.35.
    private(set) var ownLoss = 0.0
    /// The most that a trial has found; `ownLoss` does not creep above it.
    private var provenLoss = 0.0
    private var trial: (loss: Double, sent: Double, rate: Double)?
    private let range: ClosedRange<Double>
    private let softFloor: Double
    private var shortestRoundTrip: Interval?
    private var lastReport: Instant?

    private static let growthPerSecond = 1.08
    private static let (low, high, alarming) = (0.02, 0.10, 0.15)
    private static let mostOwnLoss = 0.35
    private static let trialShare = 0.75
    /// A standing queue: this much, and half as much again as the shortest round trip.
    private static let queueDelay = Interval.milliseconds(60)

    init(nominal: Double, range: ClosedRange<Double>) {
        rate = nominal
        self.range = range
        softFloor = nominal / 2
    }

    /// - Parameters:
    ///   - loss: 0 to 1, since the last report.
    ///   - sent: bits per second sent meanwhile.
    mutating func report(loss: Double, sent: Double, roundTrip: Interval?, at now: Instant) {
        let elapsed = min((now - (lastReport ?? now)).seconds, 5)
        lastReport = now
        let hasQueue = hasQueue(roundTrip)
        if let trial, sent <= Self.trialShare * trial.sent {
            judge(trial, loss: loss, sent: sent, hasQueue: hasQueue)
        }
        follow(loss)
        let excess = max(0, (loss - ownLoss) / (1 - ownLoss))
        if excess > Self.high {
            if trial == nil { trial = (loss, sent, rate) }
            reduce(by: excess / 2, sent: sent, floor: excess > Self.alarming || hasQueue ? range.lowerBound : softFloor)
        } else if excess > Self.low + ownLoss / 4 || hasQueue {
            // Loss by chance swings: a line's own is not taken for more at each swing.
            if hasQueue, excess > Self.low { reduce(by: 0.05, sent: sent, floor: range.lowerBound) }
        } else if rate < 2 * sent {
            // Above what was tried the line is unknown: twice as much is as far as a guess goes.
            clamp(rate * (1 + (Self.growthPerSecond - 1) * elapsed))
        }
        if excess <= Self.low { trial = nil }
    }

    /// Less was sent: was that of any help?
    private mutating func judge(
        _ trial: (loss: Double, sent: Double, rate: Double), loss: Double, sent: Double, hasQueue: Bool
    ) {
        self.trial = nil
        let expected = max(ownLoss, 1 - (1 - trial.loss) * trial.sent / max(sent, 1))
        guard !hasQueue, loss > (trial.loss + expected) / 2, loss <= Self.mostOwnLoss else { return }
        provenLoss = max(loss, min(trial.loss, Self.mostOwnLoss))
        ownLoss = (loss + provenLoss) / 2
        clamp(max(rate, trial.rate))
    }

    /// A line's own loss wears off with the loss, and comes back up to what was proven.
    private mutating func follow(_ loss: Double) {
        guard ownLoss > 0 else { return }
        if loss < Self.low {
            (ownLoss, provenLoss) = (ownLoss / 2, provenLoss / 2)
            if provenLoss < Self.low { (ownLoss, provenLoss) = (0, 0) }
        } else {
            ownLoss = min(ownLoss + (loss - ownLoss) / 10, provenLoss)
        }
    }

    private mutating func reduce(by share: Double, sent: Double, floor: Double) {
        // From what is sent, since what was never sent is no cause; but a still picture must not drag the rate along.
        let base = min(rate, max(sent, rate / 2))
        clamp(min(rate, max(base * (1 - share), floor)))
    }

    private mutating func hasQueue(_ roundTrip: Interval?) -> Bool {
        guard let roundTrip else { return false }
        guard let shortest = shortestRoundTrip, roundTrip > shortest else {
            shortestRoundTrip = roundTrip
            return false
        }
        // Routes change: the shortest one is forgotten slowly.
        shortestRoundTrip = shortest + (roundTrip - shortest) / 64
        return roundTrip - shortest > max(Self.queueDelay, shortest / 2)
    }

    private mutating func clamp(_ rate: Double) {
        self.rate = min(max(rate, range.lowerBound), range.upperBound)
    }
}
