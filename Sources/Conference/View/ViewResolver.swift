import Media

/// Fills a layout with sites. A pure function of what is known of the conference and of the view before.
///
/// Pinned sites and roles come first, then the large cells, then `*` in the operator's order. When the active speaker
/// changes, only the cells that must change do: the new speaker and the site that makes room change places. Of more
/// sites than cells those who spoke last are shown; a site that has not spoken leaves only for one that has.
package struct ViewResolver: Sendable {
    package var roster: Roster
    /// Who has been the active speaker, the latest first, each once.
    package var speakers: [SiteID]
    package var lecturer: SiteID?
    /// The site whose picture is the slides.
    package var slides: SiteID?
    /// Counts up when the lecturer is to see the next site.
    package var turn: Int
    /// Who is shown in the place of uplinks that are dead; `nil`: none is, or nobody can.
    package var standIn: StandIn?

    package init(
        roster: Roster, speakers: [SiteID] = [], lecturer: SiteID? = nil, slides: SiteID? = nil, turn: Int = 0,
        standIn: StandIn? = nil
    ) {
        self.roster = roster
        self.speakers = speakers
        self.lecturer = lecturer
        self.slides = slides
        self.turn = turn
        self.standIn = standIn
    }

    /// - Parameters:
    ///   - layout: as the operator gave it.
    ///   - previous: the view that the same viewers had until now. It is looked at only if its layout is the same; give
    ///     `nil` after a change of the roster, to get the operator's order afresh.
    package func resolve(
        _ layout: Layout, for perspective: Perspective = .common, after previous: View? = nil
    ) -> View {
        var entries = roster.entries
        if case .own(let viewer) = perspective { entries.removeAll { $0.id == viewer } }
        let layout = layout.resolved(forSites: entries.lazy.filter(\.isCamera).count)

        var before: [SiteID?]?
        // Before anybody has spoken the order alone says who is where, however the pictures came in one by one.
        let speakers = speakers(for: layout)
        if let previous, previous.layout == layout, !speakers.isEmpty { before = previous.sources }
        var filling = Filling(
            layout: layout, entries: entries, speakers: speakers, before: before, standIn: standIn)
        if layout.behaviour == .lecture, let watched = watched(by: perspective, among: entries) {
            filling.place(watched, where: .speaker)
        } else if layout.behaviour == .lecture, let lecturer {
            filling.fillLost(lecturer)
        }
        filling.fillPinned()
        filling.fillSlides(slides)
        filling.fillUplink()
        filling.fillStage()
        filling.fillRest()
        return View(layout: layout, sources: filling.sources, captions: filling.captions)
    }

    /// Who counts as speaking, latest first: in a lecture the lecturer, whoever speaks.
    private func speakers(for layout: Layout) -> [SiteID] {
        guard layout.behaviour == .lecture, let lecturer, roster.contains(lecturer) else { return speakers }
        return [lecturer] + speakers.filter { $0 != lecturer }
    }

    /// Whom the lecturer watches: the active speaker while it is another site, else the others in turn, skipping those
    /// without a picture. `nil` for any other viewer.
    private func watched(by perspective: Perspective, among others: [Roster.Entry]) -> SiteID? {
        guard let lecturer, roster.contains(lecturer), perspective == .own(lecturer) else { return nil }
        let cameras = others.filter(\.isCamera)
        if let speaker = speakers.first, cameras.contains(where: { $0.id == speaker && $0.hasPicture }) {
            return speaker
        }
        guard !cameras.isEmpty else { return nil }
        let first = Int(turn.magnitude % UInt(cameras.count))
        let inTurn = cameras[first...] + cameras[..<first]
        return (inTurn.first(where: \.hasPicture) ?? inTurn.first)?.id
    }
}
