import Media
import RTP
import Testing

@Suite struct RepairAttributeTests {
    private static let head = "v=0\nm=video 5006 RTP/AVPF 96 97 98 99 100\na=rtpmap:96 H264/90000\n"
    private static let media = PayloadType(96)!

    static let feedback: [(lines: String, kinds: FeedbackKinds)] = [
        ("a=rtcp-fb:96 nack", .nack), ("a=rtcp-fb:96 nack pli", .pli), ("a=rtcp-fb:* ccm fir", .fir),
        ("a=rtcp-fb:96 ccm tmmbr smaxpr=120", .tmmbr), ("a=rtcp-fb:* GOOG-REMB", .remb),
        ("a=rtcp-fb:96 transport-cc", .transport), ("a=rtcp-fb:96 nack\na=rtcp-fb:* nack pli", [.nack, .pli]),
        // Spoken, but of nothing that is known here.
        ("a=rtcp-fb:96 nack rpsi", []), ("a=rtcp-fb:* trr-int 100", []), ("a=rtcp-fb:97 nack", []),
    ]

    private func video(_ lines: String) throws -> MediaDescription {
        try #require(try SessionDescription.parse(Self.head + lines).first(.video))
    }

    @Test(arguments: feedback)
    func `only the feedback that the file names`(lines: String, kinds: FeedbackKinds) throws {
        #expect(try video(lines).feedback.kinds(for: Self.media) == kinds)
    }

    @Test func `a file without a word on feedback leaves it open`() throws {
        #expect(try video("").feedback.kinds(for: Self.media) == nil)
    }

    @Test func `retransmissions, FEC and redundancy are formats of their own`() throws {
        let medium = try video(
            "a=rtpmap:97 rtx/90000\na=fmtp:97 apt=96;rtx-time=3000\na=rtpmap:98 RED/90000\na=rtpmap:99 ulpfec/90000\n"
                + "a=fmtp:98 96/99\n")
        #expect(medium.formats.map(\.repair) == [nil, .retransmission, .redundant, .fec, nil])
        #expect(medium.formats.map(\.associatedPayloadType) == [nil, Self.media, nil, nil, nil])
        #expect(medium.formats.compactMap(\.videoCodec) == [.h264], "what repairs is no codec")
    }

