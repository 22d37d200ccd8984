import Media

/// One program of the running conference: its layout now, its viewers, and the views it was last resolved to.
struct Program: Sendable {
    /// What the operator asked for at the start, with the viewers as they are now.
    var plan: ProgramPlan
    /// The operator's words across the bottom of its picture.
    var caption: String?
    private(set) var groups: [ViewerGroup] = []
    /// What everybody sees who is in no cell of it, by layout.
    private var common: [Layout: View] = [:]
    private var resolvedFor: Conference.Revision?

    init(_ plan: ProgramPlan) { self.plan = plan }

    /// Whether anything the views depend on has changed since they were resolved.
    func isStale(at revision: Conference.Revision) -> Bool { resolvedFor != revision }

    /// Resolves the views anew.
    /// - Parameter troubles: what an operator should look at, for a program that shows it.
    /// - Returns: whether any of them is another now.
    mutating func resolve(
        _ resolver: ViewResolver, sites: [Site], troubles: [String], at revision: Conference.Revision
    ) -> Bool {
        let keepsOrder = resolvedFor?.arrangement == revision.arrangement
        let before = groups
        let words = [caption].compactMap(\.self) + (plan.showsAlarms ? troubles : [])
        var resolution = Resolution(
            program: plan, resolver: resolver, banner: words.isEmpty ? nil : words.joined(separator: "   "),
            before: keepsOrder ? groups : [], commonBefore: keepsOrder ? common : [:])
        for viewer in plan.viewers {
            guard let viewing = sites.first(where: { $0.id == viewer }), viewing.isEnabled, !viewing.plan.isPlayer,
                viewing.presenter.map({ sites[$0].isEnabled }) ?? true
            else { continue }
            // A backup is sent what its link is, bit for bit.
            let site = viewing.main.map { sites[$0] } ?? viewing
            guard site.isEnabled else { continue }
            resolution.add(
                viewer, standingFor: site, isBridge: hasBridge(site, among: sites), layout: site.layout ?? plan.layout)
        }
        if resolution.groups.isEmpty { resolution.addNobody(plan.layout) }
        // What most see comes first: it is what an operator is shown, and what the tick follows.
        let shared = resolution.groups.filter { $0.key.perspective == .common }
        groups = shared + resolution.groups.filter { $0.key.perspective != .common }
        (common, resolvedFor) = (resolution.common, revision)
        return groups != before
    }

    /// Whether a bridge of ours is at the other end of a link, or of its backup.
    private func hasBridge(_ link: Site, among sites: [Site]) -> Bool {
        guard link.plan.kind != .site else { return false }
        return link.link.announcement != nil || link.backup.map { sites[$0].link.announcement != nil } ?? false
    }

    /// The layout of what it shows now: never `auto`; `nil` if its layout was not shown yet.
    var shownLayout: Layout? { groups.first { $0.key.layout == plan.layout }?.view.layout }

    /// The view that `viewer` is sent, as it was resolved last.
    func view(of viewer: SiteID) -> View? { groups.first { $0.viewers.contains(viewer) }?.view }
}

/// The views of a program while they are being resolved.
private struct Resolution {
    let program: ProgramPlan
    let resolver: ViewResolver
    let banner: String?
    /// The groups until now.
    let before: [ViewerGroup]
    let commonBefore: [Layout: View]
    /// In the order of the first viewer of each.
    private(set) var groups: [ViewerGroup] = []
    private(set) var common: [Layout: View] = [:]

    init(
        program: ProgramPlan, resolver: ViewResolver, banner: String?, before: [ViewerGroup],
        commonBefore: [Layout: View]
    ) {
        self.program = program
        self.resolver = resolver
        self.banner = banner
        self.before = before
        self.commonBefore = commonBefore
    }

    /// Puts a viewer with those who see the same. A link that is in no cell of what everybody sees is one of everybody: in a
    /// lecture, or where who speaks is full screen, one encode serves all links but one.
    /// - Parameters:
    ///   - site: the viewer, or the link that it is the backup of.
    ///   - isBridge: whether a bridge of ours is there.
    mutating func add(_ viewer: SiteID, standingFor site: Site, isBridge: Bool, layout: Layout) {
        let isLecturer = layout.behaviour == .lecture && site.id == resolver.lecturer
        let seesOthersOnly = site.plan.kind != .site || program.isSlides
        let isOwn = isLecturer || seesOthersOnly && commonView(layout).cell(of: site.id) != nil
        let perspective: Perspective = isOwn ? .own(site.id) : .common
        let view = view(layout, for: perspective)
        let key = ViewerGroup.Key(
            program: program.id, layout: layout, perspective: perspective,
            isLabelled: !program.isSlides && (!isBridge || view.layout.cells.count > 1))
        if let index = groups.firstIndex(where: { $0.key == key }) {
            groups[index].viewers.append(viewer)
        } else {
            groups.append(ViewerGroup(key: key, viewers: [viewer], view: view))
        }
    }

    /// The group of a program that nobody views.
    mutating func addNobody(_ layout: Layout) {
        let key = ViewerGroup.Key(
            program: program.id, layout: layout, perspective: .common, isLabelled: !program.isSlides)
        groups.append(ViewerGroup(key: key, viewers: [], view: commonView(layout)))
    }

    private mutating func view(_ layout: Layout, for perspective: Perspective) -> View {
        guard perspective != .common else { return commonView(layout) }
        func isSame(_ group: ViewerGroup) -> Bool {
            group.key.layout == layout && group.key.perspective == perspective
        }
        if let known = groups.first(where: isSame) { return known.view }
        // One that was in no cell until now goes on from what it saw then.
        let previous = before.first(where: isSame)?.view ?? commonBefore[layout]
        return resolve(layout, for: perspective, after: previous)
    }

    private mutating func commonView(_ layout: Layout) -> View {
        if let known = common[layout] { return known }
        let view = resolve(layout, for: .common, after: commonBefore[layout])
        common[layout] = view
        return view
    }

    private func resolve(_ layout: Layout, for perspective: Perspective, after previous: View?) -> View {
        var view = resolver.resolve(layout, for: perspective, after: previous)
        view.banner = banner
        return view
    }
}
