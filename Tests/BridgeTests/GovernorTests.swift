import Bridge
import Media
import Testing

/// What gives way to overload, second by second.
@Suite struct GovernorTests {
    /// A governor and a clock.
    private struct Meeting {
        var governor = Governor()
        var second = 0
        var log: [String] = []

        /// - Parameter missed: percent of the ticks.
        mutating func run(_ seconds: Int, missed: Int) {
            for _ in 0..<seconds {
                let sample = Governor.Sample(ticks: .init(due: 100, missed: missed), encodes: .init(due: 100))
                if governor.handle(sample, at: .zero + .seconds(second)) {
                    log.append("\(second) \(governor.concession.word)")
                }
                second += 1
            }
        }
    }

    @Test func oneStepAtATimeInItsOrderAndBackAgain() {
        var meeting = Meeting()
        meeting.run(5, missed: 0)
        meeting.run(20, missed: 30)
        #expect(meeting.log == ["6 loop-filter", "9 preset", "12 frame-rate", "15 size"])
        meeting.log = []
        meeting.run(60, missed: 0)
        #expect(meeting.log == ["35 frame-rate", "46 preset", "57 loop-filter", "68 none"])
        #expect(meeting.governor.gaveWay == 4 && meeting.governor.tookBack == 4)
    }

    @Test func aSingleBadSecondIsNothing() {
        var meeting = Meeting()
        for _ in 0..<20 {
            meeting.run(1, missed: 100)
            meeting.run(1, missed: 0)
        }
        #expect(meeting.log.isEmpty)
    }

    @Test func aStepThatIsEnoughIsTheLast() {
        var meeting = Meeting()
        meeting.run(2, missed: 30)
        // Neither bad nor calm.
        meeting.run(60, missed: 3)
        #expect(meeting.log == ["1 loop-filter"])
    }

    @Test func whatWasTakenBackTooSoonWaitsLonger() {
        var meeting = Meeting()
        meeting.run(2, missed: 30)
        var waits: [Int] = []
        for _ in 0..<6 {
            let start = meeting.second
            // Calm while it gives way, bad as soon as it doesn't.
            while meeting.governor.concession == .loopFilter { meeting.run(1, missed: 0) }
            waits.append(meeting.second - start)
            while meeting.governor.concession == .none { meeting.run(1, missed: 30) }
        }
        #expect(waits == [11, 21, 41, 81, 161, 161])
        // Whoever keeps it for long is trusted again.
        while meeting.governor.concession == .loopFilter { meeting.run(1, missed: 0) }
        meeting.run(40, missed: 0)
        while meeting.governor.concession == .none { meeting.run(1, missed: 30) }
        let start = meeting.second
        while meeting.governor.concession == .loopFilter { meeting.run(1, missed: 0) }
        #expect(meeting.second - start == 11)
    }

    @Test func theWorstWorkDecides() {
        let samples: [Governor.Sample] = [
            .init(ticks: .init(due: 100, missed: 0), encodes: .init(due: 30, missed: 3)),
            .init(ticks: .init(due: 100, missed: 0), packets: .init(due: 2_000, missed: 200)),
        ]
        for sample in samples {
            var governor = Governor()
            _ = governor.handle(sample, at: .zero)
            let changes = governor.handle(sample, at: .zero + .seconds(1))
            #expect(changes)
        }
    }
}
