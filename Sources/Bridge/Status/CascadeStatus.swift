/// Who is at the other end of a line, if that is a bridge or meant to be.
package struct LinkStatus: Codable, Hashable, Sendable {
    /// `plain`: any RTP mixer; `bridge`: one of ours; `other-version`: one of ours that we don't understand, and so plain;
    /// `loop`: cut, since our own pictures come back by it.
    package var state: String
    /// The peer's id of this run; `nil` unless it is one of ours.
    package var peer: String?
    /// The bridges that its streams come by, itself first.
    package var path: [String]
    /// The one source that fills its picture; `nil`: several, or not known.
    package var shown: String?
    /// The site whose picture and sound stand for it: its backup, or itself.
    package var feed: String

    package init(state: String, peer: String?, path: [String], shown: String?, feed: String) {
        self.state = state
        self.peer = peer
        self.path = path
        self.shown = shown
        self.feed = feed
    }
}

/// A site behind a link.
package struct InsideStatus: Codable, Hashable, Sendable {
    /// 0: at the peer itself; 1: behind the link above it in the list; and so on.
    package var depth: Int
    package var id: String
    package var name: String
    /// `site`, `uplink` or `downlink`.
    package var kind: String
    package var speaking: Bool
    package var picture: Bool
    package var muted: Bool

    package init(
        depth: Int, id: String, name: String, kind: String, speaking: Bool, picture: Bool, muted: Bool
    ) {
        self.depth = depth
        self.id = id
        self.name = name
        self.kind = kind
        self.speaking = speaking
        self.picture = picture
        self.muted = muted
    }
}

/// A source in a mixer's sound (RFC 3550 section 7.1).
package struct ContributorStatus: Codable, Hashable, Sendable {
    /// In hexadecimal.
    package var ssrc: String
    /// As the mixer's SDES says; `nil`: it says nothing.
    package var name: String?
    /// Of its sound, 0 at most (RFC 6465); `nil`: the mixer doesn't say.
    package var levelDbov: Int?

    package init(ssrc: String, name: String?, levelDbov: Int?) {
        self.ssrc = ssrc
        self.name = name
        self.levelDbov = levelDbov
    }

    private enum CodingKeys: String, CodingKey {
        case ssrc, name
        case levelDbov = "level_dbov"
    }
}
