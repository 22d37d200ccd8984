import Media
import RTP
import Testing

/// Who is inside the streams of a mixer, ours or the peer's.
@Suite struct ContributorTests {
    private static let fec: UInt8 = 99

    private func endpoint() -> Endpoint {
        Endpoint {
            $0.accepts[PayloadType(99)!] = 4
            $0.correction = PayloadType(99)
            $0.levelExtension = 7
        }
    }

    private func packet(
        _ sequence: Int, _ contributors: Contributors = Contributors(), ssrc: UInt32 = 1, type: UInt8 = 96
    ) -> [UInt8] {
        var header = RTPHeader(
            payloadType: type, marker: false, sequence: UInt16(sequence), timestamp: 3000 * UInt32(sequence), ssrc: ssrc
        )
        header.contributors = contributors
        header.levelExtension = 7
        var bytes = [UInt8](repeating: 0xAA, count: header.writtenSize + 4)
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        return bytes
    }

    @Test func `the newest packet's list is kept, and a change of sources told once`() {
        let endpoint = endpoint()
        func hear(_ packet: [UInt8], at time: Int = 0) -> [Endpoint.Event] {
            #expect(endpoint.receive(packet, at: time).sequence != nil)
            return endpoint.events(at: time)
        }
        #expect(hear(packet(1)) == [.streamChanged(1)])
        #expect(endpoint.contributors.isEmpty)
        #expect(hear(packet(2, Contributors([8, 9], levels: [10, 20]))) == [.contributorsChanged])
        #expect(hear(packet(3, Contributors([8, 9], levels: [11, 21]))) == [], "levels are no change")
        #expect(endpoint.contributors == Contributors([8, 9], levels: [11, 21]))
        #expect(hear(packet(5, Contributors([9, 8]))) == [.contributorsChanged])
        #expect(hear(packet(4, Contributors([7]))) == [], "an older packet says nothing new")
        #expect(hear(packet(6, type: Self.fec)) == [], "an FEC packet carries nobody's media")
        #expect(endpoint.contributors == Contributors([9, 8]))
        #expect(hear(packet(7)) == [.contributorsChanged])
        #expect(endpoint.contributors.isEmpty)
    }

    @Test func `another stream has its own contributors, a stranger's don't count`() {
        let endpoint = endpoint()
        _ = endpoint.receive(packet(1, Contributors([8])), at: 0)
        #expect(endpoint.events(at: 0) == [.streamChanged(1), .contributorsChanged])
        _ = endpoint.receive(packet(50, Contributors([Endpoint.ssrc]), ssrc: 2), at: 400)
        #expect(endpoint.events(at: 400) == [] && endpoint.contributors == Contributors([8]))
        _ = endpoint.receive(packet(51, Contributors([Endpoint.ssrc]), ssrc: 2), at: 400)
        #expect(endpoint.events(at: 400) == [.streamChanged(2), .contributorsChanged])
        #expect(endpoint.contributors.contains(Endpoint.ssrc), "a loop by RFC 3550 section 8.2, for the owner to see")
    }

    @Test func `a list that comes and goes between two drains is one change`() {
        let endpoint = endpoint()
        for sequence in 1...9 { _ = endpoint.receive(packet(sequence, Contributors([UInt32(sequence)])), at: 0) }
        #expect(endpoint.events(at: 0) == [.streamChanged(1), .contributorsChanged])
    }

    // MARK: SDES

    /// SSRC, kind and text of each item of a report's SDES.
    private func items(of datagram: [UInt8]) throws -> [String] {
        let (found, isMalformed) = packets(of: datagram)
        #expect(!isMalformed)
        for case .sourceDescription(let description) in found {
            return datagram.withUnsafeBytes { raw in
                var items = description.items(in: raw)
                var texts: [String] = []
                while let item = items.next() {
                    let text = String(decoding: raw[item.text], as: UTF8.self)
                    texts.append("\(item.ssrc) \(item.kind.rawValue) \(text)")
                }
                return texts
            }
        }
        Issue.record("no SDES")
        return []
    }

    @Test func `reports name the contributors behind ourselves`() throws {
        let endpoint = Endpoint()
        endpoint.describe([
            SourceName(ssrc: 8, cname: "c8", name: "Xã Đại Bái"), SourceName(ssrc: 9, cname: "c9", name: ""),
        ])
        let own = ["\(Endpoint.ssrc) 1 f3a9", "\(Endpoint.ssrc) 2 Huyện ủy Gia Bình"]
        let all = own + ["8 1 c8", "8 2 Xã Đại Bái", "9 1 c9"]
        for second in 2...4 {
            let report = try #require(endpoint.sent(at: 2000 * second).first)
            #expect(try items(of: report) == all, "all have room: each report has them all")
        }
        endpoint.describe([])
        #expect(try items(of: #require(endpoint.sent(at: 10_000).first)) == own)
    }

