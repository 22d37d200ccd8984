import Media
import RTP
import Testing

@Suite struct NackGeneratorTests {
    private func drain(_ generator: inout NackGenerator, at milliseconds: Int) -> [Int64] {
        var found: [Int64] = []
        while let sequence = generator.next(at: .milliseconds(milliseconds)) { found.append(sequence) }
        return found
    }

    /// The instants, in whole milliseconds up to `end`, at which `sequence` is asked for.
    private func requests(_ generator: inout NackGenerator, from start: Int, to end: Int) -> [Int] {
        (start...end).filter { !drain(&generator, at: $0).isEmpty }
    }

    @Test func `a gap is asked for at once, then each round trip and a quarter`() {
        var generator = NackGenerator()
        generator.noteRoundTrip(.milliseconds(40))
        #expect(generator.deadline == .distantFuture)
        _ = generator.missing(10..<13, at: .milliseconds(1000))
        #expect(generator.deadline == .milliseconds(1000))
        #expect(drain(&generator, at: 1000) == [10, 11, 12])
        #expect(generator.deadline == .milliseconds(1050))
        generator.arrived(11, .line, at: .milliseconds(1041))
        #expect(drain(&generator, at: 1049) == [])
        #expect(drain(&generator, at: 1050) == [10, 12])
        generator.giveUp(before: 12)
        #expect(requests(&generator, from: 1051, to: 1200) == [1100, 1150, 1200])
        generator.giveUp(before: 13)
        #expect(generator.deadline == .distantFuture && generator.outstanding == 0)
        #expect(generator.statistics.repaired == 1 && generator.statistics.abandoned == 2)
    }

    @Test func `on a line that loses requests each is said again at once, until it loses none`() {
        var generator = NackGenerator()
        generator.noteRoundTrip(.milliseconds(40))
        func lose(_ sequence: Int64, rounds: Int, at start: Int) -> [Int] {
            _ = generator.missing(sequence..<sequence + 1, at: .milliseconds(start))
            let asked = requests(&generator, from: start, to: start + 50 * rounds - 10)
            generator.arrived(sequence, .retransmission, at: .milliseconds(start + 50 * rounds - 10))
            return asked.map { $0 - start }
        }
        // Two in three are answered.
        for sequence in 0..<40 { _ = lose(Int64(sequence) * 2, rounds: 1 + sequence % 2, at: sequence * 1000) }
        #expect(generator.timing.isLossy)
        #expect(lose(100, rounds: 2, at: 50_000) == [0, 10, 50, 60, 70])
        // One round a packet is enough from now on.
        for sequence in 0..<400 { _ = lose(102 + Int64(sequence) * 2, rounds: 1, at: 60_000 + sequence * 1000) }
        #expect(!generator.timing.isLossy)
        #expect(lose(1000, rounds: 2, at: 500_000) == [0, 50])
        #expect(generator.statistics.echoes > 0 && generator.statistics.echoes * 2 < generator.statistics.requests)
    }

    @Test func `a line of a millisecond is asked every 25`() {
        var generator = NackGenerator()
        generator.noteRoundTrip(.milliseconds(1))
        _ = generator.missing(1..<2, at: .zero)
        #expect(requests(&generator, from: 0, to: 80) == [0, 25, 50, 75])
    }

    @Test func `without reports the round trip is learnt from the first request on`() {
        var generator = NackGenerator()
        #expect(generator.timing.roundTrip == .milliseconds(100))
        // The answer to the first of two requests comes behind the second.
        _ = generator.missing(1..<2, at: .zero)
        #expect(requests(&generator, from: 0, to: 150) == [0, 125])
        generator.arrived(1, .line, at: .milliseconds(160))
        #expect(generator.timing.roundTrip == .milliseconds(160))
        // A quick one corrects a slow one.
        _ = generator.missing(3..<4, at: .milliseconds(1000))
        #expect(drain(&generator, at: 1000) == [3])
        generator.arrived(3, .line, at: .milliseconds(1045))
        #expect(generator.timing.roundTrip == .milliseconds(45))
        #expect(generator.timing.allowance == .zero)
    }

