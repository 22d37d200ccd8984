import Media
import RTP
import TestSupport
import Testing

/// The delay of sound over time: drift, bursts, stalls, leaps and a second line.
@Suite struct AudioPaceTests {
    typealias Line = VirtualNetwork.Line

    private func isBroken(_ sound: AudioCall.Sound) -> Bool {
        if case .packet = sound { false } else { true }
    }

    @Test(arguments: [-300, 300])
    func anHourOfDriftIsNotHeardAndTheDelayStays(partsPerMillion: Int) {
        var call = AudioCall(seed: 20, line: Line())
        call.drift = partsPerMillion
        call.run(milliseconds: 60_000)
        #expect(call.count(isBroken) <= 3)
        call.measure()
        call.run(milliseconds: 30_000)
        let start = call.waits
        call.run(milliseconds: 3_510_000)
        #expect(call.count(isBroken) == 0)
        #expect(call.stretched == (0, 0))
        let end = call.waits.suffix(1500)
        #expect(abs(start.max()!.milliseconds - end.max()!.milliseconds) < 5)
        #expect(abs(start.min()!.milliseconds - end.min()!.milliseconds) < 5)
        #expect(abs(call.statistics.pace.correction - partsPerMillion) <= 50)
        #expect(abs(call.statistics.delay.milliseconds - call.statistics.target.milliseconds) < 5)
    }

    @Test(arguments: [0, 30, 100], [true, false])
    func jitterIsConcealedHardlyEver(milliseconds: Int, keepsOrder: Bool) {
        let line = Line(jitter: .milliseconds(milliseconds), keepsOrder: keepsOrder)
        var call = AudioCall(seed: 21, line: line)
        call.run(milliseconds: 20_000)
        call.measure()
        call.run(milliseconds: 300_000)
        let share = Double(call.count(isBroken)) / Double(call.heard.count)
        let waits = call.waits.sorted()
        let (median, p95) = (waits[waits.count / 2].milliseconds, waits[waits.count * 95 / 100].milliseconds)
        #expect(share < 0.005)
        #expect(median < Double(milliseconds) + 30)
        #expect(p95 < Double(milliseconds) + 60)
    }

    @Test func aBurstOf300MillisecondsIsCaughtUpWithinFiveSeconds() {
        var call = AudioCall(seed: 22, line: Line())
        call.run(milliseconds: 10_000)
        let before = call.statistics.delay
        call.network.line = Line(latency: .milliseconds(320))
        call.run(milliseconds: 20)
        call.network.line = Line()
        call.run(milliseconds: 1_000)
        #expect(call.statistics.delay > before + .milliseconds(60))
        call.run(milliseconds: 4_000)
        #expect(call.statistics.delay < before + .milliseconds(20))
        #expect(call.stretched.removed > 60 * 48)
        call.measure()
        call.run(milliseconds: 10_000)
        #expect(call.count(isBroken) == 0)
        #expect(abs(call.statistics.delay.milliseconds - before.milliseconds) < 10)
    }

    @Test func excessOf100MillisecondsIsGoneInOneSecondByStretchingAlone() {
        var call = AudioCall(seed: 23, line: Line())
        call.buffer.externalMinimum = .milliseconds(120)
        call.run(milliseconds: 10_000)
        #expect(abs(call.statistics.delay.milliseconds - 120) < 12)
        call.measure()
        call.buffer.externalMinimum = .zero
        call.run(milliseconds: 1_000)
        #expect(call.count(isBroken) == 0)
        #expect(call.statistics.delay < .milliseconds(30))
        #expect(call.stretched.inserted == 0)
    }

    @Test func anExternalMinimumIsReachedByStretchingWithoutAJump() {
        var call = AudioCall(seed: 24, line: Line())
        call.run(milliseconds: 5_000)
        call.measure()
        // Above the maximum that jitter alone may take.
        call.buffer.externalMinimum = .milliseconds(300)
        call.run(milliseconds: 4_000)
        #expect(call.count(isBroken) == 0)
        #expect(call.statistics.delay >= .milliseconds(298))
        let steps = zip(call.waits, call.waits.dropFirst()).map { ($1 - $0).milliseconds }
        #expect(steps.max()! < 4)
        call.buffer.externalMinimum = .seconds(30)
        #expect(call.statistics.target == .milliseconds(500))
    }

    @Test func fiveSecondsAtOnceNeverHoldMoreThanTheCap() {
        var call = AudioCall(seed: 25, line: Line())
        call.run(milliseconds: 5_000)
        call.measure()
        call.network.line = Line(latency: .seconds(5))
        call.run(milliseconds: 20)
        call.network.line = Line()
        call.run(milliseconds: 7_000)
        #expect(call.waits.max()! <= .milliseconds(200 + 20))
        call.measure()
        call.run(milliseconds: 3_000)
        #expect(call.statistics.delay < .milliseconds(60))
    }

