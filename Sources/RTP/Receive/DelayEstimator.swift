import Glibc
import Media

/// How long sound must wait so that nearly all of its packets are there when they are due.
///
/// Each packet's delay is measured against the fastest one of the last seconds. The estimate is the 96 % quantile of the
/// last seconds' delays. A packet that came too late lifts it at once; that wears off steadily. Where copies of packets
/// come by a second, slower line, the estimate covers them as well.
package struct DelayEstimator: Sendable {
    /// After this long a burst has sunk below what the quantile leaves out.
    private static let memory = Interval.milliseconds(2500)
    /// How fast the lift by a late packet wears off: milliseconds per second.
    private static let decay: Int64 = 80
    /// The fastest packet is looked for in two spans of this length, the running one and the one before.
    private static let baseSpan = Interval.seconds(2)
    /// After this long without a packet the old base means nothing: clocks drift.
    private static let longestSilence = Interval.seconds(15)
    /// Packets that all lie further off than jitter reaches, for this long, are the new normal.
    private static let patience = Interval.milliseconds(400)
    /// A second line that sent no copy for this long is no longer waited for.
    private static let copyLife = Interval.seconds(1)

    private var delays = DelayHistogram()
    private var copies = DelayHistogram()
    private var lastCopy: Instant?
    /// The share of itself that the histogram keeps when a packet of `keepDuration` ticks comes.
    private var keep: Float = 0
    private var keepDuration: Int64 = 0
    /// The least transit of the running span and of the one before, in nanoseconds.
    private var least: (running: Int64, earlier: Int64) = (.max, .max)
    private var spanStart = Instant.zero
    private var lastArrival = Instant.zero
    /// Since when all packets came later than the histogram reaches, and the fastest of them.
    private var outlying: (since: Instant, least: Int64)?
    /// The transit of the last packet that came too late, and when it did.
    private var lift: (transit: Int64, since: Instant)?

    package init() {}

    /// Takes note of a packet.
    /// - Parameters:
    ///   - timestamp: in ticks of 1/48000 s.
    ///   - duration: of the packet, in ticks.
    /// - Returns: how much later it came than the fastest one of the last seconds.
    @discardableResult
    package mutating func add(timestamp: Int64, duration: Int64, arrival: Instant) -> Interval {
        let transit = arrival.nanoseconds &- Self.nanoseconds(timestamp)
        measure(transit, at: arrival)
        adapt(to: duration)
        delays.add(transit: transit, base: base, keep: keep)
        return Interval(nanoseconds: max(0, transit &- base))
    }

    /// Takes note of a packet that another line had brought already.
    package mutating func addCopy(timestamp: Int64, duration: Int64, arrival: Instant) {
        guard base != .max else { return }
        adapt(to: duration)
        let transit = max(base, arrival.nanoseconds &- Self.nanoseconds(timestamp))
        copies.add(transit: transit, base: base, keep: keep)
        lastCopy = arrival
    }

    /// The packet with this delay came too late: the estimate covers it from now on.
    package mutating func late(by delay: Interval, at now: Instant) {
        if delay > lifted(at: now) { lift = (base &+ delay.nanoseconds, now) }
    }

    /// The wait that lets nearly all packets be in time.
    package func estimate(at now: Instant) -> Interval {
        guard base != .max else { return .zero }
        var needed = max(Interval(nanoseconds: (delays.transit ?? base) &- base), lifted(at: now))
        if let lastCopy, now - lastCopy < Self.copyLife, let slower = copies.transit {
            needed = max(needed, Interval(nanoseconds: slower &- base))
        }
        return min(max(.zero, needed), Interval(nanoseconds: DelayHistogram.range))
    }

    /// How long the fastest packets have waited when the sample of this timestamp is played.
    package func wait(of timestamp: Int64, playedAt now: Instant) -> Interval {
        guard base != .max else { return .zero }
        let wait = now.nanoseconds &- Self.nanoseconds(timestamp) &- base
        return min(max(.seconds(-100), Interval(nanoseconds: wait)), .seconds(100))
    }

    /// Another stream begins: the old delays mean nothing for it.
    package mutating func reset() {
        delays.removeAll()
        copies.removeAll()
        least = (.max, .max)
        lastCopy = nil
        outlying = nil
        lift = nil
    }

    /// The transit of the fastest packet of the last seconds.
    private var base: Int64 { min(least.running, least.earlier) }

    private mutating func measure(_ transit: Int64, at arrival: Instant) {
        if arrival - lastArrival > Self.longestSilence { least = (.max, .max) }
        lastArrival = arrival
        noteStep(transit, at: arrival)
        if least.running == .max || arrival - spanStart >= Self.baseSpan {
            least = (transit, least.running)
            spanStart = arrival
        }
        least.running = min(least.running, transit)
    }

    /// A sender that sets its timestamps back by less than makes a new stream looks like a line that became slower by
    /// seconds at once: without this the delays would be measured against the old base until that is forgotten.
    private mutating func noteStep(_ transit: Int64, at arrival: Instant) {
        guard base != .max, transit &- base > DelayHistogram.range else {
            outlying = nil
            return
        }
        let step = (since: outlying?.since ?? arrival, least: min(outlying?.least ?? transit, transit))
        outlying = step
        // A stall that ends in a burst has its fastest packet last; a step has all of them alike.
        guard arrival - step.since >= Self.patience else { return }
        reset()
        least = (step.least, .max)
        spanStart = arrival
    }

    private func lifted(at now: Instant) -> Interval {
        guard let lift, base != .max else { return .zero }
        let worn = (now - lift.since).nanoseconds / 1000 &* Self.decay
        let left = lift.transit &- base
        // Beyond what jitter reaches, the base has stepped.
        guard left <= DelayHistogram.range else { return .zero }
        return max(.zero, Interval(nanoseconds: left &- worn))
    }

    private mutating func adapt(to duration: Int64) {
        guard duration != keepDuration else { return }
        // `keep` to the number of packets in `memory` is what the quantile leaves out.
        let packets = Float(Self.memory.nanoseconds) / Float(max(1, Self.nanoseconds(duration)))
        keep = pow(1 - DelayHistogram.quantile, 1 / packets)
        keepDuration = duration
    }

    private static func nanoseconds(_ ticks: Int64) -> Int64 { ticks &* 62_500 / 3 }
}
