import Media
import RTP
import Testing

/// FEC packets that lie.
@Suite struct FecHostilityTests {
    private let unit: [[UInt8]]

    init() {
        var random = SeededGenerator(seed: 8)
        unit = FecFixture.unit(4, from: 1000, using: &random)
    }

    @Test func `a protection length beyond the packet is malformed`() {
        let receiver = FecReceiver()
        receiver.receive(Array(unit[1...]))
        var payload = FecFixture.payload(unit, base: 1000)
        payload[10] = 0xFF
        receiver.receive(FecFixture.fec(1004, payload))
        #expect(receiver.statistics.malformed == 1 && receiver.recovered.isEmpty && receiver.waiting == 0)
    }

    @Test func `a packet cannot protect itself, nor what comes far ahead, nor another stream`() {
        let receiver = FecReceiver()
        receiver.receive(Array(unit[1...]))
        receiver.receive(FecFixture.fec(1000, FecFixture.payload(unit, base: 1000)))
        receiver.receive(FecFixture.fec(1004, FecFixture.payload([FecFixture.packet(1100, [1])], base: 1100)))
        var other = FecFixture.fec(1004, FecFixture.payload(unit, base: 1000))
        other[11] ^= 1
        receiver.receive(other)
        #expect(receiver.statistics.implausible == 3 && receiver.recovered.isEmpty && receiver.waiting == 0)
    }

    @Test func `a recovered packet of a type that is not taken is damaged`() {
        let receiver = FecReceiver()
        receiver.receive(Array(unit[1...]))
        var payload = FecFixture.payload(unit, base: 1000)
        payload[1] ^= 0x1A
        receiver.receive(FecFixture.fec(1004, payload))
        #expect(receiver.statistics.damaged == 1 && receiver.recovered.isEmpty)
    }

    @Test func `a recovered packet from another time is damaged`() {
        let receiver = FecReceiver()
        receiver.receive(Array(unit[1...]))
        var payload = FecFixture.payload(unit, base: 1000)
        payload[4] ^= 0x40
        receiver.receive(FecFixture.fec(1004, payload))
        #expect(receiver.statistics.damaged == 1 && receiver.recovered.isEmpty)
    }

    @Test func `bytes behind the end of a recovered packet tell that the sum is wrong`() {
        let receiver = FecReceiver()
        let packets = [FecFixture.packet(1, [1, 2, 3]), FecFixture.packet(2, [4, 5, 6, 7, 8])]
        receiver.receive(packets[1])
        var payload = FecFixture.payload(packets, base: 1)
        payload[payload.count - 1] ^= 1
        receiver.receive(FecFixture.fec(3, payload))
        #expect(receiver.statistics.damaged == 1 && receiver.recovered.isEmpty)
    }

    @Test func `a length beyond what is protected gives nothing`() {
        let receiver = FecReceiver()
        receiver.receive(Array(unit[1...]))
        var payload = FecFixture.payload(unit, base: 1000)
        payload[8] ^= 0xFF
        receiver.receive(FecFixture.fec(1004, payload))
        #expect(receiver.statistics.partial == 1 && receiver.recovered.isEmpty)
    }

    @Test func `headers that don't fit into the recovered packet are damaged`() {
        let receiver = FecReceiver()
        receiver.receive(Array(unit[1...]))
        let short = FecFixture.packet(1000, [9])
        var payload = FecFixture.payload([short] + unit[1...], base: 1000)
        payload[0] ^= 0x1F
        receiver.receive(FecFixture.fec(1004, payload))
        #expect(receiver.statistics.damaged == 1 && receiver.recovered.isEmpty)
    }

    @Test func `packets larger than a slot are left out`() {
        let receiver = FecReceiver(slotSize: 100)
        let large = FecFixture.packet(1004, [UInt8](repeating: 7, count: 89))
        receiver.receive(large)
        receiver.receive(FecFixture.fec(1005, FecFixture.payload([large], base: 1004)))
        #expect(receiver.statistics.oversized == 2 && receiver.waiting == 0)
    }

    @Test func `a flood of FEC that never solves is bounded, and the stream is repaired behind it`() {
        let receiver = FecReceiver(fecCapacity: 16)
        receiver.receive(unit[0])
        let missing = (0..<2).map { FecFixture.packet(UInt16(990 + $0), [3]) }
        for index in 0..<200 {
            receiver.receive(FecFixture.fec(UInt16(1001 + index), FecFixture.payload(missing, base: 990)))
        }
        #expect(receiver.waiting == 16 && receiver.statistics.overflow == 184 && receiver.recovered.isEmpty)
        let later = [FecFixture.packet(1300, [1]), FecFixture.packet(1301, [2, 3])]
        receiver.receive(later[0])
        receiver.receive(FecFixture.fec(1302, FecFixture.payload(later, base: 1300)))
        #expect(receiver.recovered == [later[1]])
    }

    @Test func `another stream begins with nothing of the one before`() {
        let receiver = FecReceiver()
        receiver.receive(Array(unit[2...]))
        receiver.receive(FecFixture.fec(1004, FecFixture.payload(unit, base: 1000)))
        #expect(receiver.waiting == 1)
        receiver.receive(FecFixture.packet(1000, ssrc: 99, [1]))
        #expect(receiver.waiting == 0)
        receiver.decoder.reset()
        receiver.receive(unit[1])
        #expect(receiver.recovered.isEmpty)
    }

    @Test(arguments: 0..<20) func `random bytes and bent packets never trap and never grow`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let receiver = FecReceiver(capacity: 64, fecCapacity: 8)
        var sequence = UInt16.random(in: 0...65_535, using: &random)
        for _ in 0..<300 {
            let unit = FecFixture.unit(Int.random(in: 1...6, using: &random), from: sequence, size: 40, using: &random)
            for packet in unit where Int.random(in: 0..<4, using: &random) > 0 { receiver.receive(packet) }
            var payload = FecFixture.payload(unit, base: sequence, longMask: Bool.random(using: &random))
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                payload[Int.random(in: 0..<payload.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            sequence = sequence &+ UInt16(unit.count)
            let size = Int.random(in: 0...payload.count, using: &random)
            receiver.receive(FecFixture.fec(sequence, Bool.random(using: &random) ? payload : Array(payload[..<size])))
            sequence = sequence &+ 1
        }
        #expect(receiver.waiting <= 8)
        let s = receiver.statistics
        let settled =
            s.recovered + s.unneeded + s.expired + s.overflow + s.malformed + s.implausible + s.oversized + s.partial
            + s.damaged
        #expect(s.received == 300 && settled + receiver.waiting == 300)
    }
}
