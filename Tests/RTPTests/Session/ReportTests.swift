import Media
import RTP
import Testing

/// What a session tells its peer, and learns from it.
@Suite struct ReportTests {
    /// The next datagram sent at or after `milliseconds`, with all other actions left out.
    private func report(_ endpoint: Endpoint, at milliseconds: Int) -> [UInt8] {
        while let event = endpoint.next(at: milliseconds) {
            if case .send(let bytes) = event { return bytes }
        }
        return []
    }

    private func block(of datagram: [UInt8]) -> ReportBlock? {
        datagram.withUnsafeBytes { bytes in
            var reader = RTCPReader(bytes)
            switch reader.next() {
            case .senderReport(let report): return report.blocks.count > 0 ? report.blocks.block(0, in: bytes) : nil
            case .receiverReport(let report): return report.blocks.count > 0 ? report.blocks.block(0, in: bytes) : nil
            default: return nil
            }
        }
    }

    @Test func `loss is counted as in RFC 3550 appendix A-3`() throws {
        let endpoint = Endpoint()
        // Ten expected, three of them lost.
        for sequence in [10, 11, 13, 14, 17, 18, 19] { _ = endpoint.receive(sequence: sequence) }
        var found = try #require(block(of: report(endpoint, at: 2000)))
        #expect(found.ssrc == 0x1111_1111)
        #expect(found.fractionLost == 3 * 256 / 10)
        #expect(found.cumulativeLost == 3)
        #expect(found.highestSequence == 19)
        // One comes after all; of the next ten none is lost.
        _ = endpoint.receive(sequence: 12, at: 2001)
        for sequence in 20...29 { _ = endpoint.receive(sequence: sequence, at: 2001) }
        found = try #require(block(of: report(endpoint, at: 4000)))
        #expect(found.fractionLost == 0)
        #expect(found.cumulativeLost == 2)
        #expect(endpoint.statistics.lost == 2)
    }

    @Test func `the count of cycles starts at zero and rises with a wrap`() throws {
        let endpoint = Endpoint()
        for sequence in 65_534...65_537 { _ = endpoint.receive(sequence: sequence) }
        #expect(try #require(block(of: report(endpoint, at: 2000))).highestSequence == 0x1_0001)
    }

    /// 20 ms of 8 kHz a packet; the differences of transit are 0, +d, -d ticks, and 16 J is 0, d, 2 d - (d + 8 >> 4):
    /// for 30 ms d is 80, and 16 J is 160 - 5 = 155; for 21 ms d is 8, and 16 J is 16 - 1 = 15, which only rounding
    /// tells from 16.
    @Test(arguments: [([0, 20, 50, 60], UInt32(9), 1125), ([0, 20, 41, 60], 0, 0)])
    func `jitter is as in RFC 3550 appendix A-8, worked by hand`(
        arrivals: [Int], jitter: UInt32, microseconds: Int
    ) throws {
        let endpoint = Endpoint(isVideo: false, clockRate: 8000)
        for (index, arrival) in arrivals.enumerated() {
            _ = endpoint.receive(sequence: index, timestamp: 160 * index, at: arrival)
        }
        #expect(try #require(block(of: report(endpoint, at: 5000))).jitter == jitter)
        #expect(endpoint.statistics.jitter == .microseconds(microseconds))
    }

    @Test func `packets of one picture do not add to jitter`() {
        let endpoint = Endpoint()
        for step in 0..<100 {
            _ = endpoint.receive(sequence: 2 * step, timestamp: 3600 * step, at: 40 * step)
            _ = endpoint.receive(sequence: 2 * step + 1, timestamp: 3600 * step, at: 40 * step + 8)
        }
        #expect(endpoint.statistics.jitter == .zero)
    }

    @Test func `a silent member sends RR with SDES, without a block while it hears nobody`() {
        let (found, isMalformed) = packets(of: report(Endpoint(), at: 2000))
        guard !isMalformed, found.count == 2, case .receiverReport(let report) = found[0],
            case .sourceDescription = found[1]
        else {
            Issue.record("\(found)")
            return
        }
        #expect(report.ssrc == Endpoint.ssrc && report.blocks.count == 0)
    }

