import Media

/// What an SDP file says of a site (RFC 8866).
///
/// It is the file of a *sender*, as `ffmpeg -sdp_file` writes it: `m=` names the port here at which the stream comes
/// in, the payload types and parameter sets are those of what comes. Where our own packets go isn't in it: `to` says so.
package struct SiteDescription: Hashable, Sendable {
    package struct Audio: Hashable, Sendable {
        package var port: Int
        /// In the file's order of preference; at least one.
        package var formats: [CodecForm<AudioCodec>]
        package var multiplexesRTCP: Bool

        package init(port: Int, formats: [CodecForm<AudioCodec>], multiplexesRTCP: Bool) {
            self.port = port
            self.formats = formats
            self.multiplexesRTCP = multiplexesRTCP
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

        package init(
            port: Int, formats: [CodecForm<VideoCodec>], multiplexesRTCP: Bool, parameterSets: [[UInt8]] = [],
            packetizationMode: Int? = nil
        ) {
            self.port = port
            self.formats = formats
            self.multiplexesRTCP = multiplexesRTCP
            self.parameterSets = parameterSets
            self.packetizationMode = packetizationMode
        }
    }

    package var audio: Audio?
    package var video: Video?
    /// The unicast address of `c=`; `nil` if there is none.
    package var address: String?

    package init(audio: Audio? = nil, video: Video? = nil, address: String? = nil) {
        self.audio = audio
        self.video = video
        self.address = address
    }
}
