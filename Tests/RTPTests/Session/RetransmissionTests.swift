import Media
import RTP
import Testing

/// RTX by RFC 4588, and packets that come again as they were.
@Suite struct RetransmissionTests {
    private static let media: UInt32 = 0x1111_1111

    private func endpoint() -> Endpoint {
        Endpoint { $0.retransmitted = [PayloadType(97)!: PayloadType(96)!, PayloadType(99)!: PayloadType(98)!] }
    }

    /// An RTX packet that says it repeats `original`.
    private func rtx(
        _ original: Int, timestamp: Int, ssrc: UInt32 = 0x2222_2222, type: UInt8 = 97, sequence: Int = 1,
        payload: [UInt8] = [9, 8, 7]
    ) -> [UInt8] {
        let head = Array(Endpoint.packet(ssrc: ssrc, sequence: sequence, timestamp: timestamp, type: type).prefix(12))
        return head + [UInt8(original >> 8 & 0xFF), UInt8(original & 0xFF)] + payload
    }

    /// 100 packets a second, but for `missing`.
    private func feed(_ endpoint: Endpoint, _ steps: Range<Int>, missing: [Int] = []) {
        for step in steps where !missing.contains(step) {
            _ = endpoint.receive(sequence: 65_500 + step, timestamp: 900 * step, at: 10 * step)
        }
    }

    @Test func `a repair becomes the packet it repeats, and counts nowhere else`() {
        let endpoint = endpoint()
        feed(endpoint, 0..<100, missing: [50])
        let before = endpoint.statistics
        let datagram = rtx(65_550 - 65_536, timestamp: 900 * 50)
        guard case .media(let header, let sequence, let timestamp) = endpoint.receive(datagram, at: 1000) else {
            Issue.record("not taken")
            return
        }
        #expect(header.ssrc == Self.media && header.payloadType == 96 && header.sequence == 14)
        #expect(Array(datagram[header.payload]) == [9, 8, 7])
        #expect(sequence == 65_536 + 65_550 && timestamp == 1 << 32 + 900 * 50)
        #expect(endpoint.lastOrigin == .retransmission)
        var expected = before
        expected.retransmitted = 1
        #expect(endpoint.statistics == expected)
        #expect(endpoint.receive(datagram, at: 1001) == .dropped(.duplicate), "once is enough")
        // The original was only late: it is no loss, and no second picture.
        #expect(endpoint.receive(sequence: 65_550, timestamp: 900 * 50, at: 1002) == .dropped(.duplicate))
        #expect(endpoint.statistics.lost == 0)
        _ = endpoint.receive(sequence: 65_600, timestamp: 90_000, at: 1003)
        #expect(endpoint.lastOrigin == .line)
    }

    @Test func `a lying OSN, a probe and a stranger's type are refused`() {
        let endpoint = endpoint()
        #expect(endpoint.receive(rtx(14, timestamp: 0), at: 0) == .dropped(.retransmission), "before any stream")
        feed(endpoint, 0..<2000, missing: [1950])
        let newest = 65_500 + 1999
        for (original, timestamp) in [
            (newest + 1, 900 * 2000),  // not sent yet
            (newest - 1024, 900 * 975),  // long past
            (newest + 30_000, 0),  // anything
            (65_500 + 1950, 900 * 2010),  // younger than the newest
            (65_500 + 1950, 900 * 1700),  // three seconds old
        ] {
            #expect(endpoint.receive(rtx(original, timestamp: timestamp), at: 20_000) == .dropped(.retransmission))
        }
        for payload in [[], [1]] as [[UInt8]] {
            let probe = rtx(65_500 + 1950, timestamp: 900 * 1950).prefix(12) + payload
            #expect(endpoint.receive(Array(probe), at: 20_000) == .dropped(.retransmission))
        }
        let empty = rtx(65_500 + 1950, timestamp: 900 * 1950, payload: [])
        #expect(endpoint.receive(empty, at: 20_000) == .dropped(.retransmission))
        // 99 repeats 98, which is not taken.
        let foreign = rtx(65_500 + 1950, timestamp: 900 * 1950, type: 99)
        #expect(endpoint.receive(foreign, at: 20_000) == .dropped(.payloadType))
        #expect(endpoint.statistics.retransmittedRefused == 9 && endpoint.statistics.retransmitted == 0)
        #expect(endpoint.receive(rtx(65_500 + 1950, timestamp: 900 * 1950), at: 20_000).sequence != nil)
    }

    @Test func `a flood of RTX of any SSRC moves nothing`() {
        let endpoint = endpoint()
        feed(endpoint, 0..<1000, missing: [900])
        _ = endpoint.sent(at: 10_000)
        var generator = SeededGenerator(seed: 3)
        var taken = 0
        for step in 0..<100_000 {
            let ssrc = UInt32.random(in: 1 ... .max, using: &generator)
            let original = Int.random(in: 0...65_535, using: &generator)
            let timestamp = 900 * Int.random(in: 0..<1000, using: &generator)
            let datagram = rtx(original, timestamp: timestamp, ssrc: ssrc, sequence: step)
            if endpoint.receive(datagram, at: 10_000 + step / 100).sequence != nil { taken += 1 }
        }
        #expect(taken <= 1, "one packet was missing")
        #expect(endpoint.remoteSSRC == Self.media && endpoint.statistics.streamChanges == 1)
        // Silence is not broken by RTX, and its source is no candidate.
        for step in 0..<10 {
            _ = endpoint.receive(rtx(200, timestamp: 0, sequence: step), at: 20_000 + step)
        }
        #expect(endpoint.receive(ssrc: 3, sequence: 7, at: 20_100) == .dropped(.probation))
        #expect(endpoint.receive(ssrc: 3, sequence: 8, at: 20_101).sequence != nil)
    }

    @Test func `random RTX of every short length never traps`() {
        let endpoint = endpoint()
        feed(endpoint, 0..<10)
        var generator = SeededGenerator(seed: 8)
        for round in 0..<30_000 {
            var bytes = (0..<round % 33).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if bytes.count > 1 {
                bytes[0] = 0x80 | bytes[0] & 0x3F
                bytes[1] = 97 | bytes[1] & 0x80
            }
            _ = endpoint.receive(bytes, at: 100 + round / 1000)
        }
        #expect(endpoint.statistics.retransmittedRefused > 500)
    }

    @Test func `a packet that comes again as it was is taken up to 1023 behind`() {
        let endpoint = endpoint()
        for step in 0..<1500 where step != 10 && step != 700 && step != 1450 {
            _ = endpoint.receive(sequence: 1000 + step, timestamp: 90 * step, at: step)
        }
        for step in [1450, 700, 10] {
            #expect(
                endpoint.receive(sequence: 1000 + step, timestamp: 90 * step, at: 1500).sequence
                    == Int64(65_536 + 1000 + step))
        }
        #expect(endpoint.statistics.reordered == 1 && endpoint.statistics.late == 2 && endpoint.statistics.lost == 0)
        // Within the newest 1024 a second one is known.
        #expect(endpoint.receive(sequence: 1700, timestamp: 90 * 700, at: 1501) == .dropped(.duplicate))
    }
}
