import Media

/// The depacketizer of whichever codec a stream has. An enum and no existential: a packet costs a jump.
///
/// Push a packet in order, then take what `next` has until it is `nil`.
package enum Depacketizer: ~Copyable {
    case h264(H264Depacketizer)
    case h265(H265Depacketizer)
    case vp8(VP8Depacketizer)
    case vp9(VP9Depacketizer)

    /// - Parameters:
    ///   - parameterSets: NAL units from an SDP file, for H.264 and H.265.
    ///   - limit: larger pictures are refused.
    package init(codec: VideoCodec, parameterSets: [[UInt8]] = [], limit: PictureLimit = .standard) {
        switch codec {
        case .h264: self = .h264(H264Depacketizer(parameterSets: parameterSets, limit: limit))
        case .h265: self = .h265(H265Depacketizer(parameterSets: parameterSets, limit: limit))
        case .vp8: self = .vp8(VP8Depacketizer(limit: limit))
        case .vp9: self = .vp9(VP9Depacketizer(limit: limit))
        }
    }

    package var codec: VideoCodec {
        switch self {
        case .h264: .h264
        case .h265: .h265
        case .vp8: .vp8
        case .vp9: .vp9
        }
    }

    package var statistics: DepacketizerStatistics {
        switch self {
        case .h264(let depacketizer): depacketizer.statistics
        case .h265(let depacketizer): depacketizer.statistics
        case .vp8(let depacketizer): depacketizer.statistics
        case .vp9(let depacketizer): depacketizer.statistics
        }
    }

    /// Takes the next packet in order.
    package mutating func push(_ packet: VideoPacket) {
        switch consume self {
        case .h264(var depacketizer):
            depacketizer.push(packet)
            self = .h264(depacketizer)
        case .h265(var depacketizer):
            depacketizer.push(packet)
            self = .h265(depacketizer)
        case .vp8(var depacketizer):
            depacketizer.push(packet)
            self = .vp8(depacketizer)
        case .vp9(var depacketizer):
            depacketizer.push(packet)
            self = .vp9(depacketizer)
        }
    }

    /// The next access unit that is complete, or was refused. Its bytes hold until the next call.
    package mutating func next() -> Depacketized? {
        let taken: Depacketized?
        switch consume self {
        case .h264(var depacketizer):
            taken = depacketizer.next()
            self = .h264(depacketizer)
        case .h265(var depacketizer):
            taken = depacketizer.next()
            self = .h265(depacketizer)
        case .vp8(var depacketizer):
            taken = depacketizer.next()
            self = .vp8(depacketizer)
        case .vp9(var depacketizer):
            taken = depacketizer.next()
            self = .vp9(depacketizer)
        }
        return taken
    }

    /// Takes note of something that happened between two packets.
    package mutating func note(_ incident: StreamIncident) {
        switch consume self {
        case .h264(var depacketizer):
            depacketizer.note(incident)
            self = .h264(depacketizer)
        case .h265(var depacketizer):
            depacketizer.note(incident)
            self = .h265(depacketizer)
        case .vp8(var depacketizer):
            depacketizer.note(incident)
            self = .vp8(depacketizer)
        case .vp9(var depacketizer):
            depacketizer.note(incident)
            self = .vp9(depacketizer)
        }
    }
}
