import Media
import RTP
import Testing

@Suite struct DelayTrendTests {
    /// Packets every 10 ms; `delay` gives each one's, in milliseconds.
    private func usages(_ count: Int, delay: (Int) -> Double) -> [DelayTrend.Usage] {
        var trend = DelayTrend()
        return (0..<count).map { index in
            let sent = Instant.milliseconds(10 * index)
            let arrival = Interval(nanoseconds: sent.nanoseconds + Int64(delay(index) * 1e6))
            trend.add(sentAt: sent, arrival: arrival)
            return trend.usage
        }
    }

    @Test func `a steady delay is normal, whatever the clocks say`() {
        let found = usages(500) { _ in 5_000_000 }
        #expect(found.allSatisfy { $0 == .normal })
    }

    @Test func `a queue that grows is noticed within half a second`() {
        let found = usages(300) { $0 < 200 ? 20 : 20 + Double($0 - 200) * 2 }
        #expect(found[..<200].allSatisfy { $0 == .normal })
        #expect(found[200..<250].contains(.over))
    }

    @Test func `a queue that drains is noticed`() {
        let found = usages(400) { $0 < 200 ? 200 : max(0, 200 - Double($0 - 200) * 4) }
        #expect(found[200..<260].contains(.under) && !found.contains(.over))
        #expect(found.last == .normal)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `jitter is no queue`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let found = usages(6000) { _ in Double.random(in: 20...28, using: &random) }
        let over = found.count { $0 == .over }
        #expect(over <= 60, "\(over) of 6000")
    }

    @Test func `a clock that drifts by 300 ppm is no queue`() {
        let found = usages(20_000) { 20 + Double($0) * 0.003 }
        #expect(found.allSatisfy { $0 == .normal })
    }

    @Test func `a clock that is set begins anew`() {
        let found = usages(400) { $0 < 200 ? 20 : -3_600_000 }
        #expect(!found.contains(.over) && found.last == .normal)
    }
}
