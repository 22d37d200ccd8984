import Media

/// What a bridge says to the other end of a line: what the streams that it sends there may contain. It follows the wiring,
/// not what happens to be shown or heard, and so stays the same while a link is cut.
package struct LinkAnnouncement: Hashable, Sendable {
    /// One site that may be inside.
    package struct Entry: Hashable, Sendable {
        /// 0: a site of the sender's own; 1: behind the link that stands above it; and so on.
        package var depth: Int
        package var kind: SiteKind
        package var id: SiteID
        package var name: String
        package var isSpeaking: Bool
        package var hasPicture: Bool
        package var isMuted: Bool

        package init(
            depth: Int = 0, kind: SiteKind = .site, id: SiteID, name: String, isSpeaking: Bool = false,
            hasPicture: Bool = true, isMuted: Bool = false
        ) {
            self.depth = depth
            self.kind = kind
            self.id = id
            self.name = name
            self.isSpeaking = isSpeaking
            self.hasPicture = hasPicture
            self.isMuted = isMuted
        }
    }

    /// The most bridges in a path: a province with a bridge in each of its communes fits.
    package static let maximumPath = 256
    /// The most entries of a roster.
    package static let maximumRoster = 500
    /// The largest depth of an entry.
    package static let maximumDepth = 15
    /// The most bytes of a name in UTF-8.
    package static let maximumText = 400

    /// Every bridge whose pictures or sound may be inside, the sender first, then the nearest; never empty.
    package var path: [BridgeID]
    /// The name of the one source that fills the picture, if one does: "Hội trường · Xã Đại Bái".
    package var shown: String?
    /// The sites that may be inside, in pre-order: behind each link those below it.
    package var roster: [Entry]
    /// How many sites were left out for want of room, here and below.
    package var omitted: Int

    /// - Parameter path: the sender first; not empty.
    package init(path: [BridgeID], shown: String? = nil, roster: [Entry] = [], omitted: Int = 0) {
        precondition(!path.isEmpty, "the sender is in its own path")
        self.path = path
        self.shown = shown
        self.roster = roster
        self.omitted = omitted
    }

    /// Who says it.
    package var sender: BridgeID { path[0] }
}
