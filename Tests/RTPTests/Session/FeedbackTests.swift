import Media
import RTP
import Testing

/// What a session sends as feedback, and what it hands on of the peer's.
@Suite struct FeedbackTests {
    private func started(_ adjust: (inout RTPSession.Configuration) -> Void = { _ in }) -> Endpoint {
        let endpoint = Endpoint(adjust)
        _ = endpoint.receive(sequence: 1)
        _ = endpoint.sent(at: 1000)
        return endpoint
    }

    // MARK: NACK

    @Test func `repairs asked for go in one NACK of a minimal compound`() {
        let endpoint = started()
        for sequence: Int64 in [65_530, 65_536, 65_546, 65_547, 70_000] { endpoint.requestRepair(sequence) }
        #expect(endpoint.deadline == .zero)
        let datagrams = endpoint.sent(at: 1001)
        #expect(datagrams.count == 1)
        let (found, isMalformed) = packets(of: datagrams[0])
        guard !isMalformed, found.count == 3, case .receiverReport(let report) = found[0],
            case .sourceDescription = found[1], case .genericNack(let nack) = found[2]
        else {
            Issue.record("\(found)")
            return
        }
        #expect(report.blocks.count == 0, "the regular report keeps its interval of loss")
        #expect(nack.sources == FeedbackSources(sender: Endpoint.ssrc, media: 0x1111_1111))
        // 65530; 0 (6 on), 10 (16 on); 11 begins anew; 4464.
        #expect(datagrams[0].suffix(12) == hex("FFFA 8020 000B 0000 1170 0000")[...])
        #expect(endpoint.statistics.repairsRequested == 5)
        #expect(endpoint.sent(at: 1002) == [])
    }

    @Test func `what does not fit one datagram goes in the next`() {
        let name = String(repeating: "x", count: 255)
        let endpoint = started { $0.cname = name }
        for sequence in 0..<300 { endpoint.requestRepair(Int64(sequence * 20)) }
        let datagrams = endpoint.sent(at: 1001)
        #expect(datagrams.count == 2 && datagrams.allSatisfy { $0.count <= 1200 })
        #expect(endpoint.statistics.repairsRequested == 256, "no more are kept")
    }

    @Test func `without NACK, and before a stream, no repair is asked for`() {
        let endpoint = started { $0.feedback = [.pli, .remb] }
        endpoint.requestRepair(7)
        #expect(endpoint.sent(at: 1001) == [] && endpoint.deadline > .milliseconds(1001))
        let lonely = Endpoint()
        lonely.requestRepair(7)
        #expect(lonely.deadline > .zero)
    }

    @Test func `NACKs do not cut the report's interval of loss`() throws {
        let endpoint = started()
        for sequence in [2, 3, 5, 6, 7, 8, 9, 10, 11] {
            _ = endpoint.receive(sequence: sequence, at: 1010)
            endpoint.requestRepair(65_540)
            _ = endpoint.sent(at: 1010)
        }
        let report = try #require(endpoint.sent(at: 5000).first)
        #expect(report[12] == 256 / 10, "one of ten")
    }

    // MARK: The peer's

    @Test func `the peer's NACKs give their numbers, the newest 512`() {
        let endpoint = started()
        _ = endpoint.receive(hex("81 CD 0004 00000001 0A0B0C0D FFFF 0005 0100 8000"), at: 0)
        #expect(endpoint.feedback() == [.repairRequested([0xFFFF, 0, 2, 256, 272])])
        #expect(endpoint.feedback() == [])
        _ = endpoint.receive(hex("81 CD 0003 00000001 22222222 FFFF 0005"), at: 0)
        #expect(endpoint.feedback() == [], "another stream's")
        for round in 0..<100 {
            _ = endpoint.receive(hex("81 CD 0003 00000001 0A0B0C0D") + [0, UInt8(round), 0xFF, 0xFF], at: 1)
        }
        guard case .repairRequested(let sequences) = endpoint.feedback().first else {
            Issue.record("nothing")
            return
        }
        #expect(sequences.count == 512 && sequences.contains(99 + 16) && !sequences.contains(0))
    }

