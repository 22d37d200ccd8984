import Media

/// A layout filled with sources, for a set of viewers.
package struct View: Hashable, Sendable {
    /// Never the `automatic` one: it is resolved by the number of sites.
    package let layout: Layout
    /// The site in each cell, by the cell's index in `layout.cells`; `nil`: the cell stays blank. No site is in twice.
    package let sources: [SiteID?]
    /// Words to draw over cells, by the cell's index: why another source than the wanted one is there.
    package let captions: [Int: String]
    /// Words across the bottom of the whole picture; `nil`: none.
    package internal(set) var banner: String?

    package init(layout: Layout, sources: [SiteID?], captions: [Int: String] = [:], banner: String? = nil) {
        self.layout = layout
        self.sources = sources
        self.captions = captions
        self.banner = banner
    }

    /// The index of the cell that shows `site`.
    package func cell(of site: SiteID) -> Int? { sources.firstIndex { $0 == site } }
}

/// For whom a view is resolved, which decides what it leaves out.
package enum Perspective: Hashable, Sendable {
    /// For everybody: a site sees itself too. A link may have it as long as it is in no cell.
    case common
    /// For this site alone, without its own picture: a link, which must not get back what came down it, or the
    /// lecturer, who watches the others.
    case own(SiteID)
}

/// Viewers who see the same, and why they do. Two groups that happen to see the same at some moment stay two: joining
/// them would tear their encoders apart at the next change.
package struct ViewerGroup: Hashable, Sendable {
    /// What makes the group. It stays while the view changes, so it can name a composer.
    package struct Key: Hashable, Sendable {
        package var program: ProgramID
        /// As the operator gave it: `auto` stays `auto`.
        package var layout: Layout
        package var perspective: Perspective
        /// Whether names are drawn on the cells. A bridge of ours that is sent one source full screen draws its name itself.
        package var isLabelled: Bool

        package init(program: ProgramID, layout: Layout, perspective: Perspective, isLabelled: Bool = true) {
            self.program = program
            self.layout = layout
            self.perspective = perspective
            self.isLabelled = isLabelled
        }
    }

    package let key: Key
    /// In the order of the program; empty for a program that nobody views but that may be recorded.
    package internal(set) var viewers: [SiteID]
    package let view: View

    package init(key: Key, viewers: [SiteID], view: View) {
        self.key = key
        self.viewers = viewers
        self.view = view
    }
}
