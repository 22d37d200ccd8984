import Media

/// A session description (RFC 8866), as far as RTP audio and video need it: read from an endpoint's SDP file, written
/// for a receiver such as ffplay.
package struct SessionDescription: Equatable, Sendable {
    /// `s=`: a name for people; may be empty.
    package var name: String
    /// `c=` of the session: where media is sent to, unless a medium says otherwise.
    package var address: String?
    package var media: [MediaDescription]

    /// The most bytes of text.
    package static let maximumSize = 64 * 1024
    package static let maximumMedia = 20
    /// The most bytes of one line.
    package static let maximumLineSize = 4096

    package init(name: String, address: String?, media: [MediaDescription]) {
        self.name = name
        self.address = address
        self.media = media
    }

    /// The first medium of a kind that is not switched off.
    package func first(_ kind: MediaDescription.Kind) -> MediaDescription? {
        media.first { $0.kind == kind && $0.port != 0 }
    }

    /// Where `medium` is sent to: its own `c=`, or the session's.
    package func address(of medium: MediaDescription) -> String? { medium.address ?? address }

    /// Reads a description; lines may end with CR LF or LF. What is not needed here is passed over, what is wrong is
    /// refused.
    package static func parse(_ text: String) throws(SDPError) -> SessionDescription {
        var parser = SDPParser()
        return try parser.parse(text)
    }
}

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

    /// - Parameter port: 0 to 65535.
    package init(kind: Kind, port: Int, transport: String = "RTP/AVP", formats: [PayloadFormat]) {
        self.kind = kind
        self.port = port
        self.transport = transport
        self.formats = formats
    }

    /// Where RTCP goes: what `a=rtcp` says, else the medium's own port if shared, else the next one.
    package var controlPort: Int { isMultiplexed ? port : rtcpPort ?? port + 1 }

    /// The first format whose codec is known here.
    package var videoFormat: (PayloadFormat, VideoCodec)? {
        formats.lazy.compactMap { format in format.videoCodec.map { (format, $0) } }.first
    }

    /// The first format whose codec is known here.
    package var audioFormat: (PayloadFormat, AudioCodec)? {
        formats.lazy.compactMap { format in format.audioCodec.map { (format, $0) } }.first
    }
}