    @Test func `report blocks about us come as facts, the newest wins`() {
        let endpoint = started()
        _ = endpoint.receive(hex("81 C9 0007 11111111 0A0B0C0D 40 000003 00000010 00000384 00000000 00000000"), at: 0)
        _ = endpoint.receive(hex("81 C9 0007 11111111 0A0B0C0D 80 FFFFFE 00000010 00000384 00000000 00000000"), at: 1)
        _ = endpoint.receive(hex("81 C9 0007 11111111 22222222 FF 000009 00000010 00000384 00000000 00000000"), at: 2)
        let facts = ReceiverReportFacts(
            fractionLost: 0.5, cumulativeLost: -2, jitter: .milliseconds(10), roundTrip: nil)
        #expect(endpoint.feedback() == [.report(facts)])
    }

    @Test func `REMB is a limit if it names us or nobody`() {
        let endpoint = started()
        _ = endpoint.receive(hex("8F CE 0005 00000001 00000000 52454D42 01 0BD090 22222222"), at: 0)
        #expect(endpoint.feedback() == [] && endpoint.statistics.peerBitrate == nil)
        _ = endpoint.receive(hex("8F CE 0004 00000001 00000000 52454D42 00 0BD090"), at: 0)
        #expect(endpoint.feedback() == [.bitrateLimit(Bitrate("1M")!)])
        _ = endpoint.receive(hex("8F CE 0006 00000001 00000000 52454D42 02 03D090 22222222 0A0B0C0D"), at: 0)
        #expect(endpoint.feedback() == [.bitrateLimit(Bitrate("250k")!)])
    }

    @Test func `a limit is over when who asked for it has gone, an estimate when it is not said any more`() {
        let endpoint = started()
        let remb = hex("8F CE 0004 00000001 00000000 52454D42 00 0BD090")
        // 128 kbit/s of 0xBEEF.
        let tmmbr = hex("83 CD 0004 0000BEEF 00000000 0A0B0C0D 03E80028")
        _ = endpoint.receive(remb, at: 0)
        _ = endpoint.receive(tmmbr, at: 0)
        #expect(endpoint.feedback(at: 0) == [.bitrateLimit(Bitrate("128k")!)])
        // The reboot of a device that says goodbye.
        _ = endpoint.receive(hex("81 CB 0001 0000BEEF"), at: 1_000)
        #expect(endpoint.feedback(at: 1_000) == [.bitrateLimit(Bitrate("1M")!)])
        #expect(endpoint.feedback(at: 19_000) == [])
        #expect(endpoint.feedback(at: 21_000) == [.bitrateLimit(nil)] && endpoint.statistics.peerBitrate == nil)
        // And of one that does not.
        _ = endpoint.receive(tmmbr, at: 22_000)
        #expect(endpoint.feedback(at: 22_000) == [.bitrateLimit(Bitrate("128k")!)])
        #expect(endpoint.feedback(at: 90_000) == [], "a TMMBR stands until another one comes")
        for sequence in 1...2 { _ = endpoint.receive(ssrc: 0x7777_7777, sequence: sequence, at: 90_000) }
        #expect(endpoint.remoteSSRC == 0x7777_7777)
        #expect(endpoint.feedback(at: 90_000) == [.bitrateLimit(nil)])
    }

