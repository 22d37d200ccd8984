/// The settings of the whole conference and of the server. The raw value is the flag without its dashes, and the config
/// file's key.
package enum GeneralKey: String, Hashable, Sendable, CaseIterable {
    case layout, size, fps, fit
    case videoBitrate = "video-bitrate"
    case audioBitrate = "audio-bitrate"
    case gop, loudest, preset, encoder, lecturer, hub, bind
    case audioDSCP = "dscp-audio"
    case videoDSCP = "dscp-video"
    case http, token
    case certificate = "tls-certificate"
    case certificateKey = "tls-key"
    case auditLog = "audit-log"
    case recordDirectory = "record-dir"
    case mediaDirectory = "media-dir"
    case sdpDirectory = "sdp-dir"
    case stateFile = "state-file"
    case capacity
    case logLevel = "log-level"
    case logFormat = "log-format"

    package var flag: String { "--" + rawValue }
    /// The environment variable.
    package var variable: String { "MCU_" + rawValue.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }

    /// What holds when nobody says otherwise, as an operator would write it; `nil`: not set.
    package var standard: String? {
        switch self {
        case .layout: "auto"
        case .size: "1280x720"
        case .fps: "30"
        case .fit: "letterbox"
        case .videoBitrate: "1500k"
        case .audioBitrate: "48k"
        case .gop: "4s"
        case .loudest: "4"
        case .preset: "auto"
        case .bind: "0.0.0.0"
        case .audioDSCP: "46"
        case .videoDSCP: "34"
        case .http: "127.0.0.1:8080"
        case .logLevel: "info"
        case .logFormat: "text"
        case .encoder, .lecturer, .hub, .token, .certificate, .certificateKey, .auditLog, .recordDirectory,
            .mediaDirectory, .sdpDirectory, .stateFile, .capacity:
            nil
        }
    }
}