    @Test func `who finds no room has its turn in the next report`() throws {
        let endpoint = Endpoint { $0.feedback = .remb }
        endpoint.describe(
            (0..<80).map {
                SourceName(ssrc: 1000 + $0, cname: "c\($0)", name: String(repeating: "ế", count: 60 + Int($0 * 7 % 25)))
            })
        _ = endpoint.receive(sequence: 1)
        endpoint.requestBitrate(Bitrate(bitsPerSecond: 1_000_000))
        var named: [String] = []
        for second in 1...40 {
            for report in endpoint.sent(at: 2000 * second) {
                #expect(report.count <= 1180, "room is left for SRTCP's part")
                let others = try items(of: report).filter { $0.contains(" 2 ế") }
                    .compactMap { $0.split(separator: " ").first.map(String.init) }
                named += others
                guard !others.isEmpty else { continue }
                #expect(packets(of: report).packets.contains { if case .remb = $0 { true } else { false } })
            }
        }
        // Of 80 the first 64, in turn.
        let expected = (0..<named.count).map { "\(1000 + $0 % 64)" }
        #expect(named == expected && named.count > 80)
    }

    @Test func `thirty-one chunks are the most in one packet`() throws {
        let endpoint = Endpoint()
        endpoint.describe((0..<64).map { SourceName(ssrc: $0, cname: "a", name: "") })
        let report = try #require(endpoint.sent(at: 2000).first)
        #expect(try items(of: report).count == 32, "30 and our own two")
    }

    private func description(_ ssrc: UInt32, _ name: String) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 600)
        let count = buffer.withUnsafeMutableBytes { bytes in
            var writer = RTCPWriter(bytes)
            writer.sourceDescription(ssrc: ssrc, cname: "x", name: name)
            return writer.count
        }
        return Array(buffer[..<count])
    }

    @Test func `the peer's names are kept by SSRC, and forgotten with a BYE`() {
        let endpoint = Endpoint()
        let said: [(UInt32, String)] = [
            (8, "Xã Đại Bái"), (9, "Xã Nhân Thắng"), (8, "Phường Đại Bái"), (Endpoint.ssrc, "ta"),
        ]
        for (ssrc, name) in said {
            #expect(endpoint.receive(description(ssrc, name), at: 0) == .control)
        }
        #expect(endpoint.name(of: 8) == "Phường Đại Bái" && endpoint.name(of: 9) == "Xã Nhân Thắng")
        #expect(endpoint.name(of: 10) == nil && endpoint.name(of: Endpoint.ssrc) == nil && endpoint.name(of: 0) == nil)
        _ = endpoint.receive(hex("81 CB 0001 00000009"), at: 1)
        #expect(endpoint.name(of: 9) == nil && endpoint.name(of: 8) != nil)
        // Bytes that are no text, and as many as there can be.
        let longest = hex("81 CA 0042 00000008 02 FF") + [UInt8](repeating: 0xC3, count: 255) + hex("00 00 00")
        #expect(endpoint.receive(longest, at: 1) == .control)
        #expect(endpoint.name(of: 8)?.unicodeScalars.count == 255)
    }

    @Test func `a mixer's stream is passed on under the names that are known, its sources with their own CNAMEs`() {
        let endpoint = endpoint()
        #expect(endpoint.sources(name: "Gia Bình", cname: "ours") == [])
        _ = endpoint.receive(packet(1, Contributors([8, 9])), at: 0)
        let itself = SourceName(ssrc: 1, cname: "ours", name: "Gia Bình")
        #expect(endpoint.sources(name: "Gia Bình", cname: "ours") == [itself], "of the others no CNAME is known")
        let before = endpoint.nameChanges
        for _ in 1...3 { _ = endpoint.receive(description(8, "Xã Đại Bái"), at: 0) }
        #expect(endpoint.nameChanges == before + 2, "a name and a CNAME, once")
        _ = endpoint.receive(description(1, "its own words"), at: 0)
        #expect(
            endpoint.sources(name: "Gia Bình", cname: "ours") == [
                SourceName(ssrc: 1, cname: "x", name: "Gia Bình"), SourceName(ssrc: 8, cname: "x", name: "Xã Đại Bái"),
            ])
    }

    @Test func `of names without end the 32 heard last are kept`() {
        let endpoint = Endpoint()
        for ssrc in UInt32(1)...1000 {
            _ = endpoint.receive(description(ssrc, "\(ssrc)"), at: 0)
            _ = endpoint.receive(description(5000, "that goes on"), at: 0)
        }
        #expect((1...969).allSatisfy { endpoint.name(of: $0) == nil })
        #expect((970...1000).allSatisfy { endpoint.name(of: $0) == "\($0)" })
        #expect(endpoint.name(of: 5000) == "that goes on")
    }
}
