import Media
import RTP
import Testing

@Suite struct RTCPWriterTests {
    /// What `write` leaves in a buffer of `capacity` bytes.
    private func written(capacity: Int = 1200, _ write: (inout RTCPWriter) -> Void) -> [UInt8] {
        var buffer = [UInt8](repeating: 0xEE, count: capacity)
        let count = buffer.withUnsafeMutableBytes { bytes in
            var writer = RTCPWriter(bytes)
            write(&writer)
            return writer.count
        }
        return Array(buffer[..<count])
    }

    @Test func `a written compound is the vector that is read`() {
        let block = ReportBlock(
            ssrc: Endpoint.ssrc, fractionLost: 64, cumulativeLost: -2, highestSequence: 0x1FFFF, jitter: 33,
            lastSenderReport: 0xC3D4_8000, delaySinceLastSenderReport: 0x8000)
        let information = SenderReport.Information(
            ntp: NTPTime(rawValue: 0xE1B2_C3D4_8000_0000), rtpTimestamp: 0x0001_0203, packetCount: 100,
            octetCount: 10_000)
        let bytes = written { writer in
            writer.senderReport(ssrc: 0x1122_3344, information, block: block)
            writer.sourceDescription(ssrc: 0x1122_3344, cname: "abcd")
        }
        #expect(bytes == RTCPReaderTests.compound)
    }

    @Test func `feedback has the layout of RFC 4585 and RFC 5104`() {
        let bytes = written { writer in
            writer.pictureLossIndication(FeedbackSources(sender: 1, media: 2))
            writer.fullIntraRequest(sender: 1, FullIntraRequest.Entry(ssrc: 2, sequence: 7))
        }
        #expect(
            bytes == hex("81 CE 0002 00000001 00000002") + hex("84 CE 0004 00000001 00000000 00000002 07 000000"))
    }

    @Test func `limits have the layout of RFC 5104 and of the REMB draft`() {
        let bytes = written { writer in
            let entry = Tmmbr.Entry(ssrc: 2, bitrate: Bitrate(bitsPerSecond: 512_000), overhead: 40)
            writer.tmmbr(sender: 1, entry)
            writer.tmmbn(sender: 1, entry)
            writer.remb(sender: 1, stream: 2, Bitrate(bitsPerSecond: 1_000_000))
        }
        // Mantissa 128000, exponent 2, overhead 40; REMB: mantissa 250000, exponent 2.
        #expect(
            bytes == hex("83 CD 0004 00000001 00000000 00000002 0BE80028")
                + hex("84 CD 0004 00000001 00000000 00000002 0BE80028")
                + hex("8F CE 0005 00000001 00000000 52454D42 01 0BD090 00000002"))
    }

    @Test(arguments: [0, 1, 131_071, 131_072, 999_999, 10_000_000_019, .max])
    func `a limit is read back as at most what was written, and hardly less`(rate: Int) {
        let bytes = written { writer in
            writer.tmmbn(sender: 1, Tmmbr.Entry(ssrc: 2, bitrate: Bitrate(bitsPerSecond: rate), overhead: 9999))
            writer.remb(sender: 1, stream: 2, Bitrate(bitsPerSecond: rate))
        }
        bytes.withUnsafeBytes { raw in
            var reader = RTCPReader(raw)
            guard case .tmmbn(let notice) = reader.next(), case .remb(let remb) = reader.next() else {
                Issue.record("unread")
                return
            }
            #expect(notice.entry(0, in: raw).overhead == 511)
            for read in [notice.entry(0, in: raw).bitrate.bitsPerSecond, remb.bitrate.bitsPerSecond] {
                #expect(read <= rate && Double(read) >= Double(rate) * 0.9999)
            }
        }
    }

    @Test func `APP has the layout of RFC 3550 section 6-7`() {
        let bytes = written { writer in
            writer.application(ssrc: 1, subtype: 3, name: ApplicationPacket.Name("MCUL"), dataSize: 8) { data in
                data.copyBytes(from: [1, 2, 3, 4, 5])
            }
        }
        #expect(bytes == hex("83 CC 0004 00000001 4D43554C 01020304 05 000000"))
        var isWritten = true
        let nothing = written(capacity: 16) { writer in
            isWritten = writer.application(
                ssrc: 1, subtype: 0, name: ApplicationPacket.Name("MCUL"), dataSize: 8, { _ in })
        }
        #expect(!isWritten && nothing.isEmpty)
    }

    @Test func `chunks are added to the SDES that was written last, as long as they fit`() throws {
        var fitted: [Bool] = []
        let bytes = written(capacity: 76) { writer in
            fitted.append(writer.addChunk(ssrc: 9, cname: "x", name: ""))
            writer.sourceDescription(ssrc: 1, cname: "abcd")
            fitted.append(writer.addChunk(ssrc: 2, cname: "ef", name: "Phường 2"))
            fitted.append(writer.addChunk(ssrc: 3, cname: "gh", name: "", leaving: 30))
            fitted.append(writer.addChunk(ssrc: 3, cname: "gh", name: "", leaving: 24))
            writer.goodbye(ssrc: 1)
            fitted.append(writer.addChunk(ssrc: 4, cname: "ij", name: ""))
        }
        #expect(fitted == [false, true, false, true, false])
        let (found, isMalformed) = packets(of: bytes)
        guard !isMalformed, found.count == 2, case .sourceDescription(let names) = found[0], case .goodbye = found[1]
        else {
            Issue.record("\(found)")
            return
        }
        #expect(names.chunkCount == 3)
        bytes.withUnsafeBytes { raw in
            var items = names.items(in: raw)
            var texts: [String] = []
            while let item = items.next() {
                texts.append("\(item.ssrc) \(item.kind.rawValue) \(String(decoding: raw[item.text], as: UTF8.self))")
            }
            #expect(texts == ["1 1 abcd", "2 1 ef", "2 2 Phường 2", "3 1 gh"])
        }
    }

    @Test(arguments: 0...9) func `every length of CNAME is padded to whole words and read back`(length: Int) {
        let cname = String(repeating: "x", count: length)
        let bytes = written { $0.sourceDescription(ssrc: 5, cname: cname, name: "Quế Võ") }
        #expect(bytes.count % 4 == 0)
        bytes.withUnsafeBytes { raw in
            var reader = RTCPReader(raw)
            guard case .sourceDescription(let names) = reader.next() else {
                Issue.record("no SDES")
                return
            }
            var items = names.items(in: raw)
            var texts: [String] = []
            while let item = items.next() { texts.append(String(decoding: raw[item.text], as: UTF8.self)) }
            #expect(texts == [cname, "Quế Võ"])
            #expect(reader.next() == nil && !reader.isMalformed)
        }
    }

    @Test func `a long reason is cut between two characters`() {
        let bytes = written { $0.goodbye(ssrc: 5, reason: String(repeating: "ế", count: 100)) }
        bytes.withUnsafeBytes { raw in
            var reader = RTCPReader(raw)
            guard case .goodbye(let goodbye) = reader.next() else {
                Issue.record("no BYE")
                return
            }
            #expect(goodbye.reason.count == 255 / 3 * 3)
        }
    }

    @Test func `a packet that does not fit is not begun`() {
        var fitted: [Bool] = []
        let bytes = written(capacity: 20) { writer in
            fitted.append(writer.pictureLossIndication(FeedbackSources(sender: 1, media: 2)))
            fitted.append(writer.receiverReport(ssrc: 1, block: nil))
            fitted.append(writer.goodbye(ssrc: 1))
        }
        #expect(fitted == [true, true, false])
        #expect(bytes.count == 20)
    }
}
