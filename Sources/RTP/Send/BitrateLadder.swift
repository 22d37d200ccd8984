import Media

/// The few rates at which a site's picture is encoded, so that sites share encodes, and which of them its line carries.
///
/// Down at once when the line carries less than the rung needs, one move a second, to the rung that fits. Up one rung
/// after the estimate has stayed 15 % above that rung's need for 5 s. An upward move that fails within 10 s doubles the
/// pause before the next, to a minute; one that holds longer ends the pause.
package struct BitrateLadder: Sendable {
    package struct Rung: Equatable, Sendable {
        /// 0 is the top.
        package var index: Int
        /// Of the nominal rate.
        package var share: Double
        /// Whether half the frame rate is the better use of so few bits.
        package var halvesFrameRate: Bool

        /// The encoder's rate on this rung.
        package func bitrate(of nominal: Bitrate) -> Bitrate {
            max(.leastPicture, Bitrate(bitsPerSecond: Int(Double(nominal.bitsPerSecond) * share)))
        }
    }

    package static let rungs = [1, 0.7, 0.5, 0.35, 0.25, 0.15].enumerated().map {
        Rung(index: $0.offset, share: $0.element, halvesFrameRate: $0.element <= 0.25)
    }

    package let nominal: Bitrate
    package private(set) var rung = rungs[0]
    /// Moves since the start.
    package private(set) var moves = (down: 0, up: 0)
    private var lastMove: Instant?
    private var lastUp: Instant?
    private var lastDown: Instant?
    /// Since when the next rung up would fit.
    private var fitsSince: Instant?
    private var pause = shortestPause

    private static let margin = 1.15
    private static let shortestMove = Interval.seconds(1)
    private static let shortestPause = Interval.seconds(5)
    private static let longestPause = Interval.seconds(60)
    private static let probation = Interval.seconds(10)

    package init(nominal: Bitrate) { self.nominal = nominal }

    /// The rung for a line that carries `estimate`. To be called at least once a second.
    /// - Parameter limit: what the site asked us not to exceed: no margin is kept from it.
    package mutating func update(_ estimate: Bitrate, limit: Bitrate? = nil, at now: Instant) -> Rung {
        let ceiling = limit ?? Bitrate(bitsPerSecond: .max)
        if let lastUp, now - lastUp > Self.probation { settle() }
        guard min(estimate, ceiling) >= need(rung) || rung.index == Self.rungs.count - 1 else {
            moveDown(to: min(estimate, ceiling), at: now)
            return rung
        }
        guard rung.index > 0 else { return rung }
        let next = Self.rungs[rung.index - 1]
        let wanted = Double(need(next).bitsPerSecond) * Self.margin
        guard Double(estimate.bitsPerSecond) >= wanted, ceiling >= need(next) else {
            fitsSince = nil
            return rung
        }
        let since = fitsSince ?? now
        fitsSince = since
        let hasPaused = lastDown.map { now - $0 >= pause } ?? true
        if now - since >= Self.shortestPause, hasPaused {
            move(to: next, at: now)
            moves.up += 1
            lastUp = now
            // The next rung has its own five seconds to show that it fits.
            fitsSince = nil
        }
        return rung
    }

    private mutating func moveDown(to rate: Bitrate, at now: Instant) {
        fitsSince = nil
        if let lastMove, now - lastMove < Self.shortestMove { return }
        if lastUp != nil {
            pause = min(pause * 2, Self.longestPause)
            lastUp = nil
        }
        move(to: Self.rungs.first { need($0) <= rate } ?? Self.rungs[Self.rungs.count - 1], at: now)
        moves.down += 1
        lastDown = now
    }

    /// The last move up was right.
    private mutating func settle() {
        lastUp = nil
        pause = Self.shortestPause
    }

    private mutating func move(to rung: Rung, at now: Instant) {
        self.rung = rung
        lastMove = now
    }

    private func need(_ rung: Rung) -> Bitrate { rung.bitrate(of: nominal) }
}
