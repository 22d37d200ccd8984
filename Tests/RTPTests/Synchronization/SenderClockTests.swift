import Media
import RTP
import Testing

@Suite struct SenderClockTests {
    /// A camera's stream and its reports, 90 kHz.
    struct Sender {
        var clock = SenderClock(clockRate: 90_000)
        /// The sender's clock at its start: a day of uptime.
        static let start = NTPTime(rawValue: 86_400 << 32)
        static let base: Int64 = 1 << 32

        /// What the sender's clock shows after so many milliseconds.
        static func ntp(_ milliseconds: Int) -> NTPTime {
            NTPTime(rawValue: UInt64(Int64(start.rawValue) + Int64(milliseconds) << 32 / 1000))
        }

        /// A report of that moment, its clock off by `error` milliseconds.
        @discardableResult
        mutating func report(at milliseconds: Int, error: Int = 0, ticks: Int64 = 0) -> SenderClock.Refusal? {
            let timestamp = Self.base + Int64(milliseconds) * 90
            clock.packetReceived(timestamp: timestamp, at: .milliseconds(milliseconds))
            return clock.reportReceived(
                ntp: Self.ntp(milliseconds + error), timestamp: timestamp + ticks, at: .milliseconds(milliseconds))
        }

        /// By how many milliseconds the clock is wrong about the stream at that time.
        func error(at milliseconds: Int) -> Double? {
            clock.moment(of: Self.base + Int64(milliseconds) * 90, at: .milliseconds(milliseconds)).map {
                Double($0.nanoseconds(since: Self.ntp(milliseconds))) / 1e6
            }
        }
    }

    private func isRight(_ sender: Sender, at milliseconds: Int, by tolerance: Double = 0.01) -> Bool {
        sender.error(at: milliseconds).map { abs($0) < tolerance } ?? false
    }

    @Test func twoReportsAreEnough() {
        var sender = Sender()
        #expect(sender.error(at: 0) == nil)
        #expect(sender.report(at: 1000) == nil)
        #expect(sender.error(at: 1000) == nil)
        #expect(sender.report(at: 6000) == nil)
        #expect(isRight(sender, at: 0) && isRight(sender, at: 1000) && isRight(sender, at: 20_000))
    }

    /// A report made while the sender's encoder started up.
    @Test(arguments: [-200, 200])
    func aWrongFirstReportIsNeverUsed(error: Int) {
        var sender = Sender()
        for index in 0..<10 {
            sender.report(at: index * 5000, error: index == 0 ? error : 0)
            #expect(sender.error(at: index * 5000).map { abs($0) < 0.01 } ?? (index < 2))
        }
    }

