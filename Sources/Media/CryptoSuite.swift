/// An SRTP crypto suite, by its name in SDP's `a=crypto` (RFC 4568 section 6.2, RFC 7714 section 14.2).
package enum CryptoSuite: String, Hashable, Sendable, CaseIterable {
    case aes128CounterSHA1_80 = "AES_CM_128_HMAC_SHA1_80"
    case aes128CounterSHA1_32 = "AES_CM_128_HMAC_SHA1_32"
    case aes128GCM = "AEAD_AES_128_GCM"
    case aes256GCM = "AEAD_AES_256_GCM"

    /// Bytes of the master key.
    package var keySize: Int { self == .aes256GCM ? 32 : 16 }
    /// Bytes of the master salt.
    package var saltSize: Int {
        switch self {
        case .aes128CounterSHA1_80, .aes128CounterSHA1_32: 14
        case .aes128GCM, .aes256GCM: 12
        }
    }
}

/// An SRTP master key with its salt: a secret, which no description shows.
package struct MasterKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    package let suite: CryptoSuite
    /// The key, then the salt: what base 64 carries after `inline:`.
    package let bytes: [UInt8]

    /// `nil` if `bytes` are not as many as the suite's key and salt.
    package init?(_ suite: CryptoSuite, _ bytes: [UInt8]) {
        guard bytes.count == suite.keySize + suite.saltSize else { return nil }
        self.suite = suite
        self.bytes = bytes
    }

    /// A new key, from the system's generator of random numbers.
    package static func random(_ suite: CryptoSuite) -> MasterKey {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<suite.keySize + suite.saltSize).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return MasterKey(suite, bytes)!
    }

    package var description: String { "\(suite.rawValue) key" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
