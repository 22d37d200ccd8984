import Media
import TestSupport
import Testing

@Suite("The simulated line") struct VirtualNetworkTests {
    typealias Line = VirtualNetwork.Line

    /// Sends `count` datagrams of `length` bytes, one each `gap`, and takes all that arrive, as they do.
    private func run(
        _ network: inout VirtualNetwork, count: Int, gap: Interval = .milliseconds(1), length: Int = 100
    ) -> [VirtualNetwork.Delivery] {
        var deliveries: [VirtualNetwork.Delivery] = []
        let start = Instant.zero + .seconds(1)
        for index in 0..<count {
            let now = start + gap * index
            while let delivery = network.receive(by: now) { deliveries.append(delivery) }
            network.send([UInt8](repeating: 0, count: length), tag: index, at: now)
        }
        while let delivery = network.receive(by: .distantFuture) { deliveries.append(delivery) }
        return deliveries
    }

    @Test("same seed same line")
    func sameSeedSameLine() {
        let line = Line(
            jitter: .milliseconds(30), spread: .bursty, loss: 0.1, burst: Line.gilbert(loss: 0.1, meanBurst: 3),
            duplication: 0.05, reordering: 0.05, rate: Bitrate(bitsPerSecond: 1_500_000))
        var first = VirtualNetwork(seed: 5, line: line)
        var second = VirtualNetwork(seed: 5, line: line)
        var third = VirtualNetwork(seed: 6, line: line)
        let arrivals = [run(&first, count: 2000), run(&second, count: 2000), run(&third, count: 2000)].map {
            $0.map(\.arrival)
        }
        #expect(arrivals[0] == arrivals[1])
        #expect(arrivals[0] != arrivals[2])
        #expect(first.tally == second.tally)
    }

    @Test(
        "gilbert loses its share in bursts of its length",
        arguments: [(0.01, 1.0), (0.05, 3.0), (0.1, 3.0), (0.3, 5.0)])
    func gilbertLosesItsShareInBurstsOfItsLength(loss: Double, length: Double) {
        let count = 100_000
        var network = VirtualNetwork(seed: 11, line: Line(burst: Line.gilbert(loss: loss, meanBurst: length)))
        let tags = run(&network, count: count).map(\.tag)
        let gaps = zip([-1] + tags, tags + [count]).map { $1 - $0 - 1 }.filter { $0 > 0 }
        let lost = gaps.reduce(0, +)
        #expect(lost == network.tally.lost)
        #expect(abs(Double(lost) / Double(count) - loss) < loss * 0.1)
        #expect(abs(Double(lost) / Double(gaps.count) - length) < length * 0.1)
    }

    @Test("gilbert at its ends")
    func gilbertAtItsEnds() {
        #expect(Line.gilbert(loss: 0, meanBurst: 3) == (0, 1))
        #expect(Line.gilbert(loss: 1, meanBurst: 3) == (1, 0))
        // Nine of ten lost can't be bursts of 1: nothing is a chance above 1.
        let most = Line.gilbert(loss: 0.9, meanBurst: 1)
        #expect(most.begin <= 1 && abs(most.begin / (most.begin + most.end) - 0.9) < 1e-9)
    }

