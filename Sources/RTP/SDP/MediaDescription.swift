import Media

/// One `m=` section.
package struct MediaDescription: Equatable, Sendable {
    package enum Kind: Hashable, Sendable {
        case audio
        case video
        /// `application`, `text`, …: nothing here sends or receives it.
        case other(String)

        init(_ name: String) {
            switch name {
            case "audio": self = .audio
            case "video": self = .video
            default: self = .other(name)
            }
        }

        var name: String {
            switch self {
            case .audio: "audio"
            case .video: "video"
            case .other(let name): name
            }
        }
    }

    package enum Direction: String, Sendable {
        case sendAndReceive = "sendrecv"
        case sendOnly = "sendonly"
        case receiveOnly = "recvonly"
        case inactive
    }

    package var kind: Kind
    /// 0 if the medium is switched off.
    package var port: Int
    /// `RTP/AVP` and the like, in upper case.
    package var transport: String
    /// In the order of preference; empty if `transport` is no RTP.
    package var formats: [PayloadFormat]
    /// `c=` of this medium.
    package var address: String?
    /// `a=rtcp` (RFC 3605).
    package var rtcpPort: Int?
    /// `a=rtcp-mux` (RFC 5761).
    package var isMultiplexed = false
    /// `nil` if it was not said, which means the session's, or both directions.
    package var direction: Direction?
    /// `a=ptime`: milliseconds of sound in a packet.
    package var packetTime: Int?
    /// `a=content` (RFC 4796): `slides`, `main`, …
    package var content: String?
    /// `a=ssrc` (RFC 5576), each once.
    package var ssrcs: [UInt32] = []
    /// `b=AS`: kilobits a second, headers included.
    package var bandwidth: Int?
    /// `a=mid`: what `a=group` calls this medium (RFC 5888).
    package var mid: String?
    /// `a=rtcp-fb` (RFC 4585).
    package var feedback = FeedbackAttributes()
    /// `a=extmap` (RFC 8285), the session's too.
    package var extensions: [HeaderExtension] = []
    /// `a=crypto` (RFC 4568) of the suites known here, in the order of preference.
    package var crypto: [CryptoAttribute] = []

    /// - Parameter port: 0 to 65535.
    package init(kind: Kind, port: Int, transport: String = "RTP/AVP", formats: [PayloadFormat]) {
        self.kind = kind
        self.port = port
        self.transport = transport
        self.formats = formats
    }

    /// Where RTCP goes: what `a=rtcp` says, else the medium's own port if shared, else the next one.
    package var controlPort: Int { isMultiplexed ? port : rtcpPort ?? port + 1 }

    /// Whether its transport is SRTP: `RTP/SAVP`, `RTP/SAVPF`, and those of DTLS.
    package var isSecure: Bool { transport.contains("SAVP") }

    /// The first format whose codec is known here.
    package var videoFormat: (PayloadFormat, VideoCodec)? {
        formats.lazy.compactMap { format in format.videoCodec.map { (format, $0) } }.first
    }

    /// The first format whose codec is known here.
    package var audioFormat: (PayloadFormat, AudioCodec)? {
        formats.lazy.compactMap { format in format.audioCodec.map { (format, $0) } }.first
    }
}
