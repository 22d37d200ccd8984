import Media

/// What gives way when the machine can't do everything in time. Each keeps those before it. Sound never gives way, and nothing
/// is made to wait: delay stays as it is.
package enum Concession: Int, CaseIterable, Comparable, Sendable {
    case none
    /// Decoders skip the loop filter: blocks show a little.
    case loopFilter
    /// Encoders use their fastest preset: the same rate looks worse.
    case preset
    /// Sites get every other picture.
    case frameRate
    /// Sites get pictures of two thirds of the width and height.
    case size

    /// In `/stats`.
    package var word: String {
        switch self {
        case .none: "none"
        case .loopFilter: "loop-filter"
        case .preset: "preset"
        case .frameRate: "frame-rate"
        case .size: "size"
        }
    }

    package static func < (a: Concession, b: Concession) -> Bool { a.rawValue < b.rawValue }
}

/// Decides what gives way, from what was too late in each second. It gives way after two bad seconds, one step at a time, and takes
/// back after a calm while; a step that it took back too soon it takes back later the next time.
package struct Governor: Sendable {
    /// One second: of each kind of work how much there was, and how much of it came too late or was left out.
    package struct Sample: Hashable, Sendable {
        package struct Work: Hashable, Sendable {
            package var due: Int
            package var missed: Int

            package init(due: Int = 0, missed: Int = 0) {
                self.due = due
                self.missed = missed
            }

            var share: Double { due > 0 ? Double(missed) / Double(due) : 0 }
        }

        /// Ticks of the programs, pictures to be encoded, packets of cameras.
        package var ticks: Work
        package var encodes: Work
        package var packets: Work

        package init(ticks: Work = Work(), encodes: Work = Work(), packets: Work = Work()) {
            self.ticks = ticks
            self.encodes = encodes
            self.packets = packets
        }

        /// The worst of them.
        var missed: Double { max(ticks.share, encodes.share, packets.share) }
    }

    package private(set) var concession = Concession.none
    /// Steps down and up so far.
    package private(set) var gaveWay = 0
    package private(set) var tookBack = 0

    private var badSeconds = 0
    private var calmSince: Instant?
    private var changedAt: Instant?
    private var tookBackAt: Instant?
    private var patience = shortestPatience

    /// Missed work that is a bad second, and that which is none.
    private static let (bad, calm) = (0.05, 0.01)
    /// How long a step needs to show.
    private static let settling = Interval.seconds(3)
    private static let shortestPatience = Interval.seconds(10)
    private static let longestPatience = Interval.seconds(160)
    /// A step that was taken back is good if nothing was bad for so long.
    private static let probation = Interval.seconds(30)

    package init() {}

    /// Takes what a second was like.
    /// - Returns: whether something else gives way now.
    package mutating func handle(_ sample: Sample, at now: Instant) -> Bool {
        if sample.missed > Self.bad {
            badSeconds += 1
            calmSince = nil
        } else {
            badSeconds = 0
            if sample.missed > Self.calm { calmSince = nil } else { calmSince = calmSince ?? now }
        }
        if let tookBackAt, now - tookBackAt >= Self.probation, badSeconds == 0 {
            self.tookBackAt = nil
            patience = Self.shortestPatience
        }
        let hasSettled = changedAt.map { now - $0 >= Self.settling } ?? true
        if badSeconds >= 2, hasSettled, let next = Concession(rawValue: concession.rawValue + 1) {
            if tookBackAt != nil { patience = min(patience * 2, Self.longestPatience) }
            gaveWay += 1
            change(to: next, at: now)
            return true
        }
        if let calmSince, now - calmSince >= patience, let next = Concession(rawValue: concession.rawValue - 1) {
            tookBack += 1
            change(to: next, at: now)
            tookBackAt = now
            return true
        }
        return false
    }

    private mutating func change(to next: Concession, at now: Instant) {
        concession = next
        changedAt = now
        badSeconds = 0
        calmSince = nil
        tookBackAt = nil
    }
}
