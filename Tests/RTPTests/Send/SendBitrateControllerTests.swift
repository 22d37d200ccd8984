import Media
import RTP
import Testing

@Suite struct SendBitrateControllerTests {
    private static let bottleneck = Bitrate(bitsPerSecond: 600_000)

    private func mean(_ values: some Collection<Double>) -> Double { values.reduce(0, +) / Double(values.count) }

    @Test(arguments: [1, 2, 3])
    func `a bottleneck is found by transport-wide feedback, and its queue stays short`(seed: UInt64) {
        var call = AdaptiveCall(
            line: Bottleneck(rate: Self.bottleneck, seed: seed), seed: seed, transportExtension: 3)
        call.usesLadder = false
        call.run(seconds: 20)
        call.run(seconds: 40)
        let (rates, queue) = (call.sentRates, call.longestQueue)
        let settled = mean(rates[20...])
        #expect((480_000...620_000).contains(settled), "\(settled) \(call.estimates)")
        #expect(queue <= .milliseconds(250), "\(queue.milliseconds) ms")
    }

    @Test(arguments: [1, 2, 3])
    func `by transport-wide feedback a site stays on the rung that its line carries`(seed: UInt64) {
        var call = AdaptiveCall(
            line: Bottleneck(rate: Self.bottleneck, seed: seed), seed: seed, transportExtension: 3)
        call.run(seconds: 20)
        call.run(seconds: 40)
        let (rungs, queue) = (call.rungs, call.longestQueue)
        #expect(rungs[20...].allSatisfy { $0 == 4 }, "0.25 of 1.5 Mbit/s; 0.35 leaves less than 15 %: \(rungs)")
        #expect(queue <= .milliseconds(100), "\(queue.milliseconds) ms")
    }

    @Test(arguments: [1, 2, 3])
    func `a bottleneck is found by reception reports alone`(seed: UInt64) {
        var call = AdaptiveCall(line: Bottleneck(rate: Self.bottleneck, seed: seed), seed: seed)
        call.usesLadder = false
        call.run(seconds: 60)
        let rates = call.sentRates
        let settled = mean(rates[20...])
        #expect((400_000...680_000).contains(settled), "\(settled) \(call.estimates)")
        let ownLoss = call.sender.controller.ownLoss
        #expect(ownLoss == 0)
    }

    @Test(arguments: [1, 2, 3])
    func `a bottleneck is found by REMB, at once`(seed: UInt64) {
        var call = AdaptiveCall(line: Bottleneck(rate: Self.bottleneck, seed: seed), seed: seed)
        call.sendsRemb = true
        call.run(seconds: 20)
        let (rates, rungs) = (call.sentRates, call.rungs)
        #expect(mean(rates[4...]) < 700_000, "\(rungs)")
        #expect(rungs[3] >= 3)
    }

    @Test(arguments: [1, 2, 3], [false, true])
    func `random loss does not starve a line`(seed: UInt64, hasFeedback: Bool) {
        var call = AdaptiveCall(
            line: Bottleneck(loss: 0.1, seed: seed), seed: seed, transportExtension: hasFeedback ? 3 : nil)
        call.run(seconds: 120)
        let (rungs, estimates) = (call.rungs, call.estimates)
        #expect(rungs.allSatisfy { $0 <= 2 }, "\(rungs)")
        #expect(estimates.allSatisfy { $0 >= 750_000 })
        let top = rungs[30...].count { $0 == 0 }
        #expect(top >= 60, "\(rungs)")
    }

    @Test(arguments: [1, 2, 3])
    func `heavy random loss ends up at the rate it began with`(seed: UInt64) {
        var call = AdaptiveCall(line: Bottleneck(loss: 0.25, seed: seed), seed: seed)
        call.run(seconds: 120)
        let rungs = call.rungs
        #expect(rungs[60...].count { $0 == 0 } >= 40, "\(rungs) \(call.estimates)")
    }

