import Media
import RTP
import Testing

@Suite struct FecDecoderTests {
    /// RFC 5109 section 10.1 backwards: any one of A to D comes out of the other three.
    @Test(arguments: 0..<4) func `the RFC's packets come back, whichever is lost`(lost: Int) {
        var accepts = PayloadTypeTable()
        accepts[PayloadType(11)!] = 0
        accepts[PayloadType(18)!] = 1
        let receiver = FecReceiver(accepts: accepts)
        let packets = FecHeaderTests.packets
        for (index, packet) in packets.enumerated() where index != lost { receiver.receive(packet) }
        receiver.receive(
            FecFixture.packet(
                12, timestamp: 9, payloadType: FecFixture.fecType, ssrc: 2, FecFixture.payload(packets, base: 8)))
        #expect(receiver.recovered == [packets[lost]])
    }

    /// RFC 5109 section 10.2: level 0 covers 70 bytes of A and B; the rest would need a second level.
    @Test func `what level 0 protects in part stays lost`() {
        let packets = Array(FecHeaderTests.packets[..<2])
        var accepts = PayloadTypeTable()
        accepts[PayloadType(11)!] = 0
        let receiver = FecReceiver(accepts: accepts)
        receiver.receive(packets[1])
        receiver.receive(
            FecFixture.packet(
                10, timestamp: 9, payloadType: FecFixture.fecType, ssrc: 2,
                FecFixture.payload(packets, base: 8, protecting: 70)))
        #expect(receiver.recovered.isEmpty && receiver.statistics.partial == 1)
    }

    @Test func `levels behind level 0 are passed over`() {
        var random = SeededGenerator(seed: 1)
        let unit = FecFixture.unit(4, from: 10, using: &random)
        let receiver = FecReceiver()
        receiver.receive(Array(unit[1...]))
        receiver.receive(FecFixture.fec(14, FecFixture.payload(unit, base: 10) + [0, 2, 0xF0, 0, 1, 2]))
        #expect(receiver.recovered == [unit[0]])
    }

    @Test(arguments: [(5, false), (16, false), (16, true), (48, true)])
    func `any single loss comes back, over the wrap of the sequence numbers`(count: Int, longMask: Bool) {
        var random = SeededGenerator(seed: UInt64(count))
        let first = UInt16(65_536 - count / 2)
        let unit = FecFixture.unit(count, from: first, using: &random)
        let fec = FecFixture.fec(first &+ UInt16(count), FecFixture.payload(unit, base: first, longMask: longMask))
        for lost in 0..<count {
            let receiver = FecReceiver()
            for (index, packet) in unit.enumerated() where index != lost { receiver.receive(packet) }
            receiver.receive(fec)
            #expect(receiver.recovered == [unit[lost]])
            #expect(receiver.waiting == 0)
        }
    }

    @Test func `padding, CSRCs and a header extension come back with the packet`() {
        var random = SeededGenerator(seed: 3)
        var unit = FecFixture.unit(4, from: 7, size: 60, using: &random)
        unit[2] = FecFixture.packet(
            9, marker: true,
            [0, 0, 0, 5, 0xBE, 0xDE, 0, 1, 0x10, 0xAB, 0, 0] + [UInt8](repeating: 0x61, count: 9) + [0, 0, 3])
        unit[2][0] |= 0x20 | 0x10 | 1
        let receiver = FecReceiver()
        receiver.receive([unit[0], unit[1], unit[3], FecFixture.fec(11, FecFixture.payload(unit, base: 7))])
        #expect(receiver.recovered == [unit[2]])
    }

    @Test func `one repair leads to the next`() {
        var random = SeededGenerator(seed: 4)
        let unit = FecFixture.unit(4, from: 100, using: &random)
        let receiver = FecReceiver()
        receiver.receive(unit[3])
        // Each FEC packet lacks two, until the last one comes.
        receiver.receive(FecFixture.fec(104, FecFixture.payload(Array(unit[0...1]), base: 100)))
        receiver.receive(FecFixture.fec(105, FecFixture.payload(Array(unit[1...2]), base: 100)))
        #expect(receiver.recovered.isEmpty && receiver.waiting == 2)
        receiver.receive(FecFixture.fec(106, FecFixture.payload(Array(unit[2...3]), base: 100)))
        #expect(receiver.recovered == [unit[2], unit[1], unit[0]])
        #expect(receiver.waiting == 0 && receiver.statistics.recovered == 3)
    }

    @Test func `FEC waits for a latecomer, and is let go when all are there`() {
        var random = SeededGenerator(seed: 5)
        let unit = FecFixture.unit(5, from: 1, using: &random)
        let receiver = FecReceiver()
        receiver.receive(Array(unit[..<2]))
        receiver.receive(FecFixture.fec(6, FecFixture.payload(unit, base: 1)))
        receiver.receive(unit[4])
        #expect(receiver.recovered.isEmpty && receiver.waiting == 1)
        receiver.receive(unit[2])
        #expect(receiver.recovered == [unit[3]] && receiver.waiting == 0)
        receiver.receive(FecFixture.fec(7, FecFixture.payload(unit, base: 1)))
        #expect(receiver.statistics.unneeded == 1 && receiver.waiting == 0)
    }

    @Test func `an FEC packet that came before its media is solved by them`() {
        var random = SeededGenerator(seed: 6)
        let unit = FecFixture.unit(3, from: 50, using: &random)
        let receiver = FecReceiver()
        receiver.receive(FecFixture.fec(53, FecFixture.payload(unit, base: 50)))
        receiver.receive(unit[2])
        receiver.receive(unit[0])
        #expect(receiver.recovered == [unit[1]])
    }

    @Test func `a repair stays within the window: what was overwritten is given up`() {
        var random = SeededGenerator(seed: 7)
        let unit = FecFixture.unit(3, from: 0, using: &random)
        let receiver = FecReceiver(capacity: 64)
        receiver.receive(unit[0])
        receiver.receive(FecFixture.fec(3, FecFixture.payload(unit, base: 0)))
        #expect(receiver.waiting == 1)
        for sequence in 4..<70 { receiver.receive(FecFixture.packet(UInt16(sequence), [1])) }
        #expect(receiver.waiting == 0 && receiver.statistics.expired == 1)
        receiver.receive(FecFixture.fec(70, FecFixture.payload(unit, base: 0)))
        #expect(receiver.statistics.expired == 2 && receiver.recovered.isEmpty)
        // A latecomer from before the window must not take the slot of a newer one.
        receiver.receive(unit[1])
        let newer = [FecFixture.packet(65, [1]), FecFixture.packet(71, [5])]
        receiver.receive(FecFixture.fec(72, FecFixture.payload(newer, base: 65)))
        #expect(receiver.recovered == [newer[1]])
    }
}
