import CFFmpeg
import Media

/// The kinds of file and stream that are written, and what each takes.
enum Container: Hashable, Sendable, CaseIterable {
    /// Fragmented: whole up to the last second whatever happens to the writer.
    case mp4
    case matroska
    /// Opus in Ogg.
    case ogg
    /// 16-bit samples.
    case wav
    case flv
    case transportStream
    /// HTTP Live Streaming: a playlist and its segments.
    case hls

    /// `nil` if the name doesn't tell.
    init?(_ location: MediaLocation) {
        switch (location.scheme, location.fileExtension) {
        case ("rtmp", _), ("rtmps", _), (nil, "flv"): self = .flv
        case ("srt", _), ("udp", _), (nil, "ts"): self = .transportStream
        case (nil, "mp4"), (nil, "m4v"), (nil, "m4a"): self = .mp4
        case (nil, "mkv"), (nil, "mka"): self = .matroska
        case (nil, "opus"), (nil, "ogg"): self = .ogg
        case (nil, "wav"): self = .wav
        case (nil, "m3u8"): self = .hls
        default: return nil
        }
    }

    /// What can be written, in words.
    static let writable =
        "a name that ends in .mp4, .mkv, .mka, .opus, .wav, .flv, .ts or .m3u8, or a URL of "
        + MediaLocation.writableSchemes.joined(separator: ", ")

    /// libavformat's name.
    var muxer: String {
        switch self {
        case .mp4: "mp4"
        case .matroska: "matroska"
        case .ogg: "ogg"
        case .wav: "wav"
        case .flv: "flv"
        case .transportStream: "mpegts"
        case .hls: "hls"
        }
    }

    /// libavformat's options for it.
    var options: [(String, String)] {
        switch self {
        case .mp4: [("movflags", "empty_moov+frag_keyframe+default_base_moof"), ("frag_duration", "1000000")]
        case .matroska: [("cluster_time_limit", "1000")]
        case .ogg: [("page_duration", "1000000")]
        case .wav: [("rf64", "auto")]
        case .flv: [("flvflags", "no_duration_filesize")]
        case .transportStream: []
        case .hls:
            [
                ("hls_time", "2"), ("hls_list_size", "6"),
                ("hls_flags", "delete_segments+independent_segments+temp_file"),
            ]
        }
    }

    var pictures: Set<VideoCodec> {
        switch self {
        case .mp4: [.h264, .h265, .vp9]
        case .matroska: Set(VideoCodec.allCases)
        case .ogg, .wav: []
        case .flv, .hls: [.h264]
        case .transportStream: [.h264, .h265]
        }
    }

    /// Whether it takes Opus packets.
    var takesOpus: Bool { self == .mp4 || self == .matroska || self == .ogg }
    /// Whether it takes samples, which are encoded as AAC, or written as they are.
    var takesSamples: Bool { self != .ogg }
}
