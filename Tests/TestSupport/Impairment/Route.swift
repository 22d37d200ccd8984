import Media

/// One route of the relay while it runs: two sockets, and the counts of what passed. Confined to the relay's thread.
final class Route {
    let specification: RouteSpecification
    /// Its place among the relay's lines.
    let line: Int
    /// Bound where the sender sends to.
    let inner: RelaySocket
    /// Bound where the target sees us come from: one socket for the route's whole life.
    let outer: RelaySocket
    /// Where answers go.
    private var answersTo: SocketAddress?
    private(set) var counts: (there: PassageCount, back: PassageCount) = (PassageCount(), PassageCount())
    private var hostile: HostileDatagrams
    private var flood: Flood?
    private(set) var garbage = 0

    /// Garbage under way: so many a second, until an instant.
    private struct Flood {
        var start: Instant
        var end: Instant
        var rate: Int
        var sent = 0

        func owed(at now: Instant) -> Int {
            Int(max(.zero, min(now, end) - start).seconds * Double(rate)) - sent
        }
    }

    init(_ specification: RouteSpecification, line: Int) throws(ImpairmentError) {
        self.specification = specification
        self.line = line
        inner = try RelaySocket(specification.listen)
        outer = try RelaySocket(specification.source ?? specification.listen.with(port: 0))
        answersTo = specification.back
        hostile = HostileDatagrams(seed: specification.seed ^ 0x2545_F491_4F6C_DD1D)
    }

    func take(_ datagram: [UInt8], from source: SocketAddress, going direction: DuplexLine.Direction) {
        guard direction == .there else {
            counts.back.received += 1
            return
        }
        counts.there.received += 1
        if specification.back == nil { answersTo = source }
        hostile.learn(datagram)
        if let tap = specification.tap { inner.send(datagram, to: tap) }
    }

    func deliver(_ delivery: VirtualNetwork.Delivery, going direction: DuplexLine.Direction, at now: Instant) {
        switch direction {
        case .there:
            counts.there.add(delivery, at: now)
            outer.send(delivery.datagram, to: specification.target)
        case .back:
            counts.back.add(delivery, at: now)
            guard let answersTo else { return }
            inner.send(delivery.datagram, to: answersTo)
        }
    }

    func flood(_ rate: Int, for length: Interval, at now: Instant) {
        flood = Flood(start: now, end: now + length, rate: rate)
    }

    /// Sends the garbage that is due.
    func sendGarbage(at now: Instant) {
        guard let owed = flood?.owed(at: now) else { return }
        // A relay that was held up doesn't make up for it in one blow.
        for _ in 0..<min(owed, Self.largestBlow) { outer.send(hostile.make().datagram, to: specification.target) }
        flood?.sent += owed
        garbage += min(owed, Self.largestBlow)
        if let end = flood?.end, now >= end { flood = nil }
    }

    /// When the next garbage is due.
    func nextGarbage(after now: Instant) -> Instant { flood == nil ? .distantFuture : now + .milliseconds(1) }

    private static let largestBlow = 1000
}

/// What passed a route one way.
struct PassageCount {
    var received = 0
    private(set) var passed = 0
    private(set) var delays = Interval.zero
    private(set) var longestDelay = Interval.zero
    /// The longest time the relay itself was late by.
    private(set) var lateness = Interval.zero

    mutating func add(_ delivery: VirtualNetwork.Delivery, at now: Instant) {
        passed += 1
        delays = delays + (now - delivery.departure)
        longestDelay = max(longestDelay, now - delivery.departure)
        lateness = max(lateness, now - delivery.arrival)
    }

    var meanDelay: Interval { passed > 0 ? delays / passed : .zero }
}
