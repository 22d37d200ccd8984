import Media
import RTP
import Testing

/// A mixer's stream: what is sent again or protected says who was in it when it was made.
@Suite struct ContributedStreamTests {
    private static let full = Contributors((1...15).map { 0x1000_0000 + $0 }, levels: (1...15).map { 8 * $0 })

    private func contributors(of sent: PacedStream.Sent) -> Contributors {
        sent.bytes.withUnsafeBytes { sent.header.contributors(in: $0, levelExtension: 7) }
    }

    /// Sends one access unit, and FEC for half as many packets behind it.
    private func send(
        _ count: Int, size: Int = 1200, _ stream: PacedStream, _ encoder: inout FecEncoder, overhead: Double = 0.5,
        at now: Instant
    ) {
        let first = stream.sender.sequence
        #expect(stream.append(packets: count, size: size, at: now))
        encoder.begin(packetCount: count, overhead: overhead, isKeyframe: false)
        for index in 0..<count {
            if let packet = stream.sender.packet(first &+ UInt16(index)) { encoder.protect(packet) }
        }
        for index in 0..<encoder.end() {
            let isQueued = stream.sender.append(
                correction: encoder.payload(index), payloadType: PayloadType(122)!, isKeyframe: false, mediaTime: 3000,
                at: now)
            #expect(isQueued)
        }
        stream.run(until: now + .milliseconds(200))
    }

    @Test func `a repair has the contributors of its first sending`() {
        for rtx in [false, true] {
            let stream = PacedStream(rtx: rtx, levelExtension: 7)
            stream.sender.contributors = Contributors([1, 2], levels: [10, 20])
            stream.append(packets: 2, at: .zero)
            stream.sender.contributors = Self.full
            stream.append(packets: 1, at: .zero)
            stream.drain(at: .zero)
            stream.sender.contributors = Contributors([3])
            for index in 0..<3 { stream.sender.repair(stream.sent[index].header.sequence, at: .milliseconds(100)) }
            stream.run(until: .milliseconds(200))
            #expect(stream.sent.map { contributors(of: $0).count } == [2, 2, 15, 2, 2, 15])
            for (first, repair) in zip(stream.sent[..<3], stream.sent[3...]) {
                #expect(contributors(of: first) == contributors(of: repair) && repair.isRepair)
                if !rtx { #expect(repair.bytes == first.bytes, "SRTP allows nothing else") }
                let original = repair.bytes[repair.header.payload].suffix(1200)
                #expect(original == first.bytes[first.header.payload])
            }
        }
    }

    @Test func `a restart keeps the contributors`() {
        let stream = PacedStream(levelExtension: 7)
        stream.sender.contributors = Self.full
        stream.restart(ssrc: 0x99)
        stream.append(packets: 1, at: .zero)
        stream.drain(at: .zero)
        #expect(contributors(of: stream.sent[0]) == Self.full)
    }

    @Test func `FEC packets have no contributors, and bring back packets that have, to the last byte`() {
        let stream = PacedStream(levelExtension: 7)
        stream.sender.contributors = Self.full
        var encoder = FecEncoder()
        let receiver = FecReceiver()
        var lost: [[UInt8]] = []
        for picture in 0..<50 {
            let start = stream.sent.count
            send(6, stream, &encoder, at: .milliseconds(300 * picture))
            for (index, sent) in stream.sent[start...].enumerated() {
                if sent.header.payloadType == FecFixture.fecType { #expect(sent.header.csrcCount == 0) }
                if index == picture % 6 { lost.append(sent.bytes) } else { receiver.receive(sent.bytes) }
            }
        }
        #expect(receiver.recovered == lost && lost.count == 50)
    }

    @Test(arguments: [nil, 5])
    func `FEC over pictures with other contributors mixes up no bytes`(transportExtension: Int?) {
        let stream = PacedStream(transportExtension: transportExtension, levelExtension: 7)
        var encoder = FecEncoder()
        let receiver = FecReceiver()
        var random = SeededGenerator(seed: 4)
        var media: [UInt16: PacedStream.Sent] = [:]
        for picture in 0..<400 {
            if picture % 3 == 0 { stream.sender.contributors = Contributors((0..<UInt32(picture % 5)).map { $0 }) }
            let start = stream.sent.count
            // A packet each: several pictures share an FEC packet.
            send(1, size: 100, stream, &encoder, overhead: 0.4, at: .milliseconds(300 * picture))
            for sent in stream.sent[start...] {
                if sent.header.payloadType == 96 { media[sent.header.sequence] = sent }
                if Double.random(in: 0..<1, using: &random) > 0.15 { receiver.receive(sent.bytes) }
            }
        }
        #expect(receiver.recovered.count > 20 && receiver.statistics.damaged == 0)
        for packet in receiver.recovered {
            packet.withUnsafeBytes { bytes in
                guard let header = RTPHeader(parsing: bytes), let original = media[header.sequence] else {
                    Issue.record("a packet that was never sent")
                    return
                }
                #expect(header.contributors(in: bytes) == contributors(of: original))
                #expect(packet[header.payload] == original.bytes[original.header.payload])
            }
        }
    }

    @Test func `the longest datagrams stay below 1400 bytes, an authentication tag included`() {
        let stream = PacedStream(rtx: true, transportExtension: 5, levelExtension: 7)
        stream.sender.contributors = Self.full
        var encoder = FecEncoder()
        send(40, stream, &encoder, at: .zero)
        #expect(encoder.statistics.unprotected == 0)
        stream.sender.repair(stream.sent[0].header.sequence, at: .milliseconds(300))
        stream.run(until: .milliseconds(400))
        let (tag, redundant) = (16, 1)
        #expect(stream.sent[0].bytes.count == RTPHeader.largestWrittenSize + 1200)
        let sizes = stream.sent.map { $0.bytes.count + tag + ($0.header.payloadType == 122 ? redundant : 0) }
        #expect(sizes.max() ?? 0 < 1400 && stream.sent.contains { $0.header.payloadType == 122 })
        #expect(stream.sent.last?.isRepair == true)
    }
}
