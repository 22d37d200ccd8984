import Media

/// A line between two ends in virtual time: it delays, loses, doubles and reorders datagrams by a seed.
package struct VirtualNetwork {
    /// What the line does.
    package struct Line {
        package var latency: Interval
        /// Up to this much is added to each datagram's latency, evenly spread.
        package var jitter: Interval
        /// Datagrams never overtake each other, however the jitter falls.
        package var keepsOrder: Bool
        /// The share of datagrams lost one by one.
        package var loss: Double
        /// The chance at each datagram to fall into a burst of loss, and out of it (Gilbert's model).
        package var burst: (begin: Double, end: Double)
        package var duplication: Double
        /// The share of datagrams held back by `reorderDelay`.
        package var reordering: Double
        package var reorderDelay: Interval

        package init(
            latency: Interval = .milliseconds(20), jitter: Interval = .zero, keepsOrder: Bool = true, loss: Double = 0,
            burst: (begin: Double, end: Double) = (begin: 0, end: 1), duplication: Double = 0, reordering: Double = 0,
            reorderDelay: Interval = .milliseconds(10)
        ) {
            self.latency = latency
            self.jitter = jitter
            self.keepsOrder = keepsOrder
            self.loss = loss
            self.burst = burst
            self.duplication = duplication
            self.reordering = reordering
            self.reorderDelay = reorderDelay
        }
    }

    package struct Delivery {
        package var datagram: [UInt8]
        package var arrival: Instant
    }

    package var line: Line
    package private(set) var lost = 0
    private var random: SeededGenerator
    private var isInBurst = false
    private var lastArrival = Instant.zero
    /// By arrival, the latest first.
    private var underway: [Delivery] = []

    package init(seed: UInt64, line: Line = Line()) {
        self.line = line
        random = SeededGenerator(seed: seed)
    }

    package mutating func send(_ datagram: [UInt8], at now: Instant) {
        isInBurst = isInBurst ? !chance(line.burst.end) : chance(line.burst.begin)
        guard !isInBurst, !chance(line.loss) else {
            lost += 1
            return
        }
        for _ in 0...(chance(line.duplication) ? 1 : 0) {
            var arrival = now + line.latency
            if line.jitter > .zero {
                arrival += Interval(nanoseconds: Int64.random(in: 0...line.jitter.nanoseconds, using: &random))
            }
            if line.keepsOrder { arrival = max(arrival, lastArrival) }
            lastArrival = max(lastArrival, arrival)
            if chance(line.reordering) { arrival += line.reorderDelay }
            let place = underway.lastIndex { $0.arrival > arrival }.map { $0 + 1 } ?? 0
            underway.insert(Delivery(datagram: datagram, arrival: arrival), at: place)
        }
    }

    /// The next datagram that is there by `now`.
    package mutating func receive(by now: Instant) -> Delivery? {
        guard let next = underway.last, next.arrival <= now else { return nil }
        return underway.removeLast()
    }

    private mutating func chance(_ share: Double) -> Bool {
        share > 0 && Double.random(in: 0..<1, using: &random) < share
    }
}
