import Media

/// How a site was in the last second.
package struct SiteHealthSample: Hashable, Sendable {
    package enum Picture: Hashable, Sendable {
        case moving
        /// The last one stands: no packets, or none that make a whole picture.
        case frozen
        /// A slate is shown.
        case absent
    }

    package var site: SiteID
    package var name: String
    /// How many lines it has, and how many of them carry nothing. All: the site is gone.
    package var lines: Int
    package var deadLines: Int
    /// What comes from it is our own.
    package var isLoop: Bool
    /// Of the packets that should have come in this second, 0 to 1, picture or sound, whichever is worse; `nil`: not known.
    package var lossShare: Double?
    package var jitterMs: Double?
    /// `nil`: it is to send none.
    package var picture: Picture?
    /// Whether packets of sound come; `nil`: it is to send none.
    package var hasSound: Bool?
    /// How much later the sound is than its picture; `nil`: not known.
    package var lipSyncMs: Double?

    package init(
        site: SiteID, name: String, lines: Int = 1, deadLines: Int = 0, isLoop: Bool = false, lossShare: Double? = nil,
        jitterMs: Double? = nil, picture: Picture? = nil, hasSound: Bool? = nil,
        lipSyncMs: Double? = nil
    ) {
        self.site = site
        self.name = name
        self.lines = lines
        self.deadLines = deadLines
        self.isLoop = isLoop
        self.lossShare = lossShare
        self.jitterMs = jitterMs
        self.picture = picture
        self.hasSound = hasSound
        self.lipSyncMs = lipSyncMs
    }
}

/// How the bridge itself was in the last second.
package struct BridgeHealthSample: Hashable, Sendable {
    /// Of the ticks of sound and pictures, 0 to 1.
    package var lateTickShare: Double
    /// Of all cores, 0 to 1; `nil`: not known.
    package var load: Double?
    /// What gives way to overload; `nil`: nothing.
    package var concession: Words?
    /// Packets that our sockets had no room for.
    package var overflows: Int
    /// Where recordings go; `nil`: nowhere.
    package var freeDiskBytes: Int?

    package init(
        lateTickShare: Double = 0, load: Double? = nil, concession: Words? = nil, overflows: Int = 0,
        freeDiskBytes: Int? = nil
    ) {
        self.lateTickShare = lateTickShare
        self.load = load
        self.concession = concession
        self.overflows = overflows
        self.freeDiskBytes = freeDiskBytes
    }
}
