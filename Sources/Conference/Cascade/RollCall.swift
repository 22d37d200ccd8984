import Media

/// Everybody in the meeting, over all levels of the cascade, as one table.
package struct RollCall: Codable, Hashable, Sendable {
    package struct Row: Codable, Hashable, Sendable {
        /// 0: a site of ours; 1: behind the link above it; and so on.
        package var depth: Int
        /// The ids from our link down to the site: `gia-binh/dai-bai`.
        package var path: String
        package var name: String
        /// `site`, `uplink` or `downlink`; `player`: something that is played.
        package var kind: String
        /// `live`, `dimmed`, `fault` or why there is no picture; of sites behind a link `live` or `no picture`.
        package var state: String
        package var speaking: Bool
        package var muted: Bool

        package init(
            depth: Int, path: String, name: String, kind: String, state: String, speaking: Bool = false,
            muted: Bool = false
        ) {
            self.depth = depth
            self.path = path
            self.name = name
            self.kind = kind
            self.state = state
            self.speaking = speaking
            self.muted = muted
        }
    }

    /// In pre-order: behind each link those below it.
    package var rows: [Row]
    /// How many sites the bridges behind our links had no room to name.
    package var omitted: Int

    package init(rows: [Row], omitted: Int = 0) {
        self.rows = rows
        self.omitted = omitted
    }
}

extension Conference {
    /// Everybody that takes part, here and behind our links. Made anew at each call.
    package var rollCall: RollCall {
        var rollCall = RollCall(rows: [])
        for index in sites.indices where isSource(index) {
            let site = sites[index]
            rollCall.rows.append(
                RollCall.Row(
                    depth: 0, path: site.id.rawValue, name: site.plan.name,
                    kind: site.plan.isPlayer ? "player" : site.plan.kind.rawValue,
                    state: sites[activeFeed(of: index)].appearance.word, speaking: isSpeaking(index),
                    muted: site.isMuted))
            var ids = [site.id.rawValue]
            for entry in inside(of: index) {
                ids.removeLast(ids.count - 1 - entry.depth)
                ids.append(entry.id.rawValue)
                rollCall.rows.append(
                    RollCall.Row(
                        depth: entry.depth + 1, path: ids.joined(separator: "/"), name: entry.name,
                        kind: entry.kind.rawValue, state: entry.hasPicture ? "live" : "no picture",
                        speaking: entry.isSpeaking, muted: entry.isMuted))
            }
            rollCall.omitted += omittedInside(index)
        }
        return rollCall
    }
}

extension Appearance {
    fileprivate var word: String {
        switch self {
        case .live: "live"
        case .faulty: "fault"
        case .dimmed: "dimmed"
        case .slate(let reason): reason.english
        }
    }
}
