/// What a site plays.
package struct PlayerStatus: Codable, Hashable, Sendable {
    /// The file's path, or the URL without what is secret in it.
    package var file: String
    /// `idle`, `opening`, `playing`, `ended` or `failed`.
    package var state: String
    /// How far in the file.
    package var seconds: Double
    /// Of the file; `nil`: nobody knows.
    package var duration: Double?
    /// Why it failed.
    package var reason: String?
}

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
    /// Whether it takes part.
    package var enabled: Bool
    /// Of its sound in the mix.
    package var gainDb: Double
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
    /// How much later the sound is than its picture; `nil`: not known.
    package var lipSyncMs: Double?
    /// How lip-sync stands; `nil`: the site has no sound or no picture.
    package var lipSync: String?
    /// `nil`: the site has one line.
    package var lines: LinesStatus?
    /// As its cell is labelled.
    package var label: String
    /// `nil`: of an endpoint, as far as is known.
    package var link: LinkStatus?
    /// The sites behind it, in pre-order; `nil`: none are known.
    package var inside: [InsideStatus]?
    /// `nil`: it is an endpoint.
    package var player: PlayerStatus?
    /// The site whose slides these are; `nil`: it is a site.
    package var slidesOf: String?

    package init(
        id: String = "", name: String = "", kind: String = "", program: String = "", cell: Int? = nil,
        state: String = "", speaking: Bool = false, muted: Bool = false, enabled: Bool = true, gainDb: Double = 0,
        levelDbov: Double? = nil,
        videoIn: VideoInStatus? = nil, audioIn: AudioInStatus? = nil, videoOut: VideoOutStatus? = nil,
        audioOut: AudioOutStatus? = nil, dropped: [String: Int] = [:], rttMs: Double? = nil,
        lipSyncMs: Double? = nil, lipSync: String? = nil, lines: LinesStatus? = nil,
        label: String = "", link: LinkStatus? = nil, inside: [InsideStatus]? = nil,
        player: PlayerStatus? = nil, slidesOf: String? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.program = program
        self.cell = cell
        self.state = state
        self.speaking = speaking
        self.muted = muted
        self.enabled = enabled
        self.gainDb = gainDb
        self.levelDbov = levelDbov
        self.videoIn = videoIn
        self.audioIn = audioIn
        self.videoOut = videoOut
        self.audioOut = audioOut
        self.dropped = dropped
        self.rttMs = rttMs
        self.lipSyncMs = lipSyncMs
        self.lipSync = lipSync
        self.lines = lines
        self.label = label
        self.link = link
        self.inside = inside
        self.player = player
        self.slidesOf = slidesOf
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, kind, program, cell, state, speaking, muted, enabled, dropped, label, link, inside, player
        case gainDb = "gain_db"
        case levelDbov = "level_dbov"
        case videoIn = "video_in"
        case audioIn = "audio_in"
        case videoOut = "video_out"
        case audioOut = "audio_out"
        case rttMs = "rtt_ms"
        case lipSyncMs = "lip_sync_ms"
        case lipSync = "lip_sync"
        case lines
        case slidesOf = "slides_of"
    }
}
