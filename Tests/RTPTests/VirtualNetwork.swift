import Media
import RTP

/// A line between two ends in virtual time: it delays, loses, doubles and reorders datagrams by a seed.
struct VirtualNetwork {
    /// What the line does.
    struct Line {
        var latency = Interval.milliseconds(20)
        /// Up to this much is added to each datagram's latency, evenly spread.
        var jitter = Interval.zero
        /// Datagrams never overtake each other, however the jitter falls.
        var keepsOrder = true
        /// The share of datagrams lost one by one.
        var loss = 0.0
        /// The chance at each datagram to fall into a burst of loss, and out of it (Gilbert's model).
        var burst = (begin: 0.0, end: 1.0)
        var duplication = 0.0
        /// The share of datagrams held back by `reorderDelay`.
        var reordering = 0.0
        var reorderDelay = Interval.milliseconds(10)
    }

    struct Delivery {
        var datagram: [UInt8]
        var arrival: Instant
    }

    var line: Line
    private(set) var lost = 0
    private var random: SeededGenerator
    private var isInBurst = false
    private var lastArrival = Instant.zero
    /// By arrival, the latest first.
    private var underway: [Delivery] = []

    init(seed: UInt64, line: Line = Line()) {
        self.line = line
        random = SeededGenerator(seed: seed)
    }

    mutating func send(_ datagram: [UInt8], at now: Instant) {
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
    mutating func receive(by now: Instant) -> Delivery? {
        guard let next = underway.last, next.arrival <= now else { return nil }
        return underway.removeLast()
    }

    private mutating func chance(_ share: Double) -> Bool {
        share > 0 && Double.random(in: 0..<1, using: &random) < share
    }
}
