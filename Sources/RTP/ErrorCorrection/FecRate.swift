import Media

/// How much ULPFEC a line gets: follows the loss that the peer reports up at once and down slowly, since losses come in
/// spells and a report covers only a second or two.
package struct FecRate: Equatable, Sendable {
    /// The loss falls by half in this time while the reports say less.
    package static let halving = Interval.seconds(5)
    /// Losses below this are left to retransmission.
    package static let leastLoss = 0.005
    package static let mostOverhead = 0.5

    /// What is protected against, 0 to 1.
    package private(set) var loss = 0.0
    private var updated: Instant?

    package init() {}

    /// FEC packets per media packet, 0 to 0.5.
    package var overhead: Double { Self.overhead(forLoss: loss) }

    /// Takes the fraction lost of one report block (RFC 3550 section 6.4.1), 0 to 1.
    package mutating func update(fractionLost: Double, at now: Instant) {
        let reported = fractionLost.isFinite ? min(1, max(0, fractionLost)) : 0
        if let updated, now > updated {
            // Below one interval of halving a straight line is near enough to the curve.
            var passed = now - updated
            while passed >= Self.halving, loss > 1e-6 {
                loss /= 2
                passed = passed - Self.halving
            }
            if loss > 1e-6 {
                loss *= 1 - 0.5 * Double(passed.nanoseconds) / Double(Self.halving.nanoseconds)
            } else {
                loss = 0
            }
        }
        updated = max(now, updated ?? now)
        loss = max(loss, reported)
    }

    /// Twice the loss: FEC packets are lost as well, and losses don't come evenly spread.
    package static func overhead(forLoss loss: Double) -> Double {
        loss >= leastLoss ? min(mostOverhead, 2 * loss) : 0
    }
}
