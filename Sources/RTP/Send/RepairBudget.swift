import Media

/// What answering NACKs may cost: a token bucket over the bytes sent again, whatever the peer asks for.
package struct RepairBudget: Sendable {
    /// What the encoder is asked for; repairs may take a share of it on top.
    package var target: Bitrate
    private var tokens: Double
    private var tokensInstant: Instant?

    /// At 30 % random loss, repairs of repairs included, 43 % of the packets are sent again.
    private static let share = 0.5
    /// The bucket holds the share of this long: all that one bad moment of the line can take.
    private static let depth = 0.5
    /// Below this part of the bucket only packets of keyframes are repaired: without them no other is worth anything.
    private static let keyframeReserve = 0.25

    package init(target: Bitrate) {
        self.target = target
        tokens = 0
        tokens = most
    }

    /// Takes `bytes` out of the bucket; `false`, and nothing is taken, if there are too few.
    package mutating func take(_ bytes: Int, isKeyframe: Bool, at now: Instant) -> Bool {
        if let tokensInstant, now > tokensInstant {
            tokens += perSecond * (now - tokensInstant).seconds
        }
        tokens = min(tokens, most)
        tokensInstant = max(tokensInstant ?? now, now)
        let left = tokens - Double(bytes)
        guard left >= (isKeyframe ? 0 : most * Self.keyframeReserve) else { return false }
        tokens = left
        return true
    }

    private var perSecond: Double { Double(target.bitsPerSecond) / 8 * Self.share }
    private var most: Double { perSecond * Self.depth }
}
