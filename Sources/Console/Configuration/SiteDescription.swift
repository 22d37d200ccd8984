import Media
import RTP

/// What an SDP file says of a site (RFC 8866).
///
/// It is the file of a *sender*, as `ffmpeg -sdp_file` writes it: `m=` names the port here at which the stream comes
/// in, the payload types and parameter sets are those of what comes. Where our own packets go isn't in it: `to` says so.
package struct SiteDescription: Hashable, Sendable {
    /// What protects one medium.
    package struct Security: Hashable, Sendable {
        /// Whether it is `RTP/SAVP` or `RTP/SAVPF`.
        package var isSecure: Bool
        /// What the site may send with, in the file's order of preference.
        package var keys: [MasterKey]

        package init(isSecure: Bool = false, keys: [MasterKey] = []) {
            self.isSecure = isSecure
            self.keys = keys
        }
    }

    /// How lost packets of the pictures are made good.
    package struct Repair: Hashable, Sendable {
        package var feedback: FeedbackAttributes
        /// The payload types of retransmissions, and that of the packets each one repeats.
        package var retransmitted: [PayloadType: PayloadType] = [:]
        package var fec: PayloadType?
        package var redundant: PayloadType?
        /// The id of the header extension with transport-wide sequence numbers.
        package var transportExtension: Int?

        package init(feedback: FeedbackAttributes = FeedbackAttributes()) { self.feedback = feedback }
    }

    package struct Audio: Hashable, Sendable {
        package var port: Int
        /// In the file's order of preference; at least one.
        package var formats: [CodecForm<AudioCodec>]
        package var multiplexesRTCP: Bool
        /// The port of the second line (RFC 7104).
        package var secondPort: Int?
        /// The id of the header extension with contributors' levels (RFC 6465).
        package var levelExtension: Int?
        package var security: Security

        package init(
            port: Int, formats: [CodecForm<AudioCodec>], multiplexesRTCP: Bool, secondPort: Int? = nil,
            levelExtension: Int? = nil, security: Security = Security()
        ) {
            self.port = port
            self.formats = formats
            self.multiplexesRTCP = multiplexesRTCP
            self.secondPort = secondPort
            self.levelExtension = levelExtension
            self.security = security
        }
    }

    package struct Video: Hashable, Sendable {
        package var port: Int
        /// In the file's order of preference; at least one.
        package var formats: [CodecForm<VideoCodec>]
        package var multiplexesRTCP: Bool
        /// The NAL units of `sprop-parameter-sets`, without start codes.
        package var parameterSets: [[UInt8]]
        /// RFC 6184 section 8.1; `nil` if the first format isn't H.264.
        package var packetizationMode: Int?
        /// The port of the second line (RFC 7104).
        package var secondPort: Int?
        package var security: Security
        package var repair: Repair

        package init(
            port: Int, formats: [CodecForm<VideoCodec>], multiplexesRTCP: Bool, parameterSets: [[UInt8]] = [],
            packetizationMode: Int? = nil, secondPort: Int? = nil, security: Security = Security(),
            repair: Repair = Repair()
        ) {
            self.port = port
            self.formats = formats
            self.multiplexesRTCP = multiplexesRTCP
            self.parameterSets = parameterSets
            self.packetizationMode = packetizationMode
            self.secondPort = secondPort
            self.security = security
            self.repair = repair
        }
    }

    package var audio: Audio?
    package var video: Video?
    /// The second picture, which says `a=content:slides` (RFC 4796).
    package var slides: Video?
    /// The unicast address of `c=`; `nil` if there is none.
    package var address: String?

    package init(audio: Audio? = nil, video: Video? = nil, slides: Video? = nil, address: String? = nil) {
        self.audio = audio
        self.video = video
        self.slides = slides
        self.address = address
    }
}
