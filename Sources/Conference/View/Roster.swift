import Media

/// The sites a view is filled from, in the operator's order: those that are in the conference now.
package struct Roster: Hashable, Sendable {
    /// What a view must know of a site.
    package struct Entry: Hashable, Sendable {
        package var id: SiteID
        package var kind: SiteKind
        /// Whether the site is to send a picture at all. One that isn't is shown only where it is pinned.
        package var sendsPicture: Bool
        /// Whether there is a picture to show at this time. A site without one holds its cell with a slate.
        package var hasPicture: Bool
        /// Whether it is the second picture of a site: shown as the slides, or where it is pinned.
        package var isSlides: Bool

        /// Whether it may stand in any cell.
        package var isCamera: Bool { sendsPicture && !isSlides }

        package init(
            _ id: SiteID, kind: SiteKind = .site, sendsPicture: Bool = true, hasPicture: Bool = true,
            isSlides: Bool = false
        ) {
            self.id = id
            self.kind = kind
            self.sendsPicture = sendsPicture
            self.hasPicture = hasPicture
            self.isSlides = isSlides
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry]) { self.entries = entries }

    package func contains(_ id: SiteID) -> Bool { entries.contains { $0.id == id } }
}