    @Test func `header extensions of a medium and of the session`() throws {
        let uri = HeaderExtension.transportSequence
        let description = try SessionDescription.parse(
            "v=0\na=extmap:3 urn:x\nm=audio 5004 RTP/AVP 0\nm=video 5006 RTP/AVP 96\n"
                + "a=extmap:5/sendonly \(uri) some attributes\na=extmap:4097 urn:parked\na=extmap:3 urn:x\n")
        #expect(description.media[0].extensions == [HeaderExtension(id: 3, uri: "urn:x")])
        #expect(
            description.media[1].extensions == [
                HeaderExtension(id: 3, uri: "urn:x"), HeaderExtension(id: 5, uri: uri, direction: .sendOnly),
                HeaderExtension(id: 4097, uri: "urn:parked"),
            ])
    }

    @Test func `the second line is the other medium of its DUP group`() throws {
        let description = try SessionDescription.parse(
            """
            v=0
            a=group:DUP S1a S1b
            a=group:LS S1a A
            m=audio 5000 RTP/AVP 0
            a=mid:A
            m=video 5006 RTP/AVP 96
            c=IN IP4 10.0.0.1
            a=mid:S1a
            m=video 6006 RTP/AVP 96
            c=IN IP4 10.1.0.1
            a=mid:S1b
            """)
        let first = try #require(description.first(.video))
        #expect(description.duplicate(of: first)?.port == 6006)
        #expect(description.duplicate(of: description.media[2])?.port == 5006)
        #expect(description.duplicate(of: description.media[0]) == nil, "LS is no duplication")
    }

    // RFC 4568 section 6.1 and RFC 7714: 16 bytes of key and 14 of salt, and 32 with 12.
    private static let counterKey = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
    private static let gcmKey = Base64.encode([UInt8](repeating: 7, count: 44))

    @Test func `keys of known suites, in the file's order`() throws {
        let medium = try video(
            "a=crypto:1 F8_128_HMAC_SHA1_80 inline:\(Self.counterKey)\n"
                + "a=crypto:2 AEAD_AES_256_GCM inline:\(Self.gcmKey)|2^31\n"
                + "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:\(Self.counterKey)|2^20\n")
        #expect(medium.crypto.map(\.tag) == [2, 3])
        #expect(medium.crypto.map(\.key.suite) == [.aes256GCM, .aes128CounterSHA1_80])
        #expect(medium.crypto[1].key.bytes == Base64.decode(Self.counterKey.utf8))
        #expect(!medium.isSecure, "m= says RTP/AVPF")
        #expect(!"\(medium)".contains(Self.counterKey.prefix(8)) && !"\(medium)".contains("7, 7, 7"))
    }

    @Test(arguments: [
        "a=rtcp-fb:96", "a=rtcp-fb:128 nack", "a=rtcp-fb:4294967296 nack", "a=rtcp-fb:72 nack", "a=rtcp-fb:x nack",
        "a=extmap:5", "a=extmap:0 urn:x", "a=extmap:4294967296 urn:x", "a=extmap:5/upward urn:x", "a=extmap: urn:x",
        "a=extmap:5/sendonly/recvonly urn:x", "a=extmap:5 urn:x\na=extmap:5 urn:y", "a=fmtp:97 apt=4294967296",
        "a=fmtp:97 apt=72", "a=fmtp:97 apt=", "a=fmtp:97 apt=\u{0}96", "a=rtpmap:4294967296 rtx/90000",
        "a=crypto:", "a=crypto:1 AES_CM_128_HMAC_SHA1_80", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc",
        "a=crypto:4294967296 AES_CM_128_HMAC_SHA1_80 inline:abc", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:a\u{0}b",
    ])
    func `what is wrong is refused with its line`(lines: String) {
        let last = 3 + lines.split(separator: "\n").count
        #expect {
            try SessionDescription.parse(Self.head + lines + "\n")
        } throws: { ($0 as? SDPError)?.line == last }
    }

    @Test func `lists of extensions, keys, groups and long lines have an end`() {
        let key = "AES_CM_128_HMAC_SHA1_80 inline:\(Self.counterKey)\n"
        let hostile = [
            Self.head + (1...65).map { "a=extmap:\($0) urn:\($0)\n" }.joined(),
            Self.head + (1...65).map { "a=crypto:\($0) \(key)" }.joined(),
            "v=0\n" + String(repeating: "a=group:DUP a b\n", count: 65) + "m=audio 5004 RTP/AVP 0\n",
            "v=0\na=group:DUP" + String(repeating: " a", count: 65) + "\nm=audio 5004 RTP/AVP 0\n",
            Self.head + "a=rtcp-fb:96 " + String(repeating: "nack ", count: 1000) + "\n",
            Self.head + "a=extmap:5 " + String(repeating: "x", count: 5000) + "\n",
            Self.head + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + String(repeating: "A", count: 4000) + "\n",
        ]
        for text in hostile { #expect(throws: SDPError.self) { try SessionDescription.parse(text) } }
    }

    /// Each way in which a line with a key goes wrong.
    @Test(arguments: [
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY==KEY", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 KEY",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:KEYKEY", "a=crypto:1 KEY inline:KEY x", "KEY", "inline:KEY",
        "a=crypto:KEY", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:HALF HALF", "a=crypto:1 inline:KEY a b",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY|KEY:4", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY|KEY",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80\tinline:KEY KEY=1",
    ])
    func `no refusal shows a key`(line: String) {
        let half = String(Self.counterKey.prefix(20))
        let text = line.replacing("KEY", with: Self.counterKey).replacing("HALF", with: half)
        do {
            let description = try SessionDescription.parse(Self.head + text + "\n")
            #expect(description.first(.video)?.crypto.isEmpty == true, "taken: \(line)")
        } catch {
            #expect(!error.description.contains(half.prefix(8)), "\(error)")
        }
    }

    @Test func `what is written reads back the same`() throws {
        var video = MediaDescription(
            kind: .video, port: 5006, transport: "RTP/SAVPF",
            formats: [
                PayloadFormat(.vp8, payloadType: Self.media),
                PayloadFormat(.retransmission, payloadType: PayloadType(97)!, of: Self.media),
                PayloadFormat(.redundant, payloadType: PayloadType(98)!),
                PayloadFormat(.fec, payloadType: PayloadType(99)!),
            ])
        video.mid = "v1"
        video.feedback = FeedbackAttributes([.nack, .pli, .fir, .tmmbr, .remb, .transport], for: Self.media)
        video.feedback.everyFormat = .nack
        video.extensions = [
            HeaderExtension(id: 5, uri: HeaderExtension.transportSequence, direction: .sendOnly),
            HeaderExtension(id: 14, uri: HeaderExtension.contributorLevels),
        ]
        video.crypto = CryptoSuite.allCases.enumerated().map { CryptoAttribute(tag: $0 + 1, key: .random($1)) }
        var second = video
        second.port = 6006
        second.mid = "v2"
        let description = SessionDescription(
            name: "x", address: "10.0.0.1", media: [video, second],
            groups: [MediaGroup(semantics: MediaGroup.duplication, mids: ["v1", "v2"])])
        #expect(try SessionDescription.parse(description.text) == description)
        for line in [
            "a=group:DUP v1 v2\r\n", "m=video 5006 RTP/SAVPF 96 97 98 99\r\n", "a=rtpmap:97 rtx/90000\r\n",
            "a=fmtp:97 apt=96\r\n", "a=rtcp-fb:96 nack pli\r\n", "a=rtcp-fb:* nack\r\n", "a=rtcp-fb:96 goog-remb\r\n",
            "a=extmap:5/sendonly \(HeaderExtension.transportSequence)\r\n",
            "a=extmap:14 urn:ietf:params:rtp-hdrext:csrc-audio-level\r\n",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
        ] {
            #expect(description.text.contains(line), "\(line)")
        }
    }
}
