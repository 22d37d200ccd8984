import Conference
import Dispatch
import Logging
import Media
import Mixer
import Synchronization

/// One program's picture: a tick at its frame rate resolves the views, and each view goes its way.
final class ProgramPath: @unchecked Sendable {  // all mutable state is touched on `Queues.compose` only
    let id: ProgramID
    private let plan: ProgramPlan
    private let shared: SharedState
    private let stage: Stage
    /// In the order of the conference's sites, as are their cameras.
    private var faces: [SiteFace] = []
    private var cameras: [SiteFace.Camera?] = []
    private var facesByID: [SiteID: SiteFace] = [:]
    /// What faces and cameras were found by.
    private var seen: (roster: Int, stage: Int)?
    /// Made by `start`: libdispatch traps when a source that was never activated is released.
    private var timer: (any DispatchSourceTimer)?
    private var schedule: TickSchedule
    private var place = TickPlace()
    private var tickCells: [TickPlace.Cell] = []
    /// The site whose pictures the tick comes just behind.
    private var followed: SiteFace?
    /// It follows another one, and is not there yet.
    private var isOnItsWay = false
    /// Whether ticks wait for pictures that are late: not where they have much to do themselves.
    private var mayWait = true
    private var views: [ViewPath] = []
    private var resolved: [ViewerGroup] = []
    private var recordings: [Recording] = []
    private var composeMeter = WorkMeter()
    private let lastTick = Atomic<Int64>(0)
    private var ticks = 0

    /// A tick that waits for a picture looks for it so often.
    private static let glance = Interval.microseconds(250)
    /// In nanoseconds: a tick that has no further to go is where it follows whom it was to follow.
    private static let arrived = 3_000_000

    init(_ plan: ProgramPlan, shared: SharedState, stage: Stage) {
        id = plan.id
        self.plan = plan
        self.shared = shared
        self.stage = stage
        schedule = TickSchedule(period: .seconds(1) / plan.frameRate, start: Clock.now())
    }

    func start() {
        Queues.compose.async { [self] in
            let timer = DispatchSource.makeTimerSource(flags: .strict, queue: Queues.compose)
            timer.setEventHandler { [unowned self] in tick() }
            timer.activate()
            self.timer = timer
            schedule = TickSchedule(period: schedule.period, start: Clock.now())
            arm(for: schedule.next)
        }
    }

    /// Stops ticking and sending. After it returned neither happens any more.
    func stop() {
        Queues.compose.sync {
            timer?.cancel()
            for view in views { view.stop() }
        }
    }

    /// Whether ticks come as often as they should.
    func isBeating(at now: Instant) -> Bool {
        TickSchedule.isBeating(
            Instant(nanoseconds: lastTick.load(ordering: .relaxed)), at: now, period: .seconds(1) / plan.frameRate)
    }

    /// The newest canvas of the first view. Waits for the compose queue: not for ticks.
    var newestCanvas: Canvas? { Queues.compose.sync { views.first?.newestCanvas } }

    /// What the program would show if the conference were another: painted apart, from the pictures that are there now.
    /// Takes one tick's time of the compose queue.
    func rehearse(_ conference: Conference) -> Canvas? {
        Queues.compose.sync {
            var conference = conference
            guard let group = conference.views(of: id, at: Clock.now()).first else { return nil }
            let path = ViewPath(group, plan: plan, tiles: stage.tiles, labels: stage.labels)
            path.update(group, faces: facesByID, senders: [], makeGroup: { stage.makeEncodeGroup(id, $0) })
            return path.paint()
        }
    }

    /// What the program says of itself. Waits for the compose queue: not for ticks.
    var report: Report {
        Queues.compose.sync {
            Report(
                id: id, size: plan.size, views: views.map(ViewReport.init), ticks: ticks, late: schedule.late,
                skipped: schedule.skipped, composeMean: composeMeter.mean)
        }
    }

    struct Report: Sendable {
        var id: ProgramID
        var size: Size
        var views: [ViewReport]
        /// That there were; of those `late`. `skipped` ones were not.
        var ticks: Int
        var late: Int
        var skipped: Int
        var composeMean: Interval
    }

    struct ViewReport: Sendable {
        var group: ViewerGroup
        var statistics: ViewPath.Statistics
        var encodeGroups: [EncodeGroup]
        var receivers: [[SiteID]]

        fileprivate init(_ view: ViewPath) {
            group = view.group
            statistics = view.statistics
            encodeGroups = view.outputs.map(\.group)
            receivers = view.outputs.map { $0.receivers.map(\.site) }
        }
    }

    private func arm(for time: Instant) {
        timer?.schedule(deadline: DispatchTime(uptimeNanoseconds: UInt64(time.nanoseconds)), leeway: .nanoseconds(0))
    }

    private func tick() {
        let now = Clock.now()
        let due = schedule.next
        // A picture that is late, but not yet too late.
        if shown.contains(where: { $0.face.lacksPicture(for: due, at: now) }) { return arm(for: now + Self.glance) }
        schedule.advance(at: now)
        ticks += 1
        stage.tiles.beginTick()
        resolve(due: due, at: now)
        for view in views { view.follow(makeGroup: { stage.makeEncodeGroup(id, $0) }) }
        for view in views { view.tick(timestamp: Clock.videoTicks(at: due), at: due) }
        let end = Clock.now()
        composeMeter.add(bytes: 0, took: end - now, at: end)
        let isBusy = composeMeter.mean > schedule.period / (mayWait ? 4 : 6)
        if mayWait == isBusy {
            mayWait = !isBusy
            setAwaited()
        }
        lastTick.store(now.nanoseconds, ordering: .relaxed)
        placeTick(at: due)
        arm(for: schedule.next)
    }