    @Test func `the window holds four tries or more, within its bounds`() {
        var timing = RepairTiming()
        timing.reported = .milliseconds(40)
        #expect(timing.window(atLeast: .milliseconds(40)) == .milliseconds(50 + 40 + 10), "two, before any answer")
        for _ in 0..<200 { timing.noteAnswer(after: .milliseconds(40), failures: 0) }
        #expect(timing.window(atLeast: .milliseconds(40)) == .milliseconds(3 * 50 + 40 + 10))
        for _ in 0..<200 { timing.noteAnswer(after: .milliseconds(40), failures: 1) }
        #expect(timing.window(atLeast: .milliseconds(40)) == .milliseconds(7 * 50 + 40 + 10))
        for _ in 0..<40 { timing.noteAnswer(after: .milliseconds(200), failures: 0) }
        #expect(timing.window(atLeast: .milliseconds(40)) == .milliseconds(400))
        #expect(timing.window(atLeast: .milliseconds(500)) == .milliseconds(500))
    }

    @Test func `reordering makes it wait, and is forgotten`() {
        var generator = NackGenerator()
        _ = generator.missing(1..<2, at: .zero)
        _ = drain(&generator, at: 0)
        generator.arrived(1, .line, at: .milliseconds(8))
        #expect(generator.timing.allowance == .milliseconds(10))
        #expect(generator.statistics.repaired == 0)
        _ = generator.missing(3..<4, at: .milliseconds(100))
        #expect(requests(&generator, from: 100, to: 120) == [110])
        // Longer than is ever waited for.
        _ = generator.missing(5..<6, at: .milliseconds(300))
        generator.arrived(5, .line, at: .milliseconds(390))
        #expect(generator.timing.allowance == .milliseconds(20))
        var timing = generator.timing
        for _ in 0..<500 { timing.noteLoss() }
        #expect(timing.allowance == .zero)
    }

    @Test func `what FEC computes is neither answer nor reordering`() {
        var generator = NackGenerator()
        _ = generator.missing(1..<2, at: .zero)
        _ = drain(&generator, at: 0)
        generator.arrived(1, .recovery, at: .milliseconds(8))
        #expect(generator.timing.allowance == .zero && generator.statistics.repaired == 0)
        #expect(generator.outstanding == 0)
    }

    @Test func `a peer that never answers is found out, probed, and believed again`() {
        var generator = NackGenerator()
        let floor = Interval.milliseconds(40)
        var sequence: Int64 = 0
        var now = 0
        func lose(_ count: Int64) -> [Int64] {
            now += 300
            _ = generator.missing(sequence..<sequence + count, at: .milliseconds(now))
            sequence += count + 1
            let asked = drain(&generator, at: now)
            generator.giveUp(before: sequence)
            return asked
        }
        #expect(lose(30).count == 30)
        #expect(generator.isAnswered, "one burst says little")
        _ = lose(1)
        #expect(generator.window(atLeast: floor) > floor)
        _ = lose(1)
        #expect(!generator.isAnswered && generator.window(atLeast: floor) == floor)
        var probes = 0
        while now < 30_000 { probes += lose(1).count }
        #expect((5...6).contains(probes))
        // The answer to a probe comes when the gap is given up.
        while lose(1).isEmpty {}
        generator.arrivedLate(sequence - 2, at: .milliseconds(now + 90))
        #expect(generator.isAnswered && generator.timing.roundTrip == .milliseconds(90))
        #expect(lose(1).count == 1)
    }

    @Test func `what is asked for is bounded in number and in rate`() {
        var generator = NackGenerator()
        let fits = generator.missing(0..<256, at: .zero)
        #expect(fits)
        #expect(drain(&generator, at: 0).count == 256)
        let isOneTooMany = !generator.missing(300..<301, at: .milliseconds(1))
        #expect(isOneTooMany)
        #expect(generator.outstanding == 0 && generator.statistics.overruns == 1)
        let isFarTooMany = !generator.missing(0..<100_000, at: .milliseconds(2))
        #expect(isFarTooMany)
        // New gaps every millisecond, for ten seconds.
        var sequence: Int64 = 1_000_000
        var asked = 0
        var batches = 0
        for now in 1000..<11_000 {
            _ = generator.missing(sequence..<sequence + 10, at: .milliseconds(now))
            let found = drain(&generator, at: now).count
            asked += found
            batches += found > 0 ? 1 : 0
            sequence += 11
            if generator.outstanding > 200 { generator.clear() }
        }
        #expect(asked <= 10_600)
        #expect(batches <= 2001)
    }
}
