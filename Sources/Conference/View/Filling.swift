import Media

/// A layout while it is being filled. The steps are called in the order of their precedence; each takes only sites
/// that no step before it has placed, so no site is ever in twice.
struct Filling {
    private(set) var sources: [SiteID?]
    /// Of the cells in which the hub stands in.
    private(set) var captions: [Int: String] = [:]

    private let layout: Layout
    private let entries: [Roster.Entry]
    /// Latest first.
    private let speakers: [SiteID]
    /// What the cells showed before; `nil` to fill afresh.
    private let before: [SiteID?]?
    private let standIn: StandIn?
    private var placed: Set<SiteID> = []
    private var hasSlides = false

    init(
        layout: Layout, entries: [Roster.Entry], speakers: [SiteID], before: [SiteID?]?, standIn: StandIn? = nil
    ) {
        // The hub without a picture would only be another slate.
        self.standIn = standIn.flatMap { standIn in
            entries.contains { $0.id == standIn.hub && $0.hasPicture } ? standIn : nil
        }
        self.layout = layout
        self.entries = entries
        self.speakers = speakers
        self.before = before
        sources = [SiteID?](repeating: nil, count: layout.cells.count)
    }

    /// Puts a site into the first cell of that role.
    mutating func place(_ site: SiteID, where role: Layout.Role) {
        guard let cell = layout.cells.firstIndex(where: { $0.role == role }) else { return }
        put(site, in: cell)
    }

    /// The lecturer's cell, if the hub stands in for the lecturer.
    mutating func fillLost(_ lecturer: SiteID) {
        guard standIn?.captions[lecturer] != nil, entries.contains(where: { $0.id == lecturer }),
            let cell = layout.cells.firstIndex(where: { $0.role == .speaker })
        else { return }
        putOrStandIn(lecturer, in: cell)
    }

    mutating func fillPinned() {
        for (cell, id) in pins where entries.contains(where: { $0.id == id }) {
            // Beside others the uplink's own slate says enough.
            if layout.cells.count == 1 { putOrStandIn(id, in: cell) } else { put(id, in: cell) }
        }
    }

    mutating func fillSlides(_ slides: SiteID?) {
        guard let slides, entries.contains(where: { $0.id == slides }) else { return }
        place(slides, where: .slides)
        hasSlides = placed.contains(slides)
    }

    mutating func fillUplink() {
        guard let uplink = entries.first(where: { $0.kind == .uplink }) else { return }
        guard let cell = layout.cells.firstIndex(where: { $0.role == .uplink }) else { return }
        putOrStandIn(uplink.id, in: cell)
    }

    /// Fills the cells that show who speaks: `speaker`, `previous`, then the large ones, as many of them as there are.
    mutating func fillStage() {
        let stage = stageCells
        var candidates = stageCandidates(on: stage)[...]
        for cell in stage.exact where sources[cell] == nil {
            guard let site = candidates.popFirst() else { return }
            put(site, in: cell)
        }
        let free = stage.large.filter { sources[$0] == nil }
        fill(free, with: Array(candidates.prefix(free.count)))
    }

    /// Fills the `*` cells with who is left: in the operator's order, or by who spoke last if not all fit.
    mutating func fillRest() {
        let free = layout.cells.indices.filter { sources[$0] == nil && role(of: $0) == .next }
        let left = cameras
        guard left.count > free.count else { return fill(free, with: left.map(\.id)) }
        let shown = Set((before ?? []).compactMap { $0 })
        let ranked = left.enumerated().map { order, entry in
            // A speaker without a picture pushes nobody out for a slate.
            let rank = entry.hasPicture || shown.contains(entry.id) ? speakers.firstIndex(of: entry.id) : nil
            return (key: (rank ?? .max, shown.contains(entry.id) ? 0 : 1, order), order: order, id: entry.id)
        }
        let chosen = ranked.sorted { $0.key < $1.key }.prefix(free.count)
        fill(free, with: chosen.sorted { $0.order < $1.order }.map(\.id))
    }
}