    @Test(arguments: [Int64(1) << 31, -1 << 31, 48_000, -48_000, 4_800, -4_800])
    func aLeapOfTheTimestampsIsOverWithinASecond(leap: Int64) {
        var call = AudioCall(seed: 26, line: Line(jitter: .milliseconds(10)))
        call.timestampStep = { $0 >= 500 ? leap : 0 }
        call.run(milliseconds: 9_900)
        let before = call.statistics
        call.measure()
        call.run(milliseconds: 1_100)
        #expect(call.heard.suffix(5).allSatisfy { !isBroken($0) })
        // Of the packets of that second, nearly all were heard.
        #expect(call.count { !isBroken($0) } >= 45)
        // No jitter of a second is believed in.
        if leap.magnitude >= 48_000 { #expect(call.statistics.target < before.target + .milliseconds(30)) }
        call.run(milliseconds: 9_000)
        call.measure()
        call.run(milliseconds: 1_000)
        #expect(call.count(isBroken) == 0)
        #expect(abs(call.statistics.delay.milliseconds - before.delay.milliseconds) < 15)
        #expect(call.statistics.restarts == (leap.magnitude > 1 << 20 ? 1 : 0))
    }

    @Test(arguments: [0.01, 0.05, 0.1, 0.3])
    func lossIsRecoveredOrConcealedAndNeverSilence(loss: Double) {
        var call = AudioCall(seed: 27, line: Line(loss: loss))
        call.buffer.hasFEC = true
        call.run(milliseconds: 30_000)
        call.measure()
        let before = call.statistics
        call.run(milliseconds: 300_000)
        let after = call.statistics
        let (lost, recovered) = (after.lost - before.lost, after.recovered - before.recovered)
        let concealed = call.count { $0 == .conceal }
        #expect(call.count { $0 == .silence } == 0)
        #expect(abs(Double(lost) / 15_000 - loss) < 0.2 * loss + 0.002)
        #expect(abs(lost - recovered - concealed) <= lost / 20 + 2)
        #expect(call.count { $0 == .waiting } <= call.heard.count / 100)
        if loss > 0.02 {
            // What is lost and has its neighbour lost can't be recovered.
            #expect(Double(concealed) / 15_000 < 1.3 * loss * loss + 0.005)
            #expect(after.target >= .milliseconds(40))
        } else {
            #expect(after.target < .milliseconds(30))
        }
    }

    @Test func theFasterOfTwoLinesCanBeLostUnheard() {
        var call = AudioCall(seed: 28, line: Line())
        call.copyDelay = .milliseconds(60)
        call.run(milliseconds: 10_000)
        #expect(call.statistics.target > .milliseconds(80))
        call.measure()
        call.copyDelay = nil
        call.network.line = Line(latency: .milliseconds(80))
        call.run(milliseconds: 20_000)
        #expect(call.count(isBroken) == 0)
        #expect(call.statistics.delay < .milliseconds(35))
    }

    @Test func aShortPauseIsLengthenedByWhatIsMissing() {
        var call = AudioCall(seed: 32, line: Line())
        call.isSilent = { (500..<502).contains($0) }
        call.buffer.externalMinimum = .milliseconds(100)
        call.run(milliseconds: 10_000)
        call.measure()
        // The pause is heard 120 ms after it was made.
        call.run(milliseconds: 100)
        call.buffer.externalMinimum = .milliseconds(200)
        call.run(milliseconds: 2_000)
        #expect(call.count { $0 == .silence } >= 2 + 3)
        #expect(call.stretched.inserted < 30 * 48)
        #expect(abs(call.statistics.delay.milliseconds - 200) < 12)
    }

    @Test(arguments: [true, false]) func inQuietALittleTooMuchIsTakenAtOnce(isQuiet: Bool) {
        var call = AudioCall(seed: 31, line: Line())
        call.isQuiet = { _ in isQuiet }
        call.buffer.externalMinimum = .milliseconds(41)
        call.run(milliseconds: 10_000)
        call.measure()
        call.buffer.externalMinimum = .zero
        call.run(milliseconds: 1_000)
        #expect(call.count(isBroken) == 0)
        #expect((call.stretched.removed > 8 * 48) == isQuiet)
    }

    @Test func aBurstOfJitterIsMetByPlayingSlower() {
        var call = AudioCall(seed: 29, line: Line())
        call.buffer.externalMinimum = .milliseconds(60)
        call.run(milliseconds: 5_000)
        call.measure()
        call.network.line = Line(jitter: .milliseconds(120), keepsOrder: false)
        call.run(milliseconds: 5_000)
        #expect(call.stretched.inserted > 15 * 48)
        #expect(call.statistics.delay > .milliseconds(100))
    }

    @Test func pausesTakeUpWhatThereIsTooMuchOrTooLittle() {
        for (before, after) in [(150, 0), (0, 150)] {
            var call = AudioCall(seed: 30, line: Line())
            // The sender stops for a second and says so by its timestamps.
            call.isSilent = { (500..<550).contains($0) }
            call.buffer.externalMinimum = .milliseconds(before)
            call.run(milliseconds: 10_000)
            call.measure()
            call.buffer.externalMinimum = .milliseconds(after)
            call.run(milliseconds: 3_000)
            #expect(abs(call.statistics.delay.milliseconds - max(22, Double(after))) < 12)
            #expect(call.stretched.inserted + call.stretched.removed < 30 * 48)
        }
    }
}
