import CSRTP
import Media

/// libsrtp's own start, once per process.
enum SRTPLibrary {
    static let status = srtp_init()
}

/// What libsrtp is told about the streams of one direction.
struct SRTPPolicy {
    /// Packets behind the newest one that are still taken once each, inbound, and may be sent again, outbound. Far above
    /// the 64 of RFC 3711 section 3.3.2: a retransmission comes a round trip late, and so does everything on the slower of
    /// two lines, when a keyframe alone can be 200 packets.
    static let replayWindow: UInt = 2048

    let key: MasterKey

    /// - Parameters:
    ///   - type: every SSRC of one direction, or the one of `ssrc`.
    ///   - body: gets the policy; it holds during the call only.
    func with<Result>(_ type: srtp_ssrc_type_t, ssrc: UInt32 = 0, _ body: (inout srtp_policy_t) -> Result) -> Result {
        // libsrtp copies what it derives from the key; it never writes to it, in spite of the type.
        var bytes = key.bytes
        return bytes.withUnsafeMutableBufferPointer { bytes in
            var policy = srtp_policy_t()
            policy.ssrc = srtp_ssrc_t(type: type, value: ssrc)
            policy.key = bytes.baseAddress
            policy.window_size = Self.replayWindow
            // A repair is the same packet again, bit for bit; the replay window is the receiver's business.
            policy.allow_repeat_tx = 1
            switch key.suite {
            case .aes128CounterSHA1_80:
                srtp_crypto_policy_set_rtp_default(&policy.rtp)
                srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
            case .aes128CounterSHA1_32:
                // RTCP keeps its 80 bits (RFC 4568 section 6.2.2).
                srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp)
                srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
            case .aes128GCM:
                srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
                srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
            case .aes256GCM:
                srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp)
                srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp)
            }
            return body(&policy)
        }
    }
}
