import Media
import RTP
import TestSupport
import Testing

/// FEC packets over several pictures come later than reordering is waited for.
@Suite struct FecReachTests {
    /// A minute at 30 pictures a second and 40 ms of round trip; nothing is asked for but keyframes.
    private func call(pictureSize: Int, loss: Double, awaitsCorrection: Bool, seed: UInt64) -> RepairCall {
        var call = RepairCall(seed: seed, line: .init(loss: loss), answers: .none, isRepairing: false)
        call.overhead = FecRate.overhead(forLoss: loss)
        call.pictureSize = pictureSize
        call.awaitsCorrection = awaitsCorrection
        call.run(seconds: 60)
        #expect(call.brokenReferences == 0, "a picture was passed without those it refers to")
        return call
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `pictures of one packet are whole more often where the gap is waited for as long as FEC takes`(seed: UInt64) {
        for loss in [0.02, 0.05, 0.1] {
            let hasty = call(pictureSize: 15, loss: loss, awaitsCorrection: false, seed: seed)
            let patient = call(pictureSize: 15, loss: loss, awaitsCorrection: true, seed: seed)
            // At 10 % six pictures in ten instead of four; fewer keyframes are asked for at any loss.
            #expect(patient.share > hasty.share + (loss == 0.1 ? 0.1 : -0.01), "\(loss)")
            #expect(patient.requests * 10 < hasty.requests * 9, "\(loss)")
            #expect(patient.longestFreeze <= hasty.longestFreeze, "\(loss)")
            // The longest wait: 100 ms of four pictures, and the reordering's own 40 ms.
            #expect(patient.delay(0.99) <= .milliseconds(150))
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `large pictures bring their own FEC, and lose nothing by it`(seed: UInt64)
    {
        let hasty = call(pictureSize: 90, loss: 0.1, awaitsCorrection: false, seed: seed)
        let patient = call(pictureSize: 90, loss: 0.1, awaitsCorrection: true, seed: seed)
        #expect(patient.share > hasty.share - 0.02)
    }

    @Test func `the reach is the longest of late, as long as FEC comes`() {
        var random = SeededGenerator(seed: 1)
        let receiver = FecReceiver()
        #expect(receiver.reach == nil)
        func send(_ first: UInt16, every ticks: UInt32, from timestamp: UInt32) {
            let packets = (0..<4).flatMap { index in
                FecFixture.unit(
                    1, from: first &+ UInt16(index), timestamp: timestamp &+ UInt32(index) &* ticks, using: &random)
            }
            receiver.receive(packets)
            receiver.receive(
                FecFixture.fec(first &+ 4, timestamp: timestamp &+ 3 * ticks, FecFixture.payload(packets, base: first)))
        }
        // Over the wrap of the timestamps.
        send(0, every: 6000, from: 0xFFFF_FF00)
        #expect(receiver.reach == .milliseconds(200))
        // A shorter reach counts once the longer one is of long ago.
        for index in 1...40 { send(UInt16(5 * index), every: 3000, from: UInt32(24_000 * index)) }
        #expect(receiver.reach == .milliseconds(200))
        for index in 41...80 { send(UInt16(5 * index), every: 3000, from: UInt32(24_000 * index)) }
        #expect(receiver.reach == .milliseconds(100))
        receiver.receive(FecFixture.packet(1000, timestamp: 80 * 24_000 + 9000 + 9 * 90_000, [1]))
        #expect(receiver.reach == .milliseconds(100))
        receiver.receive(FecFixture.packet(1001, timestamp: 80 * 24_000 + 9000 + 11 * 90_000, [1]))
        #expect(receiver.reach == nil)
    }
}
