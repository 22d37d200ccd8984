import Media

/// One program of the running conference: its layout now, its viewers, and the views it was last resolved to.
struct Program: Sendable {
    /// What the operator asked for at the start, with the viewers as they are now.
    var plan: ProgramPlan
    private(set) var groups: [ViewerGroup] = []
    private var resolvedFor: Conference.Revision?

    init(_ plan: ProgramPlan) { self.plan = plan }

    /// Whether anything the views depend on has changed since they were resolved.
    func isStale(at revision: Conference.Revision) -> Bool { resolvedFor != revision }

    /// Resolves the views anew.
    /// - Returns: whether any of them is another now.
    mutating func resolve(_ resolver: ViewResolver, sites: [Site], at revision: Conference.Revision) -> Bool {
        let keepsOrder = resolvedFor?.arrangement == revision.arrangement
        let old = groups
        let before = keepsOrder ? groups : []
        groups = members(sites, lecturer: resolver.lecturer).map { key, viewers in
            let previous = before.first { $0.key == key }?.view
            let view = resolver.resolve(key.layout, for: key.perspective, after: previous)
            let isForBridges = !viewers.isEmpty && viewers.allSatisfy { isBridge($0, among: sites) }
            return ViewerGroup(
                key: key, viewers: viewers, view: view, isLabelled: view.layout.cells.count > 1 || !isForBridges)
        }
        resolvedFor = revision
        return groups != old
    }

    /// Whether a bridge of ours is at the other end of a link.
    private func isBridge(_ viewer: SiteID, among sites: [Site]) -> Bool {
        sites.contains { $0.id == viewer && $0.plan.kind != .site && $0.link.announcement != nil }
    }

    /// The view that `viewer` is sent, as it was resolved last.
    func view(of viewer: SiteID) -> View? { groups.first { $0.viewers.contains(viewer) }?.view }

    /// The viewers by what makes their view, in the order of the first of each.
    private func members(_ sites: [Site], lecturer: SiteID?) -> [(key: ViewerGroup.Key, viewers: [SiteID])] {
        var members: [(key: ViewerGroup.Key, viewers: [SiteID])] = []
        for viewer in plan.viewers {
            guard let viewing = sites.first(where: { $0.id == viewer }), viewing.isEnabled else { continue }
            // A backup is sent what its link is, bit for bit.
            let site = viewing.main.map { sites[$0] } ?? viewing
            guard site.isEnabled else { continue }
            let layout = site.layout ?? plan.layout
            let isLecturer = layout.behaviour == .lecture && site.id == lecturer
            let perspective: Perspective = isLecturer || site.plan.kind != .site ? .own(site.id) : .common
            let key = ViewerGroup.Key(program: plan.id, layout: layout, perspective: perspective)
            if let index = members.firstIndex(where: { $0.key == key }) {
                members[index].viewers.append(viewer)
            } else {
                members.append((key, [viewer]))
            }
        }
        if members.isEmpty {
            members = [(ViewerGroup.Key(program: plan.id, layout: plan.layout, perspective: .common), [])]
        }
        return members
    }
}