    @Test func roughReportsAreAveraged() {
        var sender = Sender()
        for index in 0..<100 { #expect(sender.report(at: index * 5000, error: index % 2 == 0 ? -16 : 16) == nil) }
        #expect(isRight(sender, at: 500_000, by: 6))
        #expect(sender.clock.statistics.accepted == 100)
        #expect(sender.clock.statistics.refused == 0)
    }

    @Test(arguments: [-100.0, 100])
    func driftIsFollowed(partsPerMillion: Double) {
        var sender = Sender()
        for index in 0..<720 {
            let error = Int(Double(index * 5000) * partsPerMillion / 1e6)
            #expect(sender.report(at: index * 5000, error: error) == nil)
        }
        let drift = 3_600_000 * partsPerMillion / 1e6
        #expect(abs(sender.error(at: 3_600_000)! - drift) < 3)
    }

    @Test func aSenderWithoutClockSaysNothing() {
        var sender = Sender()
        for index in 0..<10 {
            let refusal = sender.clock.reportReceived(
                ntp: NTPTime(rawValue: 0), timestamp: Int64(index), at: .milliseconds(index * 1000))
            #expect(refusal == .noClock)
        }
        #expect(sender.error(at: 1000) == nil)
        #expect(sender.clock.statistics.noClock == 10)
    }

    @Test(arguments: [-100_000, -600, -300, 300, 600, 100_000])
    func oneWrongReportChangesNothing(error: Int) {
        var sender = Sender()
        for index in 0..<5 { sender.report(at: index * 5000) }
        let refusal = sender.report(at: 25_000, error: error)
        #expect(refusal == (error < -5000 ? .backwards : abs(error) > 500 ? .jump : .slope))
        #expect(isRight(sender, at: 25_000))
        #expect(sender.report(at: 30_000) == nil)
        #expect(isRight(sender, at: 30_000))
        #expect(sender.clock.statistics.refused == 1)
        #expect(sender.clock.statistics.settings == 0)
    }

    @Test(arguments: [-3_600_000, -700, 700, 3_600_000])
    func aClockThatWasSetIsBelievedAtTheSecondReport(error: Int) {
        var sender = Sender()
        for index in 0..<5 { sender.report(at: index * 5000) }
        #expect(sender.report(at: 25_000, error: error) != nil)
        #expect(isRight(sender, at: 25_000))
        #expect(sender.report(at: 30_000, error: error) == nil)
        #expect(abs(sender.error(at: 30_000)! - Double(error)) < 0.01)
        #expect(sender.clock.statistics.settings == 1)
    }

    @Test(arguments: [0.5, 0.93, 1.07, 2])
    func aClockOfTheWrongRateIsNotBelieved(rate: Double) {
        var sender = Sender()
        var known = 0
        for index in 0..<40 {
            sender.report(at: index * 5000, error: Int(Double(index * 5000) * (rate - 1)))
            if sender.error(at: index * 5000) != nil { known += 1 }
        }
        #expect(known == 0)
        #expect(sender.clock.statistics.accepted == 1)
        #expect(sender.clock.statistics.refused == 39)
        // Then the sender is mended.
        sender.report(at: 205_000)
        sender.report(at: 210_000)
        #expect(isRight(sender, at: 210_000))
    }

    @Test func aClockThatStandsStillIsRefused() {
        var sender = Sender()
        sender.report(at: 0)
        #expect(sender.report(at: 5000, error: -5000) == .backwards)
    }

    @Test func aReportSaidTwiceIsNothing() {
        var sender = Sender()
        sender.report(at: 5000)
        sender.report(at: 5000)
        #expect(sender.clock.statistics.accepted == 1)
        #expect(sender.clock.statistics.refused == 0)
    }

    @Test(arguments: [-100_000_000, -6 * 90_000, 6 * 90_000, 1 << 31, .min / 2, .max / 2] as [Int64])
    func aTimestampFarFromTheStreamIsRefused(ticks: Int64) {
        var sender = Sender()
        sender.report(at: 0)
        sender.report(at: 1000)
        #expect(sender.report(at: 5000, ticks: ticks) == .timestamp)
        #expect(isRight(sender, at: 5000))
    }

    @Test func aSilentSenderMayGoOnReporting() {
        var sender = Sender()
        sender.report(at: 0)
        for time in stride(from: 5000, to: 600_000, by: 5000) {
            let refusal = sender.clock.reportReceived(
                ntp: Sender.ntp(time), timestamp: Sender.base + Int64(time) * 90, at: .milliseconds(time))
            #expect(refusal == nil)
        }
        #expect(isRight(sender, at: 600_000))
    }

    @Test func reportsGrowOld() {
        var sender = Sender()
        sender.report(at: -5000)
        sender.report(at: 0)
        #expect(sender.error(at: 29_999) != nil)
        #expect(sender.error(at: 30_000) == nil)
    }

    @Test func anotherStreamIsNotKnown() {
        var sender = Sender()
        sender.report(at: -5000)
        sender.report(at: 0)
        sender.clock.streamChanged()
        #expect(sender.error(at: 1) == nil)
        #expect(sender.report(at: 500, error: 90_000) == nil)
        #expect(sender.report(at: 1000, error: 90_000) == nil)
        #expect(abs(sender.error(at: 1000)! - 90_000) < 0.01)
    }

    @Test func anythingMayBeReported() {
        var clock = SenderClock(clockRate: 1)
        var random = SeededGenerator(seed: 5)
        for index in 0..<100_000 {
            let small = Bool.random(using: &random)
            let timestamp =
                small ? Int64.random(in: 0...1000, using: &random) : .random(in: .min ... .max, using: &random)
            if index % 7 == 0 { clock.packetReceived(timestamp: timestamp, at: .milliseconds(index)) }
            clock.reportReceived(
                ntp: NTPTime(rawValue: .random(in: 0 ... .max, using: &random)), timestamp: timestamp,
                at: .milliseconds(index))
            _ = clock.moment(of: .random(in: .min ... .max, using: &random), at: .milliseconds(index))
        }
        #expect(clock.statistics.refused > 90_000)
    }
}