    /// What those see by whom the ticks' place is chosen.
    private var shown: [(face: SiteFace, area: Int)] { views.first?.shown ?? [] }

    private func setAwaited() {
        for face in faces { face.isAwaited = mayWait && shown.contains { $0.face === face } }
    }

    /// Moves the tick towards where pictures wait least.
    private func placeTick(at now: Instant) {
        let shown = shown
        tickCells.removeAll(keepingCapacity: true)
        for (face, area) in shown { tickCells.append(face.tickCell(area: area)) }
        let choice = place.choose(among: tickCells, current: shown.firstIndex { $0.face === followed }, at: now)
        let next = choice.map { shown[$0].face }
        if next !== followed { isOnItsWay = true }
        followed = next
        guard let offset = followed?.tickOffset else { return }
        schedule.move(by: offset)
        isOnItsWay = isOnItsWay && abs(offset.nanoseconds) > Self.arrived
        if isOnItsWay { for (face, _) in shown { face.tickMoves() } }
    }

    /// Brings faces and views to how the conference stands.
    private func resolve(due: Instant, at now: Instant) {
        var isRecast = false
        let groups = shared.conference.withLock { conference in
            if seen?.roster != conference.rosterRevision || seen?.stage != stage.revision {
                cast(conference)
                isRecast = true
            }
            for (index, face) in faces.enumerated() {
                face.refresh(in: &conference, index: index, cameras: cameras, due: due, at: now)
            }
            return conference.views(of: id, at: now)
        }
        // The same array comes back until something changes: then this compares one pointer.
        guard isRecast || groups != resolved else { return }
        resolved = groups
        let before = views
        views = paths(for: groups)
        for view in before where !views.contains(where: { $0 === view }) { view.retire() }
        update()
        place = TickPlace()
        setAwaited()
        for face in faces { face.demand(largestCell(of: face.id), in: id) }
    }

    /// Finds the sites' faces anew; those of sites that were there go on.
    private func cast(_ conference: Conference) {
        let period = Interval.seconds(1) / plan.frameRate
        faces = conference.sites.map { site in
            if let face = facesByID[site.id], face.isFace(of: site.plan) { return face }
            return SiteFace(site.plan, period: period)
        }
        cameras = conference.sites.map { stage.paths[$0.id]?.face }
        facesByID = Dictionary(uniqueKeysWithValues: faces.map { ($0.id, $0) })
        seen = (conference.rosterRevision, stage.revision)
    }

    /// Brings the views to their groups; what is recorded is the first.
    private func update() {
        for (index, (view, group)) in zip(views, resolved).enumerated() {
            view.update(
                group, faces: facesByID, senders: group.viewers.compactMap { stage.paths[$0]?.sender },
                recordings: index == 0 ? recordings : [], makeGroup: { stage.makeEncodeGroup(id, $0) })
        }
    }

    /// What a recording of the program is best encoded as: what its viewers get at their best, or, without any, the canvas at
    /// `bitrate`.
    func recordingSubject(bitrate: Bitrate) -> Recording.Subject {
        Queues.compose.sync {
            let carried = views.first?.outputs.flatMap { $0.receivers.map(\.carried) } ?? []
            let best = carried.filter { $0.codec == .h264 }.max { $0.bitrate < $1.bitrate }
            let rendition = best ?? Rendition(of: plan, bitrate: bitrate)
            let concessions = stage.keepsParameterSets(rendition) ? shared.concessions : nil
            return Recording.Subject.program(id, rendition, concessions)
        }
    }

    /// Takes pictures for a recording from the next tick on.
    func add(_ recording: Recording) {
        Queues.compose.async { [self] in
            recordings.append(recording)
            update()
        }
    }

    func remove(_ recording: Recording) {
        Queues.compose.async { [self] in
            recordings.removeAll { $0 === recording }
            update()
        }
    }

    /// In luma samples; 0 for a site that no view shows.
    private func largestCell(of site: SiteID) -> Int {
        views.reduce(0) { max($0, $1.largestCell(of: site)) }
    }

    /// The paths that go on with `groups`, so that a change of layout keeps composer and encoders, and no picture is lost:
    /// each group has the path of its key; of those left over one that showed the same, or was seen by the same viewers, or
    /// was seen alike; else a new one.
    private func paths(for groups: [ViewerGroup]) -> [ViewPath] {
        let rules: [(ViewerGroup, ViewerGroup) -> Bool] = [
            { $0.key == $1.key },
            { $0.view == $1.view && $0.key.isLabelled == $1.key.isLabelled },
            { $0.key.perspective == $1.key.perspective && $0.viewers == $1.viewers },
            { $0.key.perspective == $1.key.perspective },
        ]
        var free = views
        var paths = [ViewPath?](repeating: nil, count: groups.count)
        for rule in rules {
            for (index, group) in groups.enumerated() where paths[index] == nil {
                guard let match = free.firstIndex(where: { rule($0.group, group) }) else { continue }
                paths[index] = free.remove(at: match)
            }
        }
        return zip(paths, groups).map { path, group in
            path ?? ViewPath(group, plan: plan, tiles: stage.tiles, labels: stage.labels)
        }
    }
}
