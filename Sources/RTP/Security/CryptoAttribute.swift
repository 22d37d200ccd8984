import Media

/// The value of an `a=crypto` line: an SRTP key in SDP (RFC 4568), such as
/// `1 AES_CM_128_HMAC_SHA1_80 inline:BASE64|2^20`. It holds a secret: only `text` writes it.
///
/// What can't be done is refused, not passed over: whoever wrote "unauthenticated" must not believe it works.
package struct CryptoAttribute: Hashable, Sendable, CustomStringConvertible {
    /// Which of several lines it is: 1 to 9 digits. The answer repeats it.
    package var tag: Int
    package var key: MasterKey

    private static let maximumSize = 1024
    private static let maximumTag = 999_999_999

    /// - Precondition: `tag` has at most nine digits.
    package init(tag: Int = 1, key: MasterKey) {
        precondition((0...Self.maximumTag).contains(tag), "a tag of \(tag)")
        self.tag = tag
        self.key = key
    }

    /// Reads what stands behind `a=crypto:`.
    ///
    /// A lifetime is read and not kept: nobody rekeys, and libsrtp ends a key at the limit of the RFC. `WSH` and `KDR=0`
    /// are hints that hold here, extensions that begin with `-` may be passed over (section 6.3.7).
    /// - Throws: with line 0, and a reason that shows nothing of the key.
    package init(parsing value: Substring) throws(SDPError) {
        guard value.utf8.count <= Self.maximumSize else { throw Self.fault("is too long") }
        let fields = value.split { $0 == " " || $0 == "\t" }
        guard fields.count >= 3 else { throw Self.fault("must be 'TAG SUITE inline:KEY'") }
        guard let tag = Self.number(fields[0], 0...Self.maximumTag) else {
            throw Self.fault("must begin with a number of at most nine digits")
        }
        guard let suite = CryptoSuite(rawValue: String(fields[1])) else {
            let known = CryptoSuite.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.fault("has the suite '\(Self.shown(fields[1]))'; known: \(known)")
        }
        for parameter in fields[3...] { try Self.check(parameter) }
        self.init(tag: tag, key: try Self.key(fields[2], suite))
    }

    /// What `init(parsing:)` reads; with the key.
    package var text: String { "\(tag) \(key.suite.rawValue) inline:\(Base64.encode(key.bytes))" }

    package var description: String { "\(tag) \(key)" }

    /// `inline:BASE64[|LIFETIME][|MKI:LENGTH]` (section 6.1).
    private static func key(_ field: Substring, _ suite: CryptoSuite) throws(SDPError) -> MasterKey {
        // Without its colon it might be the key itself that was put here: it isn't shown.
        guard field.utf8.starts(with: "inline:".utf8) else { throw fault("must give its key as 'inline:KEY'") }
        guard !field.contains(";") else { throw fault("has several keys; one is used") }
        let parts = field.dropFirst("inline:".count).split(separator: "|", omittingEmptySubsequences: false)
        guard let bytes = Base64.decode(parts[0].utf8) else { throw fault("has a key that is no base 64") }
        guard let key = MasterKey(suite, bytes) else {
            let size = suite.keySize + suite.saltSize
            throw fault("has \(bytes.count) bytes of key and salt; \(suite.rawValue) takes \(size)")
        }
        var others = parts.dropFirst()
        if let lifetime = others.first, !lifetime.contains(":") {
            guard isLifetime(lifetime) else { throw fault("has a lifetime that is neither a number nor '2^NUMBER'") }
            others = others.dropFirst()
        }
        guard let identifier = others.first else { return key }
        // `0:0` and the like say that packets carry none.
        let halves = identifier.split(separator: ":", omittingEmptySubsequences: false)
        guard others.count == 1, halves.count == 2, let size = number(halves[1], 0...128) else {
            throw fault("has a key identifier (MKI) that is not 'VALUE:LENGTH'")
        }
        guard size == 0 else {
            throw fault("has a key identifier (MKI) of \(size) bytes in each packet; leave '|\(shown(identifier))' out")
        }
        return key
    }

    /// Packets a key may be used for: `1048576` or `2^20`, up to the 2^48 of RFC 3711 section 9.2.
    private static func isLifetime(_ text: Substring) -> Bool {
        if text.utf8.starts(with: "2^".utf8) { return number(text.dropFirst(2), 0...48) != nil }
        return number(text, 1...(1 << 48)) != nil
    }

    /// A session parameter (section 6.3).
    private static func check(_ parameter: Substring) throws(SDPError) {
        let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count == 2 ? parts[1] : ""
        switch parts[0] {
        case "UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP":
            throw fault("asks for \(parts[0]): packets are encrypted and authenticated, or refused")
        case "KDR":
            guard argument == "0" else { throw fault("asks for keys derived anew (KDR): only KDR=0 can be done") }
        case "WSH":
            guard number(argument, 64...32_768) != nil else { throw fault("has a WSH below 64, or that is no number") }
        case "FEC_ORDER", "FEC_KEY":
            throw fault("asks for \(parts[0]): FEC has no key or order of its own here")
        default:
            guard parameter.utf8.first == UInt8(ascii: "-") else {
                throw fault("has the parameter '\(shown(parts[0]))', which is unknown")
            }
        }
    }

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            range.contains(number)
        else { return nil }
        return number
    }

    private static func shown(_ text: Substring) -> String { String(text.prefix(32)) }

    private static func fault(_ reason: String) -> SDPError { SDPError(line: 0, "a=crypto " + reason) }
}
