import Media
import RTP
import Testing

@Suite struct FecEncoderTests {
    @Test(arguments: [1, 2, 3, 4, 5, 8, 13, 24, 36, 48])
    func `a pattern uses all its rows, protects every packet, and tells two of them apart`(rows: Int) {
        let pattern = FecPattern(rowCount: rows)
        let sets = (0..<48).map { pattern.rows(of: $0) }
        let all: UInt64 = (1 << UInt64(rows)) - 1
        #expect(sets.allSatisfy { $0 != 0 && $0 & ~all == 0 })
        #expect(sets[..<rows].reduce(0, |) == all)
        // The sets last for so many packets.
        let distinct = rows < 3 ? rows : rows * ((rows - 1) / 2 + 1)
        #expect(Set(sets[..<min(48, distinct)]).count == min(48, distinct))
    }

    @Test(arguments: [
        (4, 0.25, 1), (6, 0.5, 3), (12, 0.5, 6), (30, 0.1, 3), (48, 0.5, 24), (100, 0.2, 20), (500, 0.5, 160),
    ])
    func `any single loss of an access unit comes back`(count: Int, overhead: Double, expected: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let first: UInt16 = 65_500
        let unit = FecFixture.unit(count, from: first, using: &random)
        let sent = FecSender(sequence: first).send(unit, overhead: overhead)
        #expect(sent.fec.count == expected)
        for lost in 0..<count {
            let receiver = FecReceiver(capacity: 1024, fecCapacity: 256)
            for (index, packet) in unit.enumerated() where index != lost { receiver.receive(packet) }
            receiver.receive(sent.fec)
            #expect(receiver.recovered == [unit[lost]])
        }
    }

