import Media

/// Who is heard, how loud, and by whom: what the audio mixer needs of a conference.
package struct SoundPlan: Hashable, Sendable {
    /// One site's part in every mix.
    package struct Source: Hashable, Sendable {
        package let site: SiteID
        /// Linear; 0 for a site that is muted, doesn't take part, is cut, or is the backup of another.
        package let gain: Float
        /// The place, in `sources`, of the site whose line the sound is taken from: the site's own, or its backup's.
        package let feed: Int
    }

    /// What the viewers of one program hear. Each listener's own sound is left out of it for that listener.
    package struct Mix: Hashable, Sendable {
        package let program: ProgramID
        package let rule: SoundRule
        package let listeners: [SiteID]
        /// The site whose sound a listener must not hear, where it isn't the listener itself: a backup is sent what the
        /// link is sent that it is the backup of.
        package let ownSources: [SiteID: SiteID]

        /// Whether `listener`'s mix may have `source` in it.
        package func carries(_ source: SiteID, to listener: SiteID) -> Bool {
            guard source != listener, source != ownSources[listener] else { return false }
            switch rule {
            case .all: return true
            case .none: return false
            case .only(let sites): return sites.contains(source)
            }
        }
    }

    /// In the order of the conference's sites.
    package let sources: [Source]
    /// In the order of the programs.
    package let mixes: [Mix]
    /// How many of the loudest sources are mixed.
    package let loudest: Int
}
