import CSRTP

/// What became of one packet in an `SRTPContext`.
package enum SRTPOutcome: Equatable, Sendable {
    /// The packet stands in place and has `count` bytes now.
    case ok(count: Int)
    /// Not made with this key, or changed on its way. The buffer's content is undefined now.
    case authenticationFailed
    /// It came before, or is older than the replay window (RFC 3711 section 3.3.2).
    case replayed
    /// No SRTP packet at all: too short, not version 2, a header that doesn't fit, or not encrypted.
    case malformed
    /// Outbound only: something else was sent under this sequence number; this must not be.
    case sequenceReused
    /// Outbound only: more streams of our own than a context keeps.
    case sourceLimit
    /// libsrtp refused for another reason: `srtp_err_status_t`.
    case other(status: UInt32)

    init(_ status: srtp_err_status_t, count: Int32) {
        switch status {
        case srtp_err_status_ok: self = .ok(count: Int(count))
        // Behind NSS a wrong GCM tag is a failure of the cipher.
        case srtp_err_status_auth_fail, srtp_err_status_cipher_fail: self = .authenticationFailed
        case srtp_err_status_replay_fail, srtp_err_status_replay_old, srtp_err_status_pkt_idx_old: self = .replayed
        case srtp_err_status_bad_param, srtp_err_status_parse_err, srtp_err_status_cant_check: self = .malformed
        default: self = .other(status: status.rawValue)
        }
    }
}

/// What an `SRTPContext` did since it was made: packets, RTP and RTCP together.
package struct SRTPStatistics: Equatable, Sendable {
    /// Packets protected, or unprotected.
    package var passed = 0
    package var authenticationFailed = 0
    package var replayed = 0
    package var malformed = 0
    /// Not sent, since something else was under the same sequence number: a fault of ours.
    package var sequenceReused = 0
    /// Refused for the number of streams, or by libsrtp for another reason.
    package var refused = 0
    /// Streams forgotten because the peer made more of them than are kept.
    package var sourcesForgotten = 0
    /// How often a stream's roll-over counter was found by trying.
    package var rollOversFound = 0

    mutating func count(_ outcome: SRTPOutcome) {
        switch outcome {
        case .ok: passed += 1
        case .authenticationFailed: authenticationFailed += 1
        case .replayed: replayed += 1
        case .malformed: malformed += 1
        case .sequenceReused: sequenceReused += 1
        case .sourceLimit, .other: refused += 1
        }
    }
}

/// Why a context could not be made: libsrtp is built without the cipher, or memory is out.
package struct SRTPError: Error, Equatable, Sendable, CustomStringConvertible {
    package let suite: String
    /// `srtp_err_status_t`.
    package let status: UInt32

    package var description: String { "libsrtp makes no context for \(suite) (status \(status))" }
}
