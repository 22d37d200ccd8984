import Media

/// What a site is to the cascade: who is at the other end of its line, whether our own media comes back on it, whether it
/// lives, and what it was told.
struct LinkState: Sendable {
    /// A peer that has announced nothing for so long is taken for gone.
    static let forgetAfter = Interval.seconds(3)
    /// So long after a path without our id, our own media may still be on the way.
    static let drainTime = Interval.seconds(2)

    /// What the peer says that its streams may contain; `nil`: it is no bridge of ours, or silent.
    private(set) var announcement: LinkAnnouncement?
    /// The major version of a bridge that we don't understand.
    private(set) var otherVersion: Int?
    private(set) var hasOwnPath = false
    private(set) var ownMedia = OwnMediaEvidence()
    var liveness = Liveness()
    var outgoing = AnnouncementSchedule()
    /// Whether picture and sound are left out, since they are our own come back.
    var isCut = false

    private var heardAt: Instant?
    /// When a path with our own id last held.
    private var ownPathAt: Instant?

    var mustBeCut: Bool { hasOwnPath || ownMedia.isHeld }

    /// Whether there is nothing that time could change, nor anything to tell others.
    var isIdle: Bool { heardAt == nil && !mustBeCut && !isCut }

    /// - Returns: whether it says anything new.
    mutating func take(_ announcement: LinkAnnouncement, own id: BridgeID, at now: Instant) -> Bool {
        heardAt = now
        otherVersion = nil
        guard announcement != self.announcement else { return false }
        self.announcement = announcement
        setOwnPath(announcement.path.contains(id), at: now)
        return true
    }

    /// - Returns: whether that is new.
    mutating func takeOther(version: Int, at now: Instant) -> Bool {
        heardAt = now
        guard otherVersion != version else { return false }
        otherVersion = version
        announcement = nil
        setOwnPath(false, at: now)
        return true
    }

    /// The same was announced again.
    /// - Returns: whether it is still known.
    mutating func heardAgain(at now: Instant) -> Bool {
        guard announcement != nil || otherVersion != nil else { return false }
        heardAt = now
        return true
    }

    /// Our own media came in. Where a path says why, or has just said so, it is no news.
    mutating func ownMediaCame(at now: Instant) {
        if hasOwnPath { return }
        if let ownPathAt, now - ownPathAt < Self.drainTime { return }
        ownMedia.came(at: now)
    }

    /// Forgets what is too old.
    /// - Returns: whether a peer was forgotten.
    mutating func step(at now: Instant) -> Bool {
        ownMedia.step(at: now)
        guard let heardAt, now - heardAt >= Self.forgetAfter else { return false }
        self.heardAt = nil
        announcement = nil
        otherVersion = nil
        setOwnPath(false, at: now)
        return true
    }

    private mutating func setOwnPath(_ isOwn: Bool, at now: Instant) {
        if hasOwnPath || isOwn { ownPathAt = now }
        hasOwnPath = isOwn
        // The path follows the wiring; what CSRCs said of it only lasts longer.
        if isOwn { ownMedia.forget() }
    }
}
