import Media

/// Who speaks on this side of the uplinks: what a program that goes up is to show. Uplinks have no voice in it, so whoever
/// lectures from above hides nobody here.
struct ReturnFloor: Sendable {
    /// When nobody of this side was heard for so long, the hub is shown.
    static let quietAfter = Interval.seconds(10)

    private var voices = ActiveSpeaker()
    private var lastHeard: Instant?
    /// Whether it is the hub's turn.
    private(set) var isQuiet = true

    /// Who spoke on this side, latest first.
    var speakers: [SiteID] { voices.speakers }

    mutating func setSites(_ sites: [SiteID]) { voices.setSites(sites) }
    mutating func setMuted(_ isMuted: Bool, at index: Int) { voices.setMuted(isMuted, at: index) }
    mutating func strike(at index: Int) { voices.strike(at: index) }

    /// Takes the levels of one tick, as `ActiveSpeaker` does.
    /// - Returns: whether a program that goes up is to show another.
    mutating func handle(_ levels: Span<Float>, at now: Instant) -> Bool {
        var hasChanged = voices.handle(levels, at: now)
        if voices.isActiveSpeakerSpeaking { lastHeard = now }
        let isQuiet = lastHeard.map { now - $0 >= Self.quietAfter } ?? true
        hasChanged = hasChanged || isQuiet != self.isQuiet
        self.isQuiet = isQuiet
        return hasChanged
    }
}
