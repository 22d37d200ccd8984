import Media
import RTP
import Testing

@Suite struct RTCPReaderTests {
    /// SR with one block, SDES with a CNAME: the compound of RFC 3550 section 6.1.
    static let compound =
        hex("81 C8 000C 11223344")  // one block, 12 more words, SSRC
        + hex("E1B2C3D4 80000000")  // NTP: seconds, half a second
        + hex("00010203 00000064 00002710")  // RTP timestamp, 100 packets, 10000 octets
        + hex("0A0B0C0D 40 FFFFFE")  // the block is about us: a quarter lost, -2 in all
        + hex("0001FFFF 00000021 C3D48000 00008000")  // highest, jitter 33, LSR, DLSR of half a second
        + hex("81 CA 0003 11223344 01 04 61626364 00 00")  // SDES: one chunk, CNAME "abcd", two nulls

    @Test func `a compound of SR and SDES gives each field of RFC 3550 section 6.4.1`() throws {
        let (found, isMalformed) = packets(of: Self.compound)
        #expect(!isMalformed)
        guard found.count == 2, case .senderReport(let report) = found[0], case .sourceDescription(let names) = found[1]
        else {
            Issue.record("\(found)")
            return
        }
        #expect(report.ssrc == 0x1122_3344)
        #expect(
            report.information
                == SenderReport.Information(
                    ntp: NTPTime(rawValue: 0xE1B2_C3D4_8000_0000), rtpTimestamp: 0x0001_0203, packetCount: 100,
                    octetCount: 10_000))
        Self.compound.withUnsafeBytes { bytes in
            #expect(report.blocks.count == 1)
            #expect(
                report.blocks.block(0, in: bytes)
                    == ReportBlock(
                        ssrc: Endpoint.ssrc, fractionLost: 64, cumulativeLost: -2, highestSequence: 0x1FFFF,
                        jitter: 33, lastSenderReport: 0xC3D4_8000, delaySinceLastSenderReport: 0x8000))
            var items = names.items(in: bytes)
            let item = items.next()
            #expect(item?.kind == .cname && item?.ssrc == 0x1122_3344)
            #expect(item.map { String(decoding: bytes[$0.text], as: UTF8.self) } == "abcd")
            #expect(items.next() == nil)
        }
    }

    @Test func `BYE gives its sources and reason`() {
        let bytes = hex("82 CB 0004 00000001 00000002 05 6C6F7374 21 0000")  // two sources, "lost!"
        guard case .goodbye(let goodbye) = packets(of: bytes).packets.first else {
            Issue.record("no BYE")
            return
        }
        bytes.withUnsafeBytes { bytes in
            #expect((0..<goodbye.sourceCount).map { goodbye.source($0, in: bytes) } == [1, 2])
            #expect(String(decoding: bytes[goodbye.reason], as: UTF8.self) == "lost!")
        }
    }

    @Test func `APP gives its sender, subtype, name and data`() throws {
        // Subtype 3, "MCUL", two words; then a PLI.
        let bytes = hex("83 CC 0004 00000001 4D43554C 01020304 05060708 81 CE 0002 00000001 00000002")
        let (found, isMalformed) = packets(of: bytes)
        guard !isMalformed, found.count == 2, case .application(let packet) = found[0] else {
            Issue.record("\(found)")
            return
        }
        #expect(packet.ssrc == 1 && packet.subtype == 3 && packet.name == ApplicationPacket.Name("MCUL"))
        #expect(packet.name.rawValue == 0x4D43_554C)
        #expect(Array(bytes[packet.data]) == [1, 2, 3, 4, 5, 6, 7, 8])
        // One without data, padded.
        guard case .application(let empty) = packets(of: hex("A0 CC 0003 00000001 4D43554C 00000004")).packets.first
        else {
            Issue.record("no APP")
            return
        }
        #expect(empty.data.isEmpty && empty.subtype == 0)
    }

    @Test(arguments: ["01 05 6162636465 00", "01 02 6162 00000000", "01 03 616263 000000", "01 04 61626364 0000"])
    func `SDES chunks end with one to four nulls, and the next one follows`(items: String) {
        let body = hex("00000001") + hex(items) + hex("00000002 01 01 7A 00")
        let bytes = hex("82 CA 00") + [UInt8(body.count / 4)] + body
        let (found, isMalformed) = packets(of: bytes)
        guard !isMalformed, case .sourceDescription(let names) = found.first else {
            Issue.record("\(found)")
            return
        }
        bytes.withUnsafeBytes { raw in
            var items = names.items(in: raw)
            #expect(items.next()?.ssrc == 1)
            let second = items.next()
            #expect(second?.ssrc == 2 && second.map { Array(raw[$0.text]) } == [0x7A])
        }
    }

    @Test func `feedback stands alone, as RFC 5506 allows`() {
        // PLI: sender 1, media 2.
        #expect(
            packets(of: hex("81 CE 0002 00000001 00000002")).packets
                == [.pictureLossIndication(PictureLossIndication(sources: FeedbackSources(sender: 1, media: 2)))])
        // FIR: sender 1, media 0; stream 2, command 7.
        let fir = hex("84 CE 0004 00000001 00000000 00000002 07 000000")
        fir.withUnsafeBytes { bytes in
            guard case .fullIntraRequest(let request) = packets(of: fir).packets.first else {
                Issue.record("no FIR")
                return
            }
            #expect(request.entry(0, in: bytes) == FullIntraRequest.Entry(ssrc: 2, sequence: 7))
        }
        // NACK: packet 256, and with mask 0x0005 packets 257 and 259.
        let nack = hex("81 CD 0003 00000001 00000002 0100 0005")
        nack.withUnsafeBytes { bytes in
            guard case .genericNack(let request) = packets(of: nack).packets.first else {
                Issue.record("no NACK")
                return
            }
            #expect(request.entry(0, in: bytes).sequence == 256)
            #expect(request.entry(0, in: bytes).packetCount == 3)
        }
    }

    @Test func `REMB and TMMBR say a rate as mantissa and exponent`() {
        // "REMB", one stream, exponent 2, mantissa 250000: 1 Mbit/s.
        let remb = hex("8F CE 0005 00000001 00000000 52454D42 01 0BD090 00000002")
        guard case .remb(let estimate) = packets(of: remb).packets.first else {
            Issue.record("no REMB")
            return
        }
        #expect(estimate.bitrate.bitsPerSecond == 1_000_000)
        remb.withUnsafeBytes { #expect(estimate.stream(0, in: $0) == 2) }
        // Exponent 3, mantissa 64000, overhead 40: 512 kbit/s.
        let word: UInt32 = 3 << 26 | 64_000 << 9 | 40
        let tmmbr = hex("83 CD 0004 00000001 00000000 00000002" + String(word, radix: 16).leftPadded)
        guard case .tmmbr(let request) = packets(of: tmmbr).packets.first else {
            Issue.record("no TMMBR")
            return
        }
        tmmbr.withUnsafeBytes { bytes in
            #expect(request.entry(0, in: bytes).bitrate.bitsPerSecond == 512_000)
            #expect(request.entry(0, in: bytes).overhead == 40)
        }
        // The largest exponent is no shift out of range.
        let vast = hex("8F CE 0005 00000001 00000000 52454D42 01 FFFFFF 00000002")
        guard case .remb(let absurd) = packets(of: vast).packets.first else {
            Issue.record("no REMB")
            return
        }
        #expect(absurd.bitrate.bitsPerSecond == Int.max)
    }

    @Test(arguments: [
        ("", "empty"), ("80", "a byte"), ("80 C9 0001", "a length beyond the datagram"),
        ("40 C9 0001 00000001", "version 1"), ("80 C9 0000", "RR without SSRC"), ("81 C9 0001 00000001", "no block"),
        ("82 CB 0001 00000001", "two sources said, one there"), ("81 CB 0002 00000001 05 616263", "reason cut off"),
        ("81 CA 0002 00000001 01 FF 6161", "item cut off"), ("81 CA 0002 00000001 01 02 6161", "chunk without an end"),
        ("A0 C9 0001 00000001", "padding of one"), ("A0 C9 0001 000000 0C", "padding beyond the body"),
        ("81 CE 0001 00000001", "PLI without media"), ("84 CE 0002 00000001 00000000", "FIR without an entry"),
        ("81 CD 0002 00000001 00000002", "NACK without an entry"),
        ("80 CC 0001 00000001", "APP without a name"),
        ("A0 CC 0003 00000001 4D43554C 00000008", "APP, name padded away"),
    ])
    func `what does not fit is malformed`(text: String, what: String) {
        let (found, isMalformed) = packets(of: hex(text))
        #expect(found.isEmpty && isMalformed, "\(what)")
    }

    @Test func `the packets before a bad one stand`() {
        let (found, isMalformed) = packets(of: Self.compound + hex("80 C9 0009 00000001"))
        #expect(found.count == 2 && isMalformed)
    }

    /// As libwebrtc sends it: one arrival of one byte, and one byte of padding that says one.
    @Test func `transport-wide feedback may be filled up to a word`() {
        let bytes = hex("AF CD 0005 00000001 00000002 0001 0001 000001 00 2001 04 01")
        let (found, isMalformed) = packets(of: bytes)
        guard case .transportFeedback(_, let content) = found.first else {
            Issue.record("no feedback")
            return
        }
        #expect(!isMalformed && Array(bytes[content]) == hex("0001 0001 000001 00 2001 04"))
        #expect(packets(of: hex("AF CD 0002 00000001 00000000")).isMalformed, "padding of none")
    }

    @Test func `padding is taken off the last packet`() {
        // BYE of one source, then eight bytes of padding: not a reason.
        let bytes = hex("A1 CB 0003 00000001 00000000 00000008")
        guard case .goodbye(let goodbye) = packets(of: bytes).packets.first else {
            Issue.record("no BYE")
            return
        }
        #expect(goodbye.reason.isEmpty)
    }

    @Test func `random bytes of every short length never trap`() {
        var generator = SeededGenerator(seed: 20_260_801)
        for round in 0..<20_000 {
            var bytes = (0..<round % 65).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if bytes.count >= 4, round % 3 != 0 {
                // Mostly framed right, so that the bodies are reached.
                bytes[0] = 0x80 | bytes[0] & 0x3F
                bytes[1] = 200 + bytes[1] % 8
                bytes[2] = 0
                bytes[3] = UInt8(max(0, bytes.count / 4 - 1))
            }
            readAll(bytes)
        }
    }

    /// Touches everything a packet can be asked for.
    private func readAll(_ datagram: [UInt8]) {
        datagram.withUnsafeBytes { bytes in
            var reader = RTCPReader(bytes)
            while let packet = reader.next() {
                switch packet {
                case .senderReport(let report):
                    for index in 0..<report.blocks.count { _ = report.blocks.block(index, in: bytes) }
                case .receiverReport(let report):
                    for index in 0..<report.blocks.count { _ = report.blocks.block(index, in: bytes) }
                case .sourceDescription(let names):
                    var items = names.items(in: bytes)
                    while let item = items.next() { #expect(item.text.upperBound <= bytes.count) }
                case .goodbye(let goodbye):
                    for index in 0..<goodbye.sourceCount { _ = goodbye.source(index, in: bytes) }
                    #expect(goodbye.reason.upperBound <= bytes.count)
                case .fullIntraRequest(let request):
                    for index in 0..<request.count { _ = request.entry(index, in: bytes) }
                case .genericNack(let nack):
                    for index in 0..<nack.count { _ = nack.entry(index, in: bytes) }
                case .remb(let remb):
                    for index in 0..<remb.streamCount { _ = remb.stream(index, in: bytes) }
                case .tmmbr(let request):
                    for index in 0..<request.count { _ = request.entry(index, in: bytes) }
                case .tmmbn(let notice):
                    for index in 0..<notice.count { _ = notice.entry(index, in: bytes) }
                case .application(let packet):
                    #expect(packet.data.upperBound <= bytes.count && packet.data.count % 4 == 0)
                case .transportFeedback(_, let content):
                    #expect(content.upperBound <= bytes.count)
                case .pictureLossIndication, .other:
                    break
                }
            }
        }
    }
}

extension String {
    fileprivate var leftPadded: String { String(repeating: "0", count: max(0, 8 - count)) + self }
}