extension Filling {
    /// Presenter's large cell is for who speaks while there are no slides, and what was the speaker's is for the next.
    private func role(of cell: Int) -> Layout.Role {
        let role = layout.cells[cell].role
        guard layout.behaviour == .presenter, !hasSlides else { return role }
        return role == .slides ? .speaker : role == .speaker ? .next : role
    }

    private var pins: [(cell: Int, id: SiteID)] {
        layout.cells.enumerated().compactMap { index, cell in
            if case .site(let id) = cell.role { (index, id) } else { nil }
        }
    }

    /// The sites to be placed yet that are to send a picture.
    private var cameras: [Roster.Entry] { entries.filter { $0.isCamera && !placed.contains($0.id) } }

    private mutating func put(_ site: SiteID, in cell: Int) {
        guard placed.insert(site).inserted else { return }
        sources[cell] = site
    }

    /// Puts in an uplink; if it is dead, the hub with words that say why.
    private mutating func putOrStandIn(_ uplink: SiteID, in cell: Int) {
        guard let standIn, let caption = standIn.captions[uplink], !placed.contains(uplink),
            placed.insert(standIn.hub).inserted
        else { return put(uplink, in: cell) }
        placed.insert(uplink)
        sources[cell] = standIn.hub
        captions[cell] = caption
    }

    /// Where who speaks is shown: the cells for one certain speaker in order of rank, and the large ones by letter.
    private var stageCells: (exact: [Int], large: [Int]) {
        var (exact, large): ([Int], [(letter: Character, cell: Int)]) = ([], [])
        for cell in layout.cells.indices {
            switch role(of: cell) {
            case .speaker: exact.insert(cell, at: 0)
            case .previous: exact.append(cell)
            case .large(let letter): large.append((letter, cell))
            case .next, .slides, .uplink, .site, .blank: break
            }
        }
        return (exact, large.sorted { $0 < $1 }.map(\.cell))
    }

    /// Who goes on stage, first choice first: those who spoke, the latest first, then the operator's order. Sites without
    /// a picture come last. While the active speaker has none the old sources stay; but one that loses its picture
    /// while it speaks keeps its cell.
    private func stageCandidates(on stage: (exact: [Int], large: [Int])) -> [SiteID] {
        let entries = cameras
        let spoke = speakers.compactMap { speaker in entries.first { $0.id == speaker } }
        var staying: [Roster.Entry] = []
        if let active = spoke.first, !active.hasPicture, let before {
            let speakerCells = stage.exact.isEmpty ? stage.large[...] : stage.exact[..<1]
            if speakerCells.contains(where: { before[$0] == active.id }) {
                staying = [active]
            } else {
                staying = (stage.exact + stage.large).compactMap { cell in
                    entries.first { $0.id == before[cell] && $0.hasPicture }
                }
            }
        }
        var seen: Set<SiteID> = []
        return (staying + spoke.filter(\.hasPicture) + entries.filter(\.hasPicture) + spoke + entries)
            .map(\.id).filter { seen.insert($0).inserted }
    }

    /// Fills cells that are alike: who was in one of them keeps it; who was displaced takes the cell of the site that
    /// displaced it; the others follow in order.
    private mutating func fill(_ cells: [Int], with sites: [SiteID]) {
        var left = sites
        if let before {
            for cell in cells {
                if let site = before[cell], let index = left.firstIndex(of: site) {
                    put(left.remove(at: index), in: cell)
                }
            }
            for cell in cells where sources[cell] == nil {
                if let site = displacer(of: cell, before, among: left), let index = left.firstIndex(of: site) {
                    put(left.remove(at: index), in: cell)
                }
            }
        }
        for (cell, site) in zip(cells.filter { sources[$0] == nil }, left) { put(site, in: cell) }
    }

    /// Follows the move that emptied `cell`: who left it went into a cell that another left, who perhaps went into a
    /// third. The end of that chain is the site that has to go somewhere.
    private func displacer(of cell: Int, _ before: [SiteID?], among left: [SiteID]) -> SiteID? {
        var cell = cell
        for _ in before.indices {
            guard let moved = before[cell], let target = sources.firstIndex(where: { $0 == moved }),
                let site = before[target]
            else { return nil }
            if left.contains(site) { return site }
            cell = target
        }
        return nil
    }
}
