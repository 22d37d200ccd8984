import Media
import RTP
import TestSupport
import Testing

/// Pictures on lines that lose both ways, at 40 ms of round trip: a minute each, some 11,000 packets.
@Suite struct RepairTests {
    typealias Line = VirtualNetwork.Line

    private static let seeds: [UInt64] = [1, 2, 3]

    private func call(
        _ line: Line, _ answers: RepairCall.Answers, seed: UInt64 = 7, seconds: Int = 60, isRepairing: Bool = true
    ) -> RepairCall {
        var call = RepairCall(seed: seed, line: line, answers: answers, isRepairing: isRepairing)
        call.run(seconds: seconds)
        #expect(call.brokenReferences == 0, "a picture was passed without those it refers to")
        return call
    }

    @Test(arguments: [RepairCall.Answers.plain, .rtx], seeds)
    func `up to 10 % of random loss no picture is lost and no keyframe asked for`(
        answers: RepairCall.Answers, seed: UInt64
    ) {
        for (loss, p95, p998, repeats) in [(0.01, 45, 95, 1.35), (0.05, 90, 150, 2.1), (0.1, 110, 160, 2.4)] {
            let call = call(Line(loss: loss), answers, seed: seed)
            #expect(call.share >= 0.999, "\(loss)")
            #expect(call.requests <= 1, "\(loss)")
            #expect(call.longestFreeze < .milliseconds(400), "\(loss)")
            #expect(call.delay(0.95) <= .milliseconds(p95), "\(loss)")
            // No picture stands for a third round of requests.
            #expect(call.delay(0.998) <= .milliseconds(p998), "\(loss)")
            // Where little is lost, what is asked for is little more; else each may be asked for twice.
            #expect(Double(call.packetsRepeated) < Double(call.packetsSent) * loss * repeats, "\(loss)")
        }
    }

    @Test(arguments: seeds) func `heavier loss costs some keyframes and freezes, never a broken picture`(seed: UInt64) {
        let heavy = call(Line(loss: 0.2), .rtx, seed: seed)
        #expect(heavy.share > 0.95 && heavy.requests <= 6)
        #expect(heavy.longestFreeze < .milliseconds(1200))
        let worst = call(Line(loss: 0.3), .plain, seed: seed)
        #expect(worst.share > 0.6)
        #expect(worst.longestFreeze < .seconds(5))
    }

    @Test(arguments: [(0.005, 0.25), (0.02, 0.25), (0.05, 0.25)], seeds)
    func `bursts are repaired`(burst: (begin: Double, end: Double), seed: UInt64) {
        let call = call(Line(burst: burst), .plain, seed: seed)
        #expect(call.share >= 0.98)
        #expect(call.requests <= 3)
    }

    @Test(arguments: seeds) func `reordering is no loss`(seed: UInt64) {
        let line = Line(reordering: 0.02, reorderDelay: .milliseconds(12))
        let call = call(line, .plain, seed: seed)
        #expect(call.share == 1 && call.requests == 0)
        let repair = call.statistics.repair
        // The first few teach how long to wait; after that hardly any is asked for.
        #expect(repair.missing > 100 && repair.requests * 10 < repair.missing, "\(repair)")
    }

    @Test(arguments: seeds) func `a peer that answers no NACK costs no more delay than before`(seed: UInt64) {
        var plain = RepairCall(seed: seed, line: Line(loss: 0.01), answers: .none, isRepairing: false)
        var asked = RepairCall(seed: seed, line: Line(loss: 0.01), answers: .none)
        plain.run(seconds: 60)
        asked.run(seconds: 60)
        // The first twenty are waited for in vain, up to a quarter of a second each.
        #expect(asked.statistics.repair.abandoned > 20)
        let waited = asked.statistics.repair.requests
        #expect(asked.delay(0.95) <= plain.delay(0.95) && asked.delay(1) < .milliseconds(250))
        let settled = asked.delays.count
        asked.run(seconds: 60)
        #expect(asked.delays.dropFirst(settled).allSatisfy { $0 < .milliseconds(45) })
        #expect(asked.brokenReferences + plain.brokenReferences == 0)
        // A probe every five seconds.
        #expect(asked.statistics.repair.requests - waited <= 40)
        // When it begins to answer it is believed again.
        asked.answers = .rtx
        asked.run(seconds: 20)
        let abandoned = asked.statistics.repair.abandoned
        asked.run(seconds: 60)
        #expect(asked.statistics.repair.abandoned - abandoned <= 1)
        #expect(asked.statistics.repair.repaired > 50)
    }

    @Test(arguments: [RepairCall.Answers.plain, .rtx]) func `duplicate repairs are dropped`(answers: RepairCall.Answers)
    {
        var call = RepairCall(seed: 4, line: Line(loss: 0.05), answers: answers)
        call.repeatsAnswers = true
        call.run(seconds: 60)
        #expect(call.share == 1 && call.brokenReferences == 0)
        #expect(call.sessionStatistics.duplicate > 400)
        #expect(call.statistics.reordering.duplicate == 0)
    }

    @Test func `a minute's repairs leave the line's loss in the reports`() {
        let call = call(Line(loss: 0.1), .rtx)
        let statistics = call.sessionStatistics
        #expect((0.09...0.11).contains(Double(statistics.lost) / Double(call.packetsSent)))
        #expect(statistics.retransmitted >= call.statistics.repair.repaired)
        #expect(statistics.packets + statistics.lost == call.packetsSent)
    }

    @Test func `on a clean line nothing is asked for, waited for or held`() {
        let call = call(Line(), .plain, seconds: 120)
        #expect(call.share == 1 && call.requests == 0 && call.packetsRepeated == 0)
        #expect(call.delay(1) == .zero)
        #expect(call.statistics.repair == NackGenerator.Statistics())
    }

    /// Nothing ever begins with an IDR picture: shown all the same in the end, and repaired from then on.
    @Test(arguments: seeds) func `a stream that never sends a keyframe is resumed, and repaired`(seed: UInt64) {
        var call = RepairCall(seed: seed, line: Line(loss: 0.05), answers: .rtx)
        call.sendsKeyframes = false
        call.run(seconds: 9)
        #expect(call.numbers.isEmpty, "it has ten seconds to send one")
        call.run(seconds: 5)
        #expect(call.statistics.resumed == 1)
        let (sent, shown) = (call.sent, call.numbers.count)
        call.run(seconds: 60)
        #expect(Double(call.numbers.count - shown) > Double(call.sent - sent) * 0.9)
        #expect(call.brokenReferences == 0)
    }

    @Test func `a long round trip is learnt`() {
        let call = call(Line(latency: .milliseconds(150), loss: 0.02), .plain, seconds: 120)
        // 300 ms leave room for one try.
        #expect(call.share > 0.8)
        #expect(Double(call.packetsRepeated) < Double(call.packetsSent) * 0.05)
    }

    @Test func `where no answer can come in time none is waited for`() {
        let line = Line(latency: .milliseconds(300), loss: 0.005)
        let asked = call(line, .plain, seconds: 120)
        let plain = call(line, .plain, seconds: 120, isRepairing: false)
        #expect(asked.packetsRepeated < 60, "probes")
        #expect(asked.delay(0.99) <= plain.delay(0.99))
        #expect(asked.share > plain.share - 0.05)
    }
}
