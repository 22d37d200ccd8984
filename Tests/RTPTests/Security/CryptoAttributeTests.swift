import Media
import RTP
import Testing

@Suite struct CryptoAttributeTests {
    private static let base64 = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"

    @Test(arguments: [
        "", "|2^20", "|1048576", "|2^31|9:0", " KDR=0 WSH=128", " -mystery=1",
    ]) func `the RFC's example`(end: String) throws {
        let attribute = try CryptoAttribute(parsing: "1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.base64)\(end)")
        #expect(attribute.tag == 1 && attribute.key.suite == .aes128CounterSHA1_80)
        #expect(attribute.key.bytes.starts(with: "wDfvg".utf8) && attribute.key.bytes.count == 30)
        #expect(attribute.text == "1 AES_CM_128_HMAC_SHA1_80 inline:\(Self.base64)")
    }

    @Test(arguments: CryptoSuite.allCases) func `is read as it was written`(suite: CryptoSuite) throws {
        let attribute = CryptoAttribute(tag: 42, key: .random(suite))
        #expect(try CryptoAttribute(parsing: attribute.text[...]) == attribute)
        #expect(!"\(attribute)".contains("inline"), "a description shows no key")
    }

    static let refusals: [(value: String, reason: String)] = [
        ("", "TAG SUITE inline:KEY"), ("1 AES_CM_128_HMAC_SHA1_80", "TAG SUITE inline:KEY"),
        ("x AES_CM_128_HMAC_SHA1_80 inline:\(base64)", "a number"),
        ("1234567890 AES_CM_128_HMAC_SHA1_80 inline:\(base64)", "nine digits"),
        ("1 F8_128_HMAC_SHA1_80 inline:\(base64)", "suite 'F8_128_HMAC_SHA1_80'; known: AES_CM"),
        ("1 AEAD_AES_128_GCM inline:\(base64)", "30 bytes of key and salt; AEAD_AES_128_GCM takes 28"),
        ("1 AES_CM_128_HMAC_SHA1_80 \(base64)", "'inline:KEY'"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:*", "no base 64"), ("1 AES_CM_128_HMAC_SHA1_80 inline:", "0 bytes"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64)|", "lifetime"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64)|0", "lifetime"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64)|2^49", "lifetime"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64)|2^20|1:4", "(MKI) of 4 bytes in each packet; leave '|1:4' out"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64)|1:4", "(MKI) of 4 bytes"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64)|1:", "'VALUE:LENGTH'"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64)|2^20|1:0|1:0", "'VALUE:LENGTH'"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64);inline:\(base64)", "several keys"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64) UNENCRYPTED_SRTP", "encrypted and authenticated"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64) UNENCRYPTED_SRTCP", "asks for UNENCRYPTED_SRTCP"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64) UNAUTHENTICATED_SRTP", "asks for UNAUTHENTICATED_SRTP"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64) KDR=24", "KDR=0"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64) WSH=1", "WSH"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64) FEC_ORDER=SRTP_FEC", "FEC"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:\(base64) MYSTERY", "'MYSTERY', which is unknown"),
    ]

    @Test(arguments: refusals) func `is refused with the reason, which shows no key`(value: String, reason: String) {
        let error = #expect(throws: SDPError.self) { try CryptoAttribute(parsing: value[...]) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
        #expect(error?.reason.contains(Self.base64) == false)
    }
}
