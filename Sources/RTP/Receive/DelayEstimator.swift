import Glibc
import Media

/// How long sound must wait so that nearly all of its packets are there when they are due.
///
/// Each packet's delay is measured against the fastest one of the last seconds and goes into a histogram that forgets.
/// The estimate is its 96 % quantile. A packet that came too late lifts it at once; that wears off steadily.
package struct DelayEstimator: Sendable {
    /// Buckets of 5 ms.
    private static let bucketWidth = Interval.milliseconds(5)
    private static let bucketCount = 128
    /// The share of packets that are to be in time.
    private static let quantile: Float = 0.96
    /// After this long a burst has sunk below what the quantile leaves out.
    private static let memory = Interval.milliseconds(2500)
    /// How fast the lift by a late packet wears off: milliseconds per second.
    private static let decay: Int64 = 80
    /// The fastest packet is looked for in two spans of this length, the running one and the one before.
    private static let baseSpan = Interval.seconds(2)

    private var histogram = [Float](repeating: 0, count: bucketCount)
    /// The share of itself that the histogram keeps when a packet of `keepDuration` ticks comes.
    private var keep: Float = 0
    private var keepDuration: Int64 = 0
    private var base: (running: Int64, earlier: Int64) = (.max, .max)
    private var baseStart = Instant.zero
    /// The delay of the last packet that came too late, and when it did.
    private var lift: (delay: Interval, since: Instant)?
    private var quantileDelay = Interval.zero

    package init() {}

    /// Takes note of a packet.
    /// - Parameters:
    ///   - timestamp: in ticks of 1/48000 s.
    ///   - duration: of the packet, in ticks.
    /// - Returns: how much later it came than the fastest one of the last seconds.
    @discardableResult
    package mutating func add(timestamp: Int64, duration: Int64, arrival: Instant) -> Interval {
        let transit = arrival.nanoseconds &- Self.nanoseconds(timestamp)
        if arrival - baseStart >= Self.baseSpan || base.running == .max {
            base.earlier = base.running
            base.running = transit
            baseStart = arrival
        }
        base.running = min(base.running, transit)
        let delay = Interval(nanoseconds: max(0, transit &- min(base.running, base.earlier)))
        record(delay, duration)
        return delay
    }

    /// The packet with this delay came too late: the estimate covers it from now on.
    package mutating func late(by delay: Interval, at now: Instant) {
        if delay > lifted(at: now) { lift = (delay, now) }
    }

    /// The wait that lets nearly all packets be in time.
    package func estimate(at now: Instant) -> Interval { max(quantileDelay, lifted(at: now)) }

    /// Another stream begins: the old delays mean nothing for it.
    package mutating func reset() {
        for index in histogram.indices { histogram[index] = 0 }
        base = (.max, .max)
        lift = nil
        quantileDelay = .zero
    }

    private func lifted(at now: Instant) -> Interval {
        guard let lift else { return .zero }
        let worn = (now - lift.since).nanoseconds * Self.decay / 1000
        return max(.zero, Interval(nanoseconds: lift.delay.nanoseconds - worn))
    }

    private mutating func record(_ delay: Interval, _ duration: Int64) {
        if duration != keepDuration {
            // `keep` to the number of packets in `memory` is what the quantile leaves out.
            let packets = Float(Self.memory.nanoseconds) / Float(max(1, Self.nanoseconds(duration)))
            keep = pow(1 - Self.quantile, 1 / packets)
            keepDuration = duration
        }
        let bucket = min(Self.bucketCount - 1, Int(delay.nanoseconds / Self.bucketWidth.nanoseconds))
        var total: Float = 0
        for index in 0..<Self.bucketCount {
            histogram[index] *= keep
            total += histogram[index]
        }
        histogram[bucket] += 1 - keep
        total += 1 - keep
        var covered: Float = 0
        var index = -1
        while covered < total * Self.quantile, index < Self.bucketCount - 1 {
            index += 1
            covered += histogram[index]
        }
        // The bucket's upper edge, but nothing where all packets are as fast as the fastest.
        quantileDelay = index <= 0 ? .zero : Self.bucketWidth * (index + 1)
    }

    private static func nanoseconds(_ ticks: Int64) -> Int64 { ticks &* 62_500 / 3 }
}
