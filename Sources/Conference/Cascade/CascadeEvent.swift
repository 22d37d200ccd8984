import Media

/// What happened in the cascade, for the log.
package enum CascadeEvent: Hashable, Sendable {
    /// How a loop shows.
    package enum Evidence: Hashable, Sendable {
        /// The peer's streams go by our own bridge.
        case path(from: BridgeID)
        /// What we send to this site came in, told by its CSRC.
        case ownMedia(sentTo: SiteID)
    }

    /// A bridge of ours is at the other end.
    case peerKnown(SiteID, BridgeID)
    /// It has announced nothing for 3 s.
    case peerLost(SiteID, BridgeID)
    /// A bridge of ours, but one that we don't understand: the link is plain RTP.
    case otherVersion(SiteID, major: Int)
    case loopFound(SiteID, Evidence)
    case loopHealed(SiteID)
    /// An uplink is dead, and no backup lives. The hub stands in for it in its cells, if there is one.
    case uplinkLost(SiteID, hub: SiteID?)
    case uplinkBack(SiteID)
    case backupTookOver(SiteID, backup: SiteID)
    case backupGaveBack(SiteID, backup: SiteID)

    package var site: SiteID {
        switch self {
        case .peerKnown(let site, _), .peerLost(let site, _), .otherVersion(let site, _), .loopFound(let site, _),
            .loopHealed(let site), .uplinkLost(let site, _), .uplinkBack(let site), .backupTookOver(let site, _),
            .backupGaveBack(let site, _):
            site
        }
    }

    /// Whether an operator should look at it.
    package var isTrouble: Bool {
        switch self {
        case .otherVersion, .loopFound, .uplinkLost, .backupTookOver: true
        case .peerKnown, .peerLost, .loopHealed, .uplinkBack, .backupGaveBack: false
        }
    }
}

extension CascadeEvent: CustomStringConvertible {
    /// One line of a log; the site stands beside it.
    package var description: String {
        switch self {
        case .peerKnown(_, let id): "a bridge is at the other end: \(id)"
        case .peerLost(_, let id): "the bridge \(id) announces nothing any more"
        case .otherVersion(_, let major): "a bridge of version \(major) is at the other end: the link is plain RTP"
        case .loopFound(_, .path(let id)):
            "loop: what comes from the bridge \(id) may be our own; the link is cut until the wiring is put right"
        case .loopFound(_, .ownMedia(let site)):
            "loop: what is sent to \(site) comes in here; the link is cut for a while"
        case .loopHealed: "the loop is gone: the link is back"
        case .uplinkLost(_, let hub?): "no signal from the uplink: \(hub) stands in for it"
        case .uplinkLost(_, nil): "no signal from the uplink, and no hub to stand in for it"
        case .uplinkBack: "the uplink is back"
        case .backupTookOver(_, let backup): "no signal from the uplink: its backup \(backup) took over"
        case .backupGaveBack(_, let backup): "the uplink is back in the place that its backup \(backup) had"
        }
    }
}
