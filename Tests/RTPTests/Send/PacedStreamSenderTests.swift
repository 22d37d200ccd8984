import Media
import RTP
import Testing

@Suite struct PacedStreamSenderTests {
    @Test func `a small picture leaves at once`() {
        let stream = PacedStream()
        stream.append(packets: 8, at: .zero)
        stream.drain(at: .zero)
        #expect(
            stream.sent.count == 8 && stream.sent.map(\.header.marker) == Array(repeating: false, count: 7) + [true])
        let deadline = stream.sender.deadline
        #expect(deadline == .distantFuture)
    }

    @Test func `a keyframe of 60 packets leaves spread, in order, none after 100 ms`() throws {
        let stream = PacedStream()
        stream.append(packets: 60, isKeyframe: true, at: .zero)
        stream.run(until: .milliseconds(200))
        #expect(stream.sent.count == 60)
        let last = try #require(stream.sent.last)
        #expect(last.at <= .milliseconds(100) && last.at >= .milliseconds(60))
        for window in stride(from: 0, to: 100, by: 10) {
            let count = stream.sent.count { $0.at >= .milliseconds(window) && $0.at < .milliseconds(window + 10) }
            #expect(count <= (window == 0 ? 20 : 9), "\(count) packets from \(window) ms on")
        }
        let start = stream.sent[0].header.sequence
        #expect(stream.sent.map(\.header.sequence) == (0..<60).map { start &+ UInt16($0) })
        let wakes = Set(stream.sent.map(\.at)).count
        #expect(wakes <= 26, "one wake for what leaves in 4 ms")
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `no packet waits over 100 ms, whatever the encoder gives`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let stream = PacedStream(bitrate: 500_000)
        for picture in 0..<300 {
            let now = Instant.milliseconds(33 * picture)
            let packets =
                picture % 25 == 0 ? Int.random(in: 20...90, using: &random) : Int.random(in: 1...8, using: &random)
            stream.append(packets: packets, at: now)
            stream.drain(at: now)
            if picture % 7 == 0, let some = stream.sent.randomElement(using: &random) {
                stream.sender.repair(some.header.sequence, at: now)
            }
            stream.run(until: .milliseconds(33 * picture + 32))
        }
        stream.run(until: .milliseconds(20_000))
        let (statistics, waiting) = (stream.sender.statistics, stream.sender.waiting)
        #expect(waiting == 0 && statistics.overflow == 0)
        #expect(statistics.longestWait <= .milliseconds(100), "\(statistics.longestWait.milliseconds) ms")
    }

    @Test func `a caller that comes late finds all that is due`() {
        let stream = PacedStream()
        stream.append(packets: 60, at: .zero)
        stream.drain(at: .zero)
        stream.drain(at: .milliseconds(100))
        #expect(stream.sent.count == 60)
    }

    @Test func `a picture that does not fit is refused whole`() {
        let stream = PacedStream(capacity: 32)
        #expect(stream.append(packets: 30, at: .zero))
        #expect(!stream.append(packets: 3, at: .zero))
        #expect(!stream.append(packets: 1, size: 1400, at: .zero))
        let (waiting, overflow) = (stream.sender.waiting, stream.sender.statistics.overflow)
        #expect(waiting == 30 && overflow == 2)
    }

    // MARK: Repairs

    @Test func `a repair is the packet as it was, and goes before what waits`() throws {
        let stream = PacedStream()
        stream.append(packets: 3, at: .zero)
        stream.drain(at: .zero)
        let first = stream.sent[1]
        stream.append(packets: 60, at: .milliseconds(40))
        stream.sender.repair(first.header.sequence, at: .milliseconds(41))
        stream.drain(at: .milliseconds(41))
        #expect(stream.sent[3].bytes == first.bytes && stream.sent[3].isRepair && !stream.sent[4].isRepair)
    }

    @Test func `RTX: own SSRC and numbers, the original number, the same timestamp`() throws {
        let stream = PacedStream(rtx: true, transportExtension: 5)
        stream.append(packets: 3, at: .zero)
        stream.drain(at: .zero)
        for (index, now) in [(0, 100), (2, 110)] {
            stream.sender.repair(stream.sent[index].header.sequence, at: .milliseconds(now))
            stream.drain(at: .milliseconds(now))
        }
        let (first, second) = (stream.sent[3], stream.sent[4])
        #expect(first.header.ssrc == 0x52 && first.header.payloadType == 97)
        #expect(second.header.sequence == first.header.sequence &+ 1)
        #expect(first.header.timestamp == stream.sent[0].header.timestamp && second.header.marker)
        let original = stream.sent[2]
        let number: [UInt8] = [UInt8(original.header.sequence >> 8), UInt8(original.header.sequence & 0xFF)]
        let repaired: [UInt8] = number + Array(original.bytes[original.header.payload])
        #expect(Array(second.bytes[second.header.payload]) == repaired)
        // The history still gives the original.
        let numbers = stream.sent.map { $0.bytes[17...18].reduce(0) { $0 << 8 | Int($1) } }
        #expect(numbers == [0, 1, 2, 3, 4], "the transport-wide number counts all that leaves")
        #expect(stream.sent.allSatisfy { $0.header.headerExtensionProfile == 0xBEDE && $0.bytes[16] == 0x51 })
    }

    @Test func `a packet is repaired once per round trip, four times in all`() {
        let stream = PacedStream()
        stream.sender.report(fractionLost: 0, roundTrip: .milliseconds(50), at: .zero)
        stream.append(packets: 1, at: .zero)
        stream.drain(at: .zero)
        let sequence = stream.sent[0].header.sequence
        for now in stride(from: 50, to: 450, by: 5) {
            stream.sender.repair(sequence, at: .milliseconds(now))
            stream.drain(at: .milliseconds(now))
        }
        let repairs = stream.sent.filter(\.isRepair).map(\.at)
        #expect(repairs == [50, 90, 130, 170].map { Instant.milliseconds($0) })
        let statistics = stream.sender.statistics.repairs
        #expect(statistics.answered == 4 && statistics.requested == 80 && statistics.unknown == 0)
        #expect(statistics.refused == 76 && statistics.tooSoon + statistics.tooOften == 76)
    }

    @Test func `what was never sent, waits or is old is not repaired`() {
        let stream = PacedStream()
        stream.append(packets: 60, at: .zero)
        stream.drain(at: .zero)
        let first = stream.sent[0].header.sequence
        stream.sender.repair(first &- 1, at: .milliseconds(1))
        stream.sender.repair(first &+ 60, at: .milliseconds(1))
        stream.sender.repair(first &+ 59, at: .milliseconds(1))
        stream.run(until: .milliseconds(200))
        stream.sender.repair(first, at: .milliseconds(1501))
        let statistics = stream.sender.statistics.repairs
        #expect(
            statistics.unknown == 2 && statistics.tooSoon == 1 && statistics.tooOld == 1 && statistics.answered == 0)
    }

    @Test func `a flood of NACKs costs at most half of the rate`() {
        let stream = PacedStream(rtx: true)
        for milliseconds in 0..<10_000 {
            let now = Instant.milliseconds(milliseconds)
            if milliseconds % 33 == 0 { stream.append(packets: 5, at: now) }
            stream.drain(at: now)
            let next = stream.sender.sequence
            for age in 1...20 as ClosedRange<UInt16> { stream.sender.repair(next &- age &* 3, at: now) }
        }
        let statistics = stream.sender.statistics
        let limit = 1_500_000 / 8 / 2 * 10.5
        #expect(Double(statistics.repairBytes) <= limit && Double(statistics.repairBytes) > 0.8 * limit)
        #expect(statistics.repairs.overBudget > 100 && statistics.repairs.requested == 200_000)
        #expect(statistics.longestWait <= .milliseconds(100))
        let sums = statistics.repairs.answered + statistics.repairs.refused + statistics.repairs.unknown
        #expect(sums == statistics.repairs.requested)
    }

    @Test func `what is left of a spent budget is for keyframes`() {
        let stream = PacedStream()
        stream.append(packets: 60, at: .zero)
        stream.run(until: .milliseconds(150))
        stream.append(packets: 10, isKeyframe: true, at: .milliseconds(150))
        stream.run(until: .milliseconds(150))
        let (sequences, now) = (stream.sent.map(\.header.sequence), Instant.milliseconds(200))
        for sequence in sequences[..<60] { stream.sender.repair(sequence, at: now) }
        let pictures = stream.sender.statistics.repairs.answered
        for sequence in sequences[60...] { stream.sender.repair(sequence, at: now) }
        let keyframes = stream.sender.statistics.repairs.answered - pictures
        #expect((25...32).contains(pictures) && (8...10).contains(keyframes), "\(pictures) \(keyframes)")
    }

    // MARK: The end

    @Test func `nothing leaves after the end: not what waits, not a repair`() {
        let stream = PacedStream(rtx: true)
        stream.append(packets: 60, at: .zero)
        stream.drain(at: .zero)
        let sent = stream.sent
        stream.sender.repair(sent[0].header.sequence, at: .milliseconds(50))
        stream.sender.end()
        stream.drain(at: .milliseconds(50))
        stream.sender.repair(sent[1].header.sequence, at: .milliseconds(50))
        #expect(!stream.append(packets: 1, at: .milliseconds(51)))
        stream.drain(at: .milliseconds(500))
        #expect(stream.sent.count == sent.count)
        let (deadline, state) = (
            stream.sender.deadline, stream.sender.state(wallclock: NTPTime(rawValue: 1), at: .milliseconds(51))
        )
        #expect(deadline == .distantFuture)
        #expect(state?.packetCount == UInt32(sent.count), "what never left is not in the last report")
    }

    @Test func `a restart begins another stream`() {
        let stream = PacedStream()
        stream.append(packets: 60, at: .zero)
        stream.drain(at: .zero)
        let before = stream.sent.count
        stream.restart(ssrc: 0x99)
        stream.append(packets: 1, at: .milliseconds(10))
        stream.run(until: .milliseconds(200))
        #expect(stream.sent.count == before + 1 && stream.sent.last?.header.ssrc == 0x99)
    }

    @Test func `error correction goes in the stream's own sequence`() {
        let stream = PacedStream()
        stream.append(packets: 2, at: .zero)
        let isQueued = [UInt8](repeating: 7, count: 100).withUnsafeBytes {
            stream.sender.append(
                correction: $0, payloadType: PayloadType(122)!, isKeyframe: false, mediaTime: 3000, at: .zero)
        }
        stream.drain(at: .zero)
        let (media, correction) = (stream.sent[1].header, stream.sent[2].header)
        #expect(isQueued && correction.sequence == media.sequence &+ 1 && correction.payloadType == 122)
        #expect(correction.timestamp == media.timestamp && !correction.marker)
        let held = stream.sender.packet(media.sequence).map { Array($0) }
        #expect(held == stream.sent[1].bytes)
    }
}
