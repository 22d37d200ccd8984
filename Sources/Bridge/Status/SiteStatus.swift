/// One site or link.
package struct SiteStatus: Codable, Hashable, Sendable {
    package var id: String
    package var name: String
    /// `site`, `uplink` or `downlink`.
    package var kind: String
    /// The program it gets.
    package var program: String
    /// The index of its cell in the room's view; `nil`: it isn't shown.
    package var cell: Int?
    /// How its cell appears: `live`, `dimmed`, `slate` or `fault`.
    package var state: String
    package var speaking: Bool
    package var muted: Bool
    /// Of its sound, 0 at most; `nil`: no sound comes.
    package var levelDbov: Double?
    /// `nil`: it has no picture.
    package var videoIn: VideoInStatus?
    package var audioIn: AudioInStatus?
    /// `nil`: it is sent none.
    package var videoOut: VideoOutStatus?
    package var audioOut: AudioOutStatus?
    /// Packets not taken, by cause: `malformed`, `source`, `payload_type`, `kernel` and so on.
    package var dropped: [String: Int]
    /// Round trip by RTCP; `nil`: not known.
    package var rttMs: Double?

    package init(
        id: String = "", name: String = "", kind: String = "", program: String = "", cell: Int? = nil,
        state: String = "", speaking: Bool = false, muted: Bool = false, levelDbov: Double? = nil,
        videoIn: VideoInStatus? = nil, audioIn: AudioInStatus? = nil, videoOut: VideoOutStatus? = nil,
        audioOut: AudioOutStatus? = nil, dropped: [String: Int] = [:], rttMs: Double? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.program = program
        self.cell = cell
        self.state = state
        self.speaking = speaking
        self.muted = muted
        self.levelDbov = levelDbov
        self.videoIn = videoIn
        self.audioIn = audioIn
        self.videoOut = videoOut
        self.audioOut = audioOut
        self.dropped = dropped
        self.rttMs = rttMs
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, kind, program, cell, state, speaking, muted, dropped
        case levelDbov = "level_dbov"
        case videoIn = "video_in"
        case audioIn = "audio_in"
        case videoOut = "video_out"
        case audioOut = "audio_out"
        case rttMs = "rtt_ms"
    }
}
