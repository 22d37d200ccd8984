import Media
import RTP
import Testing

/// Known answers. Those of AES-CM and AES-128-GCM are libsrtp's own (`srtp_validate`); those of AES-256-GCM were computed
/// by a second implementation of RFC 7714 and RFC 6188, which also gives RFC 7714 section 16.1.1 and the others.
@Suite struct SRTPVectorTests {
    private static let counterKey = hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6")
    private static let salt = hex("a0a1a2a3a4a5a6a7a8a9aaab")

    static let vectors: [(MasterKey, media: [UInt8], control: [UInt8])] = [
        (
            MasterKey(.aes128CounterSHA1_80, counterKey)!,
            hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb"),
            hex("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798")
        ),
        (
            MasterKey(.aes128CounterSHA1_32, counterKey)!,
            // The same key stream and HMAC, cut after 32 bits for RTP only (RFC 4568 section 6.2.2).
            hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc"),
            hex("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798")
        ),
        (
            MasterKey(.aes128GCM, (0..<16).map { $0 } + salt)!,
            hex("800f1234decafbadcafebabe c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392"),
            hex("81c8000bcafebabe c98b8b5df0392a55852b6c21ac8e7025 c52c6fbea2b3b446ea31123ba88ce61e 80000001")
        ),
        (
            MasterKey(.aes256GCM, (0..<32).map { $0 } + salt)!,
            hex("800f1234decafbadcafebabe 0af7f21e8a90bdad7a425c9c31ed4bb1 d90238917e7390a2793500e1681acaea"),
            hex("81c8000bcafebabe 8abfafa780070a90e80f9161cf4aac08 1ed93aaa53c15b0f3ed1a3b984167b03 80000001")
        ),
    ]

    @Test(arguments: vectors) func `protects to the known answer and back`(
        key: MasterKey, media: [UInt8], control: [UInt8]
    ) throws {
        let sender = try SecureEnd(key, .outbound)
        #expect(sender.protect(SecurePackets.media) == media)
        #expect(sender.protect(SecurePackets.control) == control)
        let receiver = try SecureEnd(key, .inbound)
        #expect(receiver.unprotect(media).bytes == SecurePackets.media)
        #expect(receiver.unprotect(control).bytes == SecurePackets.control)
        #expect(receiver.statistics.passed == 2 && sender.statistics.passed == 2)
    }

    /// What real peers sent: ffmpeg 5.1 (its own SRTP) and GStreamer 1.22 (`srtpenc`), G.711 with a mark in front.
    static let captures: [(CryptoSuite, first: UInt8, media: [[UInt8]], control: [UInt8]?)] = [
        (
            .aes128CounterSHA1_80, 0x10,
            [
                hex(
                    """
                    80000faaee4af281fbed474b967c64fbea7f3d0df8a4e00e3ec747b3a09428132d8f3b0b006ac3af08e7456232e9ef04
                    68e818bbefe6bca1
                    """),
                hex(
                    """
                    80000fabee4af2a3fbed474bc8515ed2842ae609c873c8a54ae9fa41ee32dbfa03ff85016939ae0bbf5d34233d4c3cbb
                    70a47ebbd6e0dfb6
                    """),
            ],
            hex("80c80006fbed474b04505e732e4e62f669c621355cb92c70c7a7487780000000f2e8d9514b826120f304")
        ),
        (
            .aes128CounterSHA1_32, 0x10,
            [
                hex(
                    """
                    80000ea1d424ee018872627c8beb83f3f62dd00a0bb770113dae8e7673f07b4706420735e3a062280168c0329ff76e83
                    be8a
                    """),
                hex(
                    """
                    80000ea2d424ee238872627c9e9c97a0e756ba7a53c85c3c4c70001134f3a894dcbbfa0628685cb89df616b13279639e
                    2ff0
                    """),
            ],
            // ffmpeg cuts the RTCP tag too, against RFC 4568 section 6.2.2.
            nil
        ),
        (
            .aes128GCM, 0x20,
            [
                hex(
                    """
                    808077e37905f4a96da549b19a4201b2dab9f78853f351c4eae33d8b405c738e82b7dea476379b3ef8bb60ad3f841390
                    03c453633be5d270af368d061c17cd2426dc3576
                    """),
                hex(
                    """
                    800077e47905f4d16da549b172d929baaa5051b22045163a2e7c2cd7093b89722691838c7b46dd55dd68d6a71cdf684a
                    d8d6dbc44576999cec563b07e70239dd04602cef
                    """),
            ],
            hex(
                """
                80c800066da549b1b98370b9247aa3ee5baaf8fb7c75369e42aca6600a63b6bd3cd7a77f79c57061082d72d729f08a12
                8cab8e9255046ff7edf14350284b6249b4f062020c1d9baf751cb114240ecdc39654b1f0a7bed63b17977fe06b9ccf1d
                80000001
                """)
        ),
        (
            .aes256GCM, 0x30,
            [
                hex(
                    """
                    8080707c3c52b60b7d3d52228c645d6e07499e2d4566ef4904c3c565aef1f65f5f66f47b5e39f69ce92ecd3113add992
                    e9bc6435b0a19e7a906768e37020df39f5430491
                    """),
                hex(
                    """
                    8000707d3c52b6337d3d5222e5d2c51fd32ef007e4a39d70bf3c11af644468984310d4743b0d331c865c479dfd5e6139
                    453e53410f2cd5dcf6802fa57a51a99c1e6658ce
                    """),
            ],
            hex(
                """
                80c800067d3d5222d2e0b1e6a6e873e851149fd1bf8bf5a33fee745062498abd23e0d99dac8c3de35883e75f7fd23406
                d080aa5a1815115c18ba91a6256f99e4f129f6edb6b34d559bb8883e0a421cea0e25ed441f730b11f5150be8f36f8edb
                80000001
                """)
        ),
    ]

    @Test(arguments: captures) func `takes what ffmpeg and GStreamer send`(
        suite: CryptoSuite, first: UInt8, media: [[UInt8]], control: [UInt8]?
    ) throws {
        let key = MasterKey(suite, (0..<UInt8(suite.keySize + suite.saltSize)).map { first + $0 })!
        let receiver = try SecureEnd(key, .inbound)
        for packet in media {
            let (outcome, bytes) = receiver.unprotect(packet)
            #expect(outcome == .ok(count: bytes.count) && bytes.count > 12)
            #expect(bytes.dropFirst(12).allSatisfy { $0 != 0 }, "mu-law of a sine has no -0 twice")
        }
        guard let control else { return }
        let (_, bytes) = receiver.unprotect(control)
        let (reports, isMalformed) = packets(of: bytes)
        guard case .senderReport = reports.first else {
            Issue.record("no sender report in \(bytes)")
            return
        }
        #expect(!isMalformed)
    }
}