    @Test(arguments: [(24, 0.25, 4), (48, 0.3, 10), (48, 0.5, 22)])
    func `any two losses come back, and any burst of this length`(count: Int, overhead: Double, burst: Int) {
        var random = SeededGenerator(seed: 2)
        let unit = FecFixture.unit(count, from: 1, size: 40, using: &random)
        let sent = FecSender().send(unit, overhead: overhead)
        func repaired(_ lost: Set<Int>) -> Bool {
            let receiver = FecReceiver()
            for (index, packet) in unit.enumerated() where !lost.contains(index) { receiver.receive(packet) }
            receiver.receive(sent.fec)
            return Set(receiver.recovered) == Set(lost.map { unit[$0] })
        }
        for a in 0..<count { for b in 0..<a { #expect(repaired([a, b])) } }
        for start in 0...(count - burst) { #expect(repaired(Set(start..<start + burst))) }
    }

    @Test func `small pictures share an FEC packet, and the last one of each group brings it`() {
        var random = SeededGenerator(seed: 3)
        let sender = FecSender()
        var units: [[[UInt8]]] = []
        var counts: [Int] = []
        for index in 0..<6 {
            let unit = FecFixture.unit(
                2, from: sender.sequence, timestamp: UInt32(3000 * index), using: &random)
            let sent = sender.send(unit, overhead: 0.2)
            units.append(unit + sent.fec)
            counts.append(sent.fec.count)
        }
        #expect(counts == [0, 0, 1, 0, 1, 0])
        let receiver = FecReceiver()
        receiver.receive(Array(units[0][1...]))
        for unit in units[1...] { receiver.receive(unit) }
        #expect(receiver.recovered == [units[0][0]])
    }

    @Test func `an FEC packet reaches back four pictures at most`() throws {
        var random = SeededGenerator(seed: 4)
        let sender = FecSender()
        var fec: [[UInt8]] = []
        while fec.isEmpty {
            fec = sender.send(FecFixture.unit(3, from: sender.sequence, using: &random), overhead: 0.03).fec
        }
        let payload = Array(fec[0][12...])
        let header = try #require(payload.withUnsafeBytes { FecHeader(parsing: $0) } as FecHeader?)
        #expect(header.mask.count <= 12)
        #expect(Int(sender.sequence &- 1 &- header.sequenceBase) <= 12)
    }

    @Test(arguments: [(0.02, 0), (0.04, 10), (0.1, 10), (0.2, 10), (0.25, 10), (0.5, 20)])
    func `from 2 % of loss on pictures of one packet are all protected, four by each FEC packet at most`(
        overhead: Double, expected: Int
    ) {
        var random = SeededGenerator(seed: 9)
        let sender = FecSender()
        let sent = (0..<40).map { index in
            sender.send(
                FecFixture.unit(1, from: sender.sequence, timestamp: UInt32(3000 * index), using: &random),
                overhead: overhead)
        }
        #expect(sent.reduce(0) { $0 + $1.fec.count } == expected)
        guard expected > 0 else { return }
        for lost in sent.indices {
            let receiver = FecReceiver()
            for (index, unit) in sent.enumerated() { receiver.receive((index == lost ? [] : unit.media) + unit.fec) }
            #expect(receiver.recovered == sent[lost].media)
        }
    }

    @Test func `a keyframe gets half as much again, and at least one`() {
        var random = SeededGenerator(seed: 5)
        let unit = FecFixture.unit(20, from: 1, using: &random)
        #expect(FecSender().send(unit, overhead: 0.2).fec.count == 4)
        #expect(FecSender().send(unit, overhead: 0.2, isKeyframe: true).fec.count == 6)
        #expect(FecSender().send(Array(unit[..<2]), overhead: 0.02, isKeyframe: true).fec.count == 1)
        #expect(FecSender().send(Array(unit[..<2]), overhead: 0.02).fec.isEmpty)
    }

    @Test(arguments: [0, -1, Double.nan, -Double.infinity]) func `no overhead, no FEC`(overhead: Double) {
        var random = SeededGenerator(seed: 6)
        let sender = FecSender()
        for isKeyframe in [true, false] {
            let unit = FecFixture.unit(20, from: sender.sequence, using: &random)
            #expect(sender.send(unit, overhead: overhead, isKeyframe: isKeyframe).fec.isEmpty)
        }
        let protected = sender.encoder.statistics.protected
        #expect(protected == 0)
    }

    @Test func `the overhead holds over time, whatever the pictures' sizes`() {
        var random = SeededGenerator(seed: 7)
        let sender = FecSender()
        var media = 0
        var fec = 0
        for _ in 0..<500 {
            let count = Int.random(in: 1...15, using: &random)
            let sent = sender.send(
                FecFixture.unit(count, from: sender.sequence, size: 9, using: &random), overhead: 0.13)
            media += sent.media.count
            fec += sent.fec.count
        }
        #expect(abs(Double(fec) / Double(media) - 0.13) < 0.002)
    }

    @Test func `a packet too large for its slot is left out of the mask`() throws {
        var unit = [FecFixture.packet(1, [1]), FecFixture.packet(2, [UInt8](repeating: 2, count: 1500))]
        unit.append(FecFixture.packet(3, marker: true, [3, 4]))
        let sender = FecSender()
        let fec = sender.send(unit, overhead: 0.34).fec
        try #require(fec.count == 1)
        let statistics = sender.encoder.statistics
        #expect(statistics.unprotected == 1 && statistics.protected == 2)
        let receiver = FecReceiver()
        receiver.receive([unit[2]] + fec)
        #expect(receiver.recovered == [unit[0]])
    }

    @Test func `fewer packets than announced, and more, do no harm`() {
        var random = SeededGenerator(seed: 8)
        var encoder = FecEncoder()
        let unit = FecFixture.unit(20, from: 1, using: &random)
        encoder.begin(packetCount: 10, overhead: 0.5, isKeyframe: false)
        for packet in unit { packet.withUnsafeBytes { encoder.protect($0) } }
        let many = encoder.end()
        encoder.begin(packetCount: 10, overhead: 0.5, isKeyframe: false)
        for packet in unit[..<2] { packet.withUnsafeBytes { encoder.protect($0) } }
        let few = encoder.end()
        let again = encoder.end()
        #expect(many == 5 && few == 3 && again == 0)
    }
}
