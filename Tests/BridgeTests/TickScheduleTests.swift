import Bridge
import Media
import Testing

@Suite struct TickScheduleTests {
    private let period = Interval.seconds(1) / 30

    @Test func ticksKeepTheirPlaceWhateverTheLateness() {
        var schedule = TickSchedule(period: period, start: .zero)
        for count in 1...300 {
            #expect(schedule.next == Instant.zero + period * count)
            // Each tick runs a few milliseconds late; the next one is not moved by it.
            schedule.advance(at: schedule.next + .milliseconds(count % 9))
        }
        #expect(schedule.late == 0)
        #expect(schedule.skipped == 0)
    }

    @Test func aStallIsSkippedNotCaughtUp() {
        var schedule = TickSchedule(period: period, start: .zero)
        let stalledUntil = schedule.next + .seconds(1)
        schedule.advance(at: stalledUntil)
        #expect(schedule.late == 1)
        #expect((29...30).contains(schedule.skipped))
        #expect(schedule.next > stalledUntil)
        #expect(schedule.next - stalledUntil <= period)
    }

    @Test(arguments: [1, 2, 3, 5, 30, 60]) func aProgramIsHealthyBetweenItsTicksHoweverSlowItIs(rate: Int) {
        let period = Interval.seconds(1) / rate
        func isHealthy(after time: Interval) -> Bool {
            TickSchedule.isBeating(.zero, at: .zero + time, period: period)
        }
        // A tick may come late by as much again.
        #expect(isHealthy(after: period * 2))
        #expect(isHealthy(after: .milliseconds(990)))
        // What stands is noticed before a watchdog of 5 s is.
        #expect(!isHealthy(after: .milliseconds(3001)))
        #expect(isHealthy(after: .milliseconds(1001)) == (rate < 3))
    }

    @Test func noTickIsMovedByMoreThanTheEyeForgives() {
        var schedule = TickSchedule(period: period, start: .zero)
        var last = schedule.next
        for count in 0..<200 {
            schedule.advance(at: last)
            schedule.move(by: .milliseconds(count % 60 - 30))
            let step = (schedule.next - last) - period
            #expect(abs(step.nanoseconds) <= 300_000)
            last = schedule.next
        }
    }
}
