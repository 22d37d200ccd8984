import Media
import RTP
import TestSupport
import Testing

/// Sender, seeded line and receiver: what FEC alone repairs.
@Suite struct FecLineTests {
    struct Run {
        var units = 0
        var whole = 0
        var wholeWithout = 0
        var media = 0
        var fec = 0
        var wrong = 0
    }

    /// 20 s at 30 fps, 6 packets a picture, a keyframe of 50 each 4 s, over a line in order.
    private func run(seed: UInt64, line: VirtualNetwork.Line, overhead: Double) -> Run {
        var random = SeededGenerator(seed: seed)
        var network = VirtualNetwork(seed: seed, line: line)
        let sender = FecSender(sequence: 64_000)
        let receiver = FecReceiver()
        var run = Run()
        var sent: [[UInt8]: Int] = [:]
        var sizes: [Int] = []
        for unit in 0..<600 {
            let now = Instant.zero + .milliseconds(33 * unit)
            let isKeyframe = unit % 120 == 0
            let packets = FecFixture.unit(
                isKeyframe ? 50 : 6, from: sender.sequence, size: 16, timestamp: UInt32(3000 * unit), using: &random)
            for packet in packets { sent[packet] = unit }
            sizes.append(packets.count)
            let all = sender.send(packets, overhead: overhead, isKeyframe: isKeyframe, timestamp: UInt32(3000 * unit))
            for packet in all.media + all.fec { network.send(packet, at: now) }
            run.media += packets.count
            run.fec += all.fec.count
        }
        var there: Set<[UInt8]> = []
        func wholeUnits() -> Int {
            var counts = [Int](repeating: 0, count: 600)
            for packet in there { if let unit = sent[packet] { counts[unit] += 1 } }
            return zip(counts, sizes).count { $0 == $1 }
        }
        while let delivery = network.receive(by: .distantFuture) {
            receiver.receive(delivery.datagram)
            there.insert(delivery.datagram)
        }
        run.units = 600
        run.wholeWithout = wholeUnits()
        run.wrong = receiver.recovered.count { sent[$0] == nil }
        there.formUnion(receiver.recovered)
        run.whole = wholeUnits()
        return run
    }

    @Test(arguments: [(0.01, 0.94), (0.05, 0.87), (0.1, 0.80), (0.2, 0.68)])
    func `random loss: this share of pictures is whole by FEC alone`(loss: Double, share: Double) {
        for seed: UInt64 in 1...3 {
            let run = run(
                seed: seed, line: .init(keepsOrder: true, loss: loss), overhead: FecRate.overhead(forLoss: loss))
            #expect(run.wrong == 0, "seed \(seed)")
            #expect(Double(run.whole) / Double(run.units) >= share, "seed \(seed): \(run)")
            #expect(run.whole > run.wholeWithout, "seed \(seed): \(run)")
            #expect(Double(run.fec) <= Double(run.media) * 2.4 * loss + 20, "seed \(seed): \(run)")
        }
    }

    @Test(arguments: [0.05, 0.1, 0.2]) func `bursts of three: more pictures are whole than without`(loss: Double) {
        for seed: UInt64 in 1...3 {
            let line = VirtualNetwork.Line(keepsOrder: true, burst: (begin: loss / 3 / (1 - loss), end: 1.0 / 3))
            let run = run(seed: seed, line: line, overhead: FecRate.overhead(forLoss: loss))
            #expect(run.wrong == 0, "seed \(seed)")
            #expect(run.whole > run.wholeWithout + 5, "seed \(seed): \(run)")
        }
    }

    @Test(arguments: 1...3) func `reordering and duplicates: whatever comes out is what went in`(seed: UInt64) {
        let line = VirtualNetwork.Line(
            jitter: .milliseconds(60), keepsOrder: false, loss: 0.05, duplication: 0.05, reordering: 0.1)
        let run = run(seed: seed, line: line, overhead: 0.3)
        #expect(run.wrong == 0)
        #expect(Double(run.whole) / Double(run.units) > 0.95, "\(run)")
    }
}
