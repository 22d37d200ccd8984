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

    @Test(arguments: [0, 5, 11, 16, 21, 29])
    func theTickComesToStandJustBehindItsSource(phase: Int) {
        var schedule = TickSchedule(period: period, start: .zero)
        let offset = Interval.milliseconds(phase)
        for _ in 0..<600 {
            let now = schedule.next
            schedule.advance(at: now)
            // The newest picture that was there at the tick.
            let count = (now - offset).nanoseconds / period.nanoseconds
            let arrival = Instant.zero + offset + period * Int(count)
            schedule.follow(arrival: arrival)
        }
        let wait = (schedule.next - offset).nanoseconds % period.nanoseconds
        let milliseconds = Interval(nanoseconds: wait).milliseconds
        #expect(milliseconds > 1 && milliseconds < 6, "the picture waits \(milliseconds) ms")
    }

    @Test func noTickIsMovedByMoreThanTheEyeForgives() {
        var schedule = TickSchedule(period: period, start: .zero)
        var last = schedule.next
        for count in 0..<200 {
            schedule.advance(at: last)
            schedule.follow(arrival: last - .milliseconds(count % 30))
            let step = (schedule.next - last) - period
            #expect(abs(step.nanoseconds) <= 300_000)
            last = schedule.next
        }
    }
}