    @Test func `TMMBR is a limit, confirmed by TMMBN, and a flood of it by few`() {
        let endpoint = started()
        // 512 kbit/s, overhead 40.
        let word = UInt32(2 << 26 | 128_000 << 9 | 40)
        func tmmbr(_ ssrc: String) -> [UInt8] {
            let limit: [UInt8] = [24, 16, 8, 0].map { (shift: Int) -> UInt8 in UInt8(word >> UInt32(shift) & 0xFF) }
            return hex("83 CD 0004 0000BEEF 00000000 \(ssrc)") + limit
        }
        _ = endpoint.receive(tmmbr("22222222"), at: 1001)
        #expect(endpoint.feedback() == [] && endpoint.sent(at: 1001) == [])
        _ = endpoint.receive(tmmbr("0A0B0C0D"), at: 1002)
        #expect(endpoint.feedback() == [.bitrateLimit(Bitrate("512k")!)])
        let answer = endpoint.sent(at: 1002)
        // We say that we keep to the limit of 0xBEEF.
        let notice = Array(hex("84 CD 0004 0A0B0C0D 00000000 0000BEEF") + tmmbr("0A0B0C0D").suffix(4))
        #expect(answer.count == 1 && Array(answer[0].suffix(20)) == notice)
        var answers = 0
        for now in 1003..<1503 {
            _ = endpoint.receive(tmmbr("0A0B0C0D"), at: now)
            answers += endpoint.sent(at: now).count
        }
        #expect((9...12).contains(answers))
        // Whichever is lower holds.
        _ = endpoint.receive(hex("8F CE 0005 00000001 00000000 52454D42 01 0BD090 0A0B0C0D"), at: 1600)
        #expect(endpoint.feedback() == [.bitrateLimit(Bitrate("512k")!)])
    }

    @Test func `transport-wide feedback is handed on, four messages at most`() {
        let endpoint = started()
        for number in UInt8(1)...6 {
            let head = hex("8F CD 0005 00000001 0A0B0C0D 0001 0001 000000")
            _ = endpoint.receive(head + [number] + hex("2001 0400"), at: 0)
        }
        let found = endpoint.feedback()
        #expect(found.count == 4)
        #expect(found.first == .transportFeedback(hex("0001 0001 00000001 2001 0400")))
        #expect(endpoint.feedback() == [])
    }

    // MARK: Asking for less

    /// The limits asked for by TMMBR and REMB, with their times, each confirmed by TMMBN if `confirming`.
    private func limits(
        _ endpoint: Endpoint, _ times: Range<Int>, confirming: Bool = false
    ) -> (tmmbr: [(Int, Int)], remb: [(Int, Int)]) {
        var (tmmbr, remb): ([(Int, Int)], [(Int, Int)]) = ([], [])
        for now in times where now % 10 == 0 {
            if now % 100 == 0 { _ = endpoint.receive(sequence: now / 100, timestamp: 90 * now, at: now) }
            for datagram in endpoint.sent(at: now) {
                for packet in packets(of: datagram).packets {
                    switch packet {
                    case .tmmbr(let request):
                        let entry = datagram.withUnsafeBytes { request.entry(0, in: $0) }
                        #expect(entry.ssrc == 0x1111_1111 && entry.overhead == 40)
                        tmmbr.append((now, entry.bitrate.bitsPerSecond))
                        if confirming {
                            let rate = datagram.suffix(4)
                            _ = endpoint.receive(hex("84 CD 0004 11111111 00000000 0A0B0C0D") + rate, at: now)
                        }
                    case .remb(let estimate):
                        remb.append((now, estimate.bitrate.bitsPerSecond))
                    default: break
                    }
                }
            }
        }
        return (tmmbr, remb)
    }

    @Test func `a limit is asked for by TMMBR until it is confirmed, then every ten seconds`() {
        let endpoint = started { $0.feedback = .tmmbr }
        endpoint.requestBitrate(Bitrate("500k"))
        let open = limits(endpoint, 2000..<20_000)
        #expect(open.tmmbr.map(\.0) == [2000, 2250, 2750, 3750, 5750, 9750, 17_750])
        #expect(open.tmmbr.allSatisfy { $0.1 == 500_000 } && open.remb.isEmpty)
        endpoint.requestBitrate(Bitrate("300k"))
        let confirmed = limits(endpoint, 20_000..<45_000, confirming: true)
        #expect(confirmed.tmmbr.map(\.1) == [300_000, 300_000, 300_000])
        #expect(confirmed.tmmbr.map(\.0) == [20_000, 30_250, 40_250])
        endpoint.requestBitrate(Bitrate("300k"))
        #expect(limits(endpoint, 45_000..<50_000).tmmbr.isEmpty, "nothing new")
        endpoint.requestBitrate(nil)
        let lifted = limits(endpoint, 50_000..<90_000)
        #expect(lifted.tmmbr.count == 4 && lifted.tmmbr.allSatisfy { $0.1 > 900_000_000 })
    }

