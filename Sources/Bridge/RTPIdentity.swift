import RTP

/// Who we are in one RTP session.
package struct RTPIdentity: Sendable {
    let ssrc: UInt32
    /// Of our retransmissions (RFC 4588 section 5.3: a stream of their own).
    let repairSSRC: UInt32
    /// The same for both media of a site, so that it can tell that they belong together; random (RFC 7022).
    let cname: String

    static func random(cname: String) -> RTPIdentity {
        let ssrc = UInt32.random(in: 1 ... .max)
        return RTPIdentity(ssrc: ssrc, repairSSRC: ssrc ^ .random(in: 1 ... .max), cname: cname)
    }

    /// 96 random bits in base 36, as RFC 7022 section 4.2 wants them.
    package static func randomCNAME() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt32.random(in: .min ... .max), radix: 36)
    }
}
