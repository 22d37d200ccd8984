import Conference
import Media
import RTP

/// The SRTP of one site as the operator wrote it: `srtp=AEAD_AES_128_GCM,srtp-in=@gia-binh.key`. Its sound and its
/// pictures share it, and it wins over what the SDP file says.
struct SecuritySpecification {
    static let keys = ["srtp", "srtp-in", "srtp-out"]
    /// A key file is one line.
    private static let fileSizeLimit = 1024

    private let suite: CryptoSuite?
    /// Keys with their salts; how long they must be depends on the suite.
    private let received: [UInt8]?
    private let sent: [UInt8]?
    /// What is wrong already is not told again as something missing.
    private let isWhole: Bool

    init(_ reader: inout SpecificationReader) {
        let before = reader.refusals.items.count
        suite = reader.read("srtp", as: .suite)
        received = reader.readKey("srtp-in", limit: Self.fileSizeLimit)
        sent = reader.readKey("srtp-out", limit: Self.fileSizeLimit)
        isWhole = reader.refusals.items.count == before
    }

    /// The SRTP of one medium; `nil` if it is plain RTP, or was refused.
    ///
    /// - Parameter description: what the SDP file says of the medium.
    func plan(_ description: SiteDescription.Security?, _ reader: inout SpecificationReader) -> SecurityPlan? {
        let isSaid = suite != nil || received != nil || sent != nil
        guard isWhole, isSaid || description?.isSecure == true else { return nil }
        let offered = description?.keys.first { suite == nil || $0.suite == suite }
        guard let suite = suite ?? offered?.suite else {
            if isSaid {
                reader.refuse(received == nil ? "srtp-out" : "srtp-in", expected: "the suite (srtp) with it")
            } else {
                reader.refuse(
                    "sdp",
                    expected: "a=crypto with the key of one of \(CryptoSuite.names) beside RTP/SAVP; "
                        + "or the suite and the key by srtp and srtp-in")
            }
            return nil
        }
        var receiveKey = offered
        if let received { receiveKey = reader.key(received, of: suite, "srtp-in") }
        var sendKey: MasterKey? = .random(suite)
        if let sent { sendKey = reader.key(sent, of: suite, "srtp-out") }
        if received == nil, offered == nil {
            reader.refuse("srtp", expected: "srtp-in with it: the key that the site sends with")
        }
        guard let receiveKey, let sendKey else { return nil }
        return SecurityPlan(receiveKey: receiveKey, sendKey: sendKey)
    }
}

extension CryptoSuite {
    fileprivate static let names = allCases.map(\.rawValue).joined(separator: ", ")
}

extension ValueForm where Value == CryptoSuite {
    fileprivate static let suite = Self("one of \(CryptoSuite.names)") { CryptoSuite(rawValue: $0.uppercased()) }
}

extension SpecificationReader {
    /// The bytes of a key that stands there in base 64, or in the file after an "@".
    fileprivate mutating func readKey(_ key: String, limit: Int) -> [UInt8]? {
        guard let field = specification[key] else { return nil }
        var text = field.value
        if text.hasPrefix("@") {
            do {
                text = try TextFile.read(path: path(String(text.dropFirst()), in: field), limit: limit)
            } catch {
                refuse(field, expected: error.expected)
                return nil
            }
        }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let bytes = Base64.decode(words[0].utf8), !bytes.isEmpty else {
            refuse(field, expected: "a key and its salt in base 64, or @FILE, a file with nothing else in it")
            return nil
        }
        return bytes
    }

    fileprivate mutating func key(_ bytes: [UInt8], of suite: CryptoSuite, _ key: String) -> MasterKey? {
        if let master = MasterKey(suite, bytes) { return master }
        refuse(
            key,
            expected: "base 64 of \(suite.keySize + suite.saltSize) bytes, the \(suite.keySize) of the key and the "
                + "\(suite.saltSize) of the salt of \(suite.rawValue); \(bytes.count) are there")
        return nil
    }
}