    @Test("bottleneck passes its rate and drops the tail")
    func bottleneckPassesItsRateAndDropsTheTail() {
        // 1000 bits with the headers: a 1 Mbit/s line passes one a millisecond; they come at twice that.
        let line = Line(
            latency: .zero, rate: Bitrate(bitsPerSecond: 1_000_000), queueLimit: .milliseconds(50))
        var network = VirtualNetwork(seed: 1, line: line)
        let deliveries = run(&network, count: 1000, gap: .microseconds(500), length: 97)
        let times = deliveries.map { $0.arrival.nanoseconds }
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 1_000_000 })
        let waits = deliveries.map { $0.arrival - $0.departure }
        #expect(waits.max().map { $0 > .milliseconds(48) && $0 <= .milliseconds(51) } == true)
        #expect(network.tally.dropped + deliveries.count == 1000)
        #expect((545...555).contains(deliveries.count), "500 ms of the line, and its queue")
    }

    @Test("busy link delays in runs within its limit")
    func busyLinkDelaysInRunsWithinItsLimit() {
        let line = Line(latency: .milliseconds(10), jitter: .milliseconds(60), spread: .bursty)
        var network = VirtualNetwork(seed: 3, line: line)
        let deliveries = run(&network, count: 20_000, gap: .milliseconds(5))
        let waits = deliveries.map { $0.arrival - $0.departure - .milliseconds(10) }
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= .milliseconds(60) })
        let held = waits.filter { $0 > .zero }.count
        #expect((4000...10_000).contains(held), "a third or so of them waits: \(held)")
        // A queue is emptied at once: many arrive with the one before.
        let together = zip(deliveries, deliveries.dropFirst()).filter { $0.arrival == $1.arrival }.count
        #expect(together > held / 2)
        #expect(zip(deliveries, deliveries.dropFirst()).allSatisfy { $0.number < $1.number })
    }

    @Test("stalled line holds all and lets it go at once")
    func stalledLineHoldsAllAndLetsItGoAtOnce() {
        var network = VirtualNetwork(seed: 1, line: Line(latency: .milliseconds(20)))
        network.send([1], at: .zero)
        network.stall(for: .seconds(5), at: .zero + .milliseconds(10))
        for second in 1...4 { network.send([UInt8(second + 1)], at: .zero + .seconds(second)) }
        #expect(network.receive(by: .zero + .milliseconds(5009)) == nil)
        let end = Instant.zero + .milliseconds(5010)
        #expect(network.nextArrival == end)
        for byte in 1...5 {
            let delivery = network.receive(by: end)
            #expect(delivery?.datagram == [UInt8(byte)])
            #expect(delivery?.arrival == end)
        }
        network.send([9], at: end)
        #expect(network.nextArrival == end + .milliseconds(20))
    }

    @Test("stalled line may lose all instead")
    func stalledLineMayLoseAllInstead() {
        var network = VirtualNetwork(seed: 1, line: Line(latency: .milliseconds(20)))
        network.send([1], at: .zero)
        network.stall(for: .seconds(5), .lost, at: .zero + .milliseconds(10))
        network.send([2], at: .zero + .seconds(3))
        network.send([3], at: .zero + .seconds(6))
        #expect(network.receive(by: .distantFuture)?.datagram == [3])
        #expect(network.receive(by: .distantFuture) == nil)
        #expect(network.lost == 2)
    }

    @Test("cut line is whole again")
    func cutLineIsWholeAgain() {
        var network = VirtualNetwork(seed: 1)
        network.send([1], at: .zero)
        network.isCut = true
        network.send([2], at: .zero)
        #expect(network.nextArrival == nil)
        network.isCut = false
        network.send([3], at: .zero)
        #expect(network.receive(by: .distantFuture)?.datagram == [3])
        #expect(network.tally.sent == 3 && network.tally.delivered == 1 && network.tally.lost == 2)
    }

    @Test("standing line holds no more than its capacity")
    func standingLineHoldsNoMoreThanItsCapacity() {
        var network = VirtualNetwork(seed: 1, line: Line(capacity: 100))
        network.stall(for: .seconds(60), at: .zero)
        for index in 0..<1000 { network.send([0], at: .zero + .milliseconds(index)) }
        #expect(network.underwayCount == 100)
        #expect(network.tally.dropped == 900)
    }

    @Test("duplicates and reordered are counted")
    func duplicatesAndReorderedAreCounted() {
        let line = Line(duplication: 0.1, reordering: 0.1, reorderDelay: .milliseconds(5))
        var network = VirtualNetwork(seed: 2, line: line)
        let deliveries = run(&network, count: 5000)
        #expect((400...600).contains(network.tally.duplicated))
        #expect(deliveries.count == 5000 + network.tally.duplicated)
        var latest: UInt64 = 0
        let late = deliveries.filter { delivery in
            defer { latest = max(latest, delivery.number) }
            return delivery.number < latest
        }
        #expect(late.count == network.tally.reordered)
        #expect((400...600).contains(late.count))
    }

    @Test("free jitter lets them overtake")
    func freeJitterLetsThemOvertake() {
        var free = VirtualNetwork(seed: 2, line: Line(jitter: .milliseconds(20), keepsOrder: false))
        var kept = VirtualNetwork(seed: 2, line: Line(jitter: .milliseconds(20)))
        #expect(run(&free, count: 1000).count == 1000 && free.tally.reordered > 200)
        #expect(run(&kept, count: 1000).count == 1000 && kept.tally.reordered == 0)
    }
}