    @Test func `a sender sends SR whose two clocks stand for the moment of the report`() {
        let endpoint = Endpoint()
        endpoint.sender = SenderState(
            ssrc: Endpoint.ssrc, packetCount: 10, octetCount: 9000, rtpTimestamp: 0xFFFF_FFFF,
            timestampInstant: .milliseconds(1000), wallclock: NTPTime(rawValue: 100 << 32),
            wallclockInstant: .milliseconds(1500))
        guard case .senderReport(let first) = packets(of: report(endpoint, at: 2000)).packets.first else {
            Issue.record("no SR")
            return
        }
        // One second after the timestamp's moment, half a second after the wall clock's.
        #expect(first.information.rtpTimestamp == 89_999)
        #expect(first.information.ntp.rawValue == 100 << 32 | 0x8000_0000)
        #expect(first.information.packetCount == 10 && first.information.octetCount == 9000)
        // Nothing sent since: RR.
        guard case .receiverReport = packets(of: report(endpoint, at: 4000)).packets.first else {
            Issue.record("no RR")
            return
        }
    }

    @Test func `round trip and the peer's loss come from its report about us`() {
        let endpoint = Endpoint()
        endpoint.sender = SenderState(
            ssrc: Endpoint.ssrc, packetCount: 1, octetCount: 1, rtpTimestamp: 0, timestampInstant: .zero,
            wallclock: NTPTime(rawValue: 0xE1B2_C3D4_0000_0000), wallclockInstant: .milliseconds(2000))
        _ = report(endpoint, at: 2000)
        // LSR is the middle of that SR's time; the peer held it for half a second; 620 ms have passed.
        let answer = "81 C9 0007 11111111 0A0B0C0D 80 000005 00000010 00000000 C3D40000 00008000"
        #expect(endpoint.receive(hex(answer), at: 2620) == .control)
        #expect(endpoint.statistics.roundTrip == .milliseconds(120))
        #expect(endpoint.statistics.peerLost == 5)
        #expect(endpoint.statistics.peerFractionLost == 0.5)
        // A delay longer than the time that passed is a lie.
        #expect(endpoint.receive(hex(answer), at: 2400) == .control)
        #expect(endpoint.statistics.roundTrip == .milliseconds(120))
    }

    @Test func `a sender report gives lip-sync its clocks, and goes back as LSR and DLSR`() throws {
        let endpoint = Endpoint()
        let timestamp = try #require(endpoint.receive(sequence: 1, timestamp: 90_000, at: 0).timestamp)
        _ = endpoint.events(at: 0)
        // At NTP E1B2C3D4.8, timestamp 90090.
        let senderReport = "80 C8 0006 11111111 E1B2C3D4 80000000 00015FEA 00000001 00000004"
        #expect(endpoint.receive(hex(senderReport), at: 100) == .control)
        #expect(
            endpoint.events(at: 100)
                == [.senderReport(NTPTime(rawValue: 0xE1B2_C3D4_8000_0000), timestamp + 90)])
        let found = try #require(block(of: report(endpoint, at: 2100)))
        #expect(found.lastSenderReport == 0xC3D4_8000)
        #expect(found.delaySinceLastSenderReport == 2 * 65_536)
        // A stranger's report changes nothing.
        #expect(endpoint.receive(hex(senderReport.replacing("11111111", with: "22222222")), at: 2200) == .control)
        #expect(endpoint.events(at: 2200) == [])
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `reports keep the interval of RFC 3550 section 6-2`(seed: UInt64) {
        let endpoint = Endpoint(seed: seed)
        var times: [Double] = []
        while times.count < 400 {
            let now = endpoint.deadline
            while let event = endpoint.next(at: now) {
                if case .send = event { times.append((now - .zero).seconds) }
            }
            #expect(endpoint.deadline > now)
        }
        #expect((0.25...0.75).contains(times[0]), "the first comes after half the interval")
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(gaps.allSatisfy { (0.5...1.5).contains($0) })
        #expect((0.95...1.05).contains(gaps.reduce(0, +) / Double(gaps.count)))
    }

    @Test func `a narrow line gets fewer reports`() {
        // About 100 bytes for each of two members within 160 bit/s: ten seconds.
        let endpoint = Endpoint(controlBitrate: 160)
        var count = 0
        for second in 0..<600 { if !report(endpoint, at: 1000 * second).isEmpty { count += 1 } }
        #expect((45...90).contains(count))
    }

    @Test func `BYE ends a compound with its reason`() {
        let bytes = Endpoint().goodbye("hết giờ", at: 10)
        let (found, isMalformed) = packets(of: bytes)
        guard !isMalformed, found.count == 3, case .goodbye(let goodbye) = found[2] else {
            Issue.record("\(found)")
            return
        }
        bytes.withUnsafeBytes { raw in
            #expect(goodbye.source(0, in: raw) == Endpoint.ssrc)
            #expect(String(decoding: raw[goodbye.reason], as: UTF8.self) == "hết giờ")
        }
    }
}
