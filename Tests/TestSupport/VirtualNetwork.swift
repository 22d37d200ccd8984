import Media

/// A line between two ends in virtual time: it delays, loses, doubles, reorders and throttles datagrams by a seed.
///
/// One way: a call needs two. The same seed, line and times give the same deliveries.
package struct VirtualNetwork {
    package struct Delivery {
        package var datagram: [UInt8]
        /// When it was sent.
        package var departure: Instant
        package var arrival: Instant
        /// How many were sent before it.
        package var number: UInt64
        /// What the sender called it.
        package var tag: Int
    }

    /// What becomes of datagrams while the line stands still.
    package enum StallKind: Sendable {
        /// They wait, and arrive all at once when it moves again.
        case held
        /// They are gone, those under way included.
        case lost
    }

    /// How many datagrams met which fate. Every one sent is delivered, under way, or in one of the losses; a duplicate
    /// is one more.
    package struct Tally: Equatable, Sendable {
        package var sent = 0
        /// Arrived, duplicates included.
        package var delivered = 0
        /// Lost by chance, or while the line was cut or stalled.
        package var lost = 0
        /// Dropped in front of the bottleneck, or for want of room.
        package var dropped = 0
        package var duplicated = 0
        /// Arrived after one that was sent later.
        package var reordered = 0
    }

    package var line: Line
    /// A cut line loses everything; cutting it loses what is under way.
    package var isCut = false {
        didSet { if isCut { loseUnderway() } }
    }
    package private(set) var tally = Tally()
    /// Datagrams lost by chance, cut or stall so far.
    package var lost: Int { tally.lost }

    private var random: SeededGenerator
    private var isInBurst = false
    private var lastArrival = Instant.zero
    /// When the bottleneck has sent what it has taken.
    private var bottleneckFree = Instant.zero
    private var crossTraffic = CrossTraffic()
    private var stall: (end: Instant, kind: StallKind) = (.zero, .held)
    private var latestDelivered: UInt64 = 0
    private var underway = DeliveryQueue()

    package init(seed: UInt64, line: Line = Line()) {
        self.line = line
        random = SeededGenerator(seed: seed)
    }

    /// - Parameter tag: comes back with the delivery: several streams can share one line.
    package mutating func send(_ datagram: [UInt8], tag: Int = 0, at now: Instant) {
        let number = UInt64(tally.sent)
        tally.sent += 1
        guard !isCut, !(now < stall.end && stall.kind == .lost) else {
            tally.lost += 1
            return
        }
        guard let departure = passBottleneck(datagram.count, at: now) else {
            tally.dropped += 1
            return
        }
        isInBurst = isInBurst ? !chance(line.burst.end) : chance(line.burst.begin)
        guard !isInBurst, !chance(line.loss) else {
            tally.lost += 1
            return
        }
        let copies = chance(line.duplication) ? 2 : 1
        tally.duplicated += copies - 1
        for _ in 0..<copies {
            guard underway.size < line.capacity else {
                tally.dropped += 1
                continue
            }
            let delivery = Delivery(
                datagram: datagram, departure: now, arrival: arrival(departing: departure), number: number, tag: tag)
            underway.insert(delivery)
        }
    }

    /// Nothing arrives for `interval` from `now` on.
    package mutating func stall(for interval: Interval, _ kind: StallKind = .held, at now: Instant) {
        stall = (now + interval, kind)
        if kind == .lost { loseUnderway() }
    }

    /// The next datagram that is there by `now`.
    package mutating func receive(by now: Instant) -> Delivery? {
        guard let due = nextArrival, due <= now, var next = underway.removeFirst() else { return nil }
        next.arrival = due
        tally.delivered += 1
        if next.number < latestDelivered { tally.reordered += 1 }
        latestDelivered = max(latestDelivered, next.number)
        return next
    }

    /// When the next datagram arrives; `nil` if none is under way.
    package var nextArrival: Instant? { underway.first.map { max($0.arrival, stall.end) } }

    /// How many datagrams are under way.
    package var underwayCount: Int { underway.size }

    /// When a datagram has left the bottleneck, or `nil` if its queue is full.
    private mutating func passBottleneck(_ length: Int, at now: Instant) -> Instant? {
        guard let rate = line.rate else { return now }
        let start = max(now, bottleneckFree)
        guard start - now <= line.queueLimit else { return nil }
        let bits = Double((length + Self.headerLength) * 8)
        bottleneckFree = start + Interval(nanoseconds: Int64(bits * 1e9 / Double(max(1, rate.bitsPerSecond))))
        return bottleneckFree
    }

    private mutating func arrival(departing departure: Instant) -> Instant {
        var arrival = departure + line.latency
        if line.jitter > .zero {
            switch line.spread {
            case .uniform:
                arrival += Interval(nanoseconds: Int64.random(in: 0...line.jitter.nanoseconds, using: &random))
            case .bursty: arrival += crossTraffic.wait(at: departure, longest: line.jitter, random: &random)
            }
        }
        if line.keepsOrder { arrival = max(arrival, lastArrival) }
        lastArrival = max(lastArrival, arrival)
        if chance(line.reordering) { arrival += line.reorderDelay }
        return arrival
    }

    private mutating func loseUnderway() {
        tally.lost += underway.size
        underway.removeAll()
    }

    private mutating func chance(_ share: Double) -> Bool {
        share > 0 && Double.random(in: 0..<1, using: &random) < share
    }

    /// IPv4 and UDP, without Ethernet: what links are sold by.
    private static let headerLength = 28
}