    @Test(arguments: [1, 2, 3], [false, true])
    func `a line that gets well carries the top again within a minute`(seed: UInt64, hasFeedback: Bool) {
        var call = AdaptiveCall(line: Bottleneck(seed: seed), seed: seed, transportExtension: hasFeedback ? 3 : nil)
        call.run(seconds: 10)
        var rungs = call.rungs
        #expect(rungs.allSatisfy { $0 == 0 }, "\(rungs)")
        call.line.rate = Self.bottleneck
        call.run(seconds: 30)
        rungs = call.rungs
        #expect(rungs[15..<40].allSatisfy { $0 >= 2 }, "\(rungs)")
        #expect(rungs[15..<40].count { $0 >= 3 } >= 15, "\(rungs)")
        call.line.rate = nil
        call.run(seconds: 60)
        rungs = call.rungs
        #expect(rungs.last == 0, "\(rungs) \(call.estimates)")
    }

    @Test func `feedback that ceases holds the rate down no longer`() {
        var call = AdaptiveCall(line: Bottleneck(rate: Self.bottleneck, seed: 1), seed: 1, transportExtension: 3)
        call.run(seconds: 20)
        let before = call.ladder.rung.index
        call.line.rate = nil
        call.sendsTransportFeedback = false
        call.run(seconds: 60)
        let after = call.ladder.rung.index
        #expect(before >= 2 && after == 0)
    }

    @Test func `a site without RTCP gets the nominal rate`() {
        var controller = SendBitrateController(nominal: AdaptiveCall.nominal)
        for step in 0..<1000 { controller.sent(1200, transportNumber: nil, at: .milliseconds(8 * step)) }
        let rate = controller.rate
        #expect(rate == AdaptiveCall.nominal)
    }

    @Test func `the limit caps all, and is lifted`() {
        var controller = SendBitrateController(nominal: AdaptiveCall.nominal)
        controller.limit = Bitrate(bitsPerSecond: 300_000)
        let (limited, estimate) = (controller.rate, controller.estimate)
        #expect(limited.bitsPerSecond == 300_000 && estimate == AdaptiveCall.nominal)
        controller.limit = nil
        let lifted = controller.rate
        #expect(lifted == AdaptiveCall.nominal)
    }

    @Test func `a still picture on a lossy line does not drag the rate down with it`() {
        var controller = SendBitrateController(nominal: AdaptiveCall.nominal)
        for step in 0..<30 { controller.sent(300, transportNumber: nil, at: .milliseconds(33 * step)) }
        controller.report(fractionLost: 0.3, roundTrip: nil, at: .milliseconds(1000))
        let estimate = controller.estimate.bitsPerSecond
        #expect(estimate >= 600_000)
    }

    @Test func `a few lost packets of few are chance`() {
        var controller = SendBitrateController(nominal: AdaptiveCall.nominal)
        for step in 0..<10 { controller.sent(1200, transportNumber: nil, at: .milliseconds(100 * step)) }
        controller.report(fractionLost: 0.5, roundTrip: nil, at: .milliseconds(1000))
        let estimate = controller.estimate
        #expect(estimate == AdaptiveCall.nominal)
    }

    /// Each message says that its clock has gone on by half of what 24 bits hold, forwards or back, or by what may still be a pause.
    @Test(arguments: [(0x7F_FFFF, 20_000), (0x80_0001, 20_000), (4_699, 1_000_000)])
    func `a clock that is pushed on and on ends nothing`(step: Int, messages: Int) {
        var controller = SendBitrateController(nominal: AdaptiveCall.nominal)
        for count in 0..<messages {
            let time = UInt32(truncatingIfNeeded: count * step) & 0xFF_FFFF
            let feedback: [UInt8] = [
                0, 0, 0, 1, UInt8(time >> 16), UInt8(time >> 8 & 0xFF), UInt8(time & 0xFF), 0, 0, 1,
            ]
            let now = Instant.milliseconds(count)
            _ = feedback.withUnsafeBytes { controller.transportFeedback($0, at: now) }
        }
        let estimate = controller.estimate
        #expect(estimate == AdaptiveCall.nominal)
    }

    @Test func `a flood of feedback about nothing is counted out`() {
        var controller = SendBitrateController(nominal: AdaptiveCall.nominal)
        var admitted = 0
        // A run of 4096 packets that have not come.
        let feedback: [UInt8] = [0, 0, 0x10, 0, 0, 0, 0, 0, 0x10, 0]
        for _ in 0..<1000 {
            feedback.withUnsafeBytes { if controller.transportFeedback($0, at: .milliseconds(1)) { admitted += 1 } }
        }
        #expect(admitted == 4)
        let estimate = controller.estimate
        #expect(estimate == AdaptiveCall.nominal)
    }
}