    @Test func `REMB goes with every report, and at once on a change above a tenth`() {
        let endpoint = started { $0.feedback = .remb }
        endpoint.requestBitrate(Bitrate("1M"))
        let first = limits(endpoint, 2000..<12_000)
        #expect(first.remb.first?.0 == 2000 && (8...13).contains(first.remb.count) && first.tmmbr.isEmpty)
        endpoint.requestBitrate(Bitrate("950k"))
        _ = limits(endpoint, 12_000..<12_010)
        endpoint.requestBitrate(Bitrate("300k"))
        #expect(limits(endpoint, 12_010..<12_020).remb.map(\.1) == [300_000])
        endpoint.requestBitrate(nil)
        #expect(limits(endpoint, 12_020..<12_030).remb.first.map { $0.1 > 900_000_000 } == true)
        let farewell = limits(endpoint, 12_030..<40_000)
        #expect(farewell.remb.count == 4, "then silence")
    }

    @Test func `another stream is told anew, and nothing is asked where nothing was agreed on`() {
        let endpoint = started { $0.feedback = .tmmbr }
        endpoint.requestBitrate(Bitrate("500k"))
        _ = limits(endpoint, 2000..<2010, confirming: true)
        #expect(endpoint.receive(ssrc: 5, sequence: 7, at: 3000) == .dropped(.probation))
        #expect(endpoint.receive(ssrc: 5, sequence: 8, at: 3001).sequence != nil)
        let requests = endpoint.sent(at: 3002).filter {
            packets(of: $0).packets.contains { if case .tmmbr = $0 { true } else { false } }
        }
        #expect(requests.count == 1)
        let silent = started { $0.feedback = [.nack, .pli] }
        silent.requestBitrate(Bitrate("500k"))
        #expect(silent.deadline > .milliseconds(1001))
        let found = limits(silent, 2000..<10_000)
        #expect(found.tmmbr.isEmpty && found.remb.isEmpty)
    }

    // MARK: Collision

    @Test func `a collision is said once, and a loop does not make us change for ever`() {
        let endpoint = started()
        #expect(endpoint.receive(ssrc: Endpoint.ssrc, sequence: 1, at: 2000) == .dropped(.ownSSRC))
        #expect(endpoint.receive(ssrc: Endpoint.ssrc, sequence: 2, at: 2001) == .dropped(.ownSSRC))
        #expect(endpoint.feedback() == [.collision])
        endpoint.changeSSRC(to: 0x7777_7777)
        #expect(Array(endpoint.goodbye("", at: 2002)[4..<8]) == hex("77777777"))
        #expect(endpoint.receive(sequence: 3, at: 2003).sequence != nil, "what comes in goes on")
        // A day in which our own packets come back, whatever SSRC they carry.
        var changes = 0
        for second in 3..<86_400 {
            _ = endpoint.receive(ssrc: 0x7777_7777 + UInt32(changes), sequence: second, at: 1000 * second)
            guard endpoint.feedback().contains(.collision) else { continue }
            changes += 1
            endpoint.changeSSRC(to: 0x7777_7777 + UInt32(changes))
        }
        #expect((20...40).contains(changes))
        #expect(endpoint.statistics.collisions == changes + 1)
        // RTCP under our SSRC is one too.
        let other = started()
        _ = other.receive(hex("80 C9 0001 0A0B0C0D"), at: 2000)
        #expect(other.feedback() == [.collision])
    }
}
