import Conference
import Media
import Mixer

/// What a program's cells show of a site at this tick. Confined to the compose queue.
final class SiteFace {
    let id: SiteID
    let name: String
    /// How its picture is fitted into cells, whatever the program says.
    let fit: PictureFit?
    /// Whose picture is shown: its own camera, or that of a link's backup.
    private var feed: Camera?
    /// How large that is shown, and where.
    private var demanded: (area: Int, program: ProgramID)?
    /// It is a link's backup: the link's face tells of both cameras.
    private var isBackup = false
    /// The picture in its cell.
    private var shown: LatestPicture.Entry?
    private var appearance = Appearance.slate(.waiting)
    private var isSpeaking = false
    /// As its cell is labelled: the site's name, or that of the one that its bridge shows.
    private(set) var label: String
    /// Made anew only when its reason changes.
    private var slate: Slate
    private let period: Interval
    private var sampler: PictureSampler

    /// What a face knows of the site's camera.
    struct Camera {
        let latest: LatestPicture
        let demand: PictureDemand
        let sync: SiteSync
    }

    /// - Parameter period: of the program's tick.
    init(_ site: SitePlan, period: Interval) {
        id = site.id
        name = site.name
        label = site.name
        fit = site.fit.map(PictureFit.init)
        self.period = period
        sampler = PictureSampler(period: period)
        slate = Slate(title: site.name, reason: SlateReason.waiting.words)
    }

    /// Whether it is the face of the site as it is now.
    func isFace(of site: SitePlan) -> Bool { name == site.name && fit == site.fit.map(PictureFit.init) }

    /// How far the program's tick would have to be moved for this site; `nil` at a tick that found nothing new of it.
    var tickOffset: Interval? { sampler.tickOffset }

    /// Whether the program's tick waits for a picture that is late.
    var isAwaited: Bool {
        get { sampler.isAwaited }
        set { sampler.isAwaited = newValue }
    }

    /// The site in a cell of so many luma samples, as the tick's place is chosen.
    func tickCell(area: Int) -> TickPlace.Cell {
        TickPlace.Cell(area: area, spare: appearance == .live ? sampler.spare : nil, step: sampler.placeStep)
    }

    /// The program's tick is on its way to another place.
    func tickMoves() { sampler.tickMoves() }

    /// Whether the tick of `due` does well to wait at `now` for a picture that should be there.
    func lacksPicture(for due: Instant, at now: Instant) -> Bool {
        guard let feed, now - due < sampler.longestWait else { return false }
        return feed.latest.read { sampler.awaits(due, newest: $0.first) }
    }

    /// Takes over how the site stands at the tick of `due`, which is `now`, and tells the conference.
    /// - Parameter cameras: in the order of the conference's sites; `nil` for one that sends no picture.
    func refresh(in conference: inout Conference, index: Int, cameras: [Camera?], due: Instant, at now: Instant) {
        isSpeaking = conference.isSpeaking(index)
        label = conference.label(of: index)
        if let own = cameras[index] { conference.handle(own.latest.health, of: index, at: now) }
        // Who speaks is likely to be shown next.
        if isSpeaking { cameras[index]?.demand.look(at: now) }
        isBackup = conference.isBackup(index)
        let active = conference.activeFeed(of: index)
        if cameras[active]?.latest !== feed?.latest {
            if let demanded {
                feed?.demand.show(0, in: demanded.program)
                cameras[active]?.demand.show(demanded.area, in: demanded.program)
            }
            feed = cameras[active]
            let isAwaited = isAwaited
            sampler = PictureSampler(period: period)
            sampler.isAwaited = isAwaited
        }
        if let camera = feed {
            let delay = camera.sync.pictureDelay
            let next = camera.latest.read { pictures in
                sampler.choose(from: pictures, at: due, atLeast: delay).map { pictures[$0] }
            }
            if let next {
                shown = next
                camera.sync.shown(timestamp: next.timestamp, at: now)
            }
        }
        let next = conference.sites[active].appearance
        guard next != appearance else { return }
        appearance = next
        if case .slate(let reason) = next { slate = Slate(title: name, reason: reason.words) }
    }

    /// Tells the camera how large its picture is shown in a program.
    func demand(_ area: Int, in program: ProgramID) {
        guard !isBackup else { return }
        demanded = (area, program)
        feed?.demand.show(area, in: program)
    }

    /// Puts the face into a cell.
    func fill(_ cell: inout CellContent) {
        cell.label = label
        cell.isSpeaking = isSpeaking
        cell.hasFault = appearance == .faulty
        switch appearance {
        case .live, .faulty:
            cell.picture = shown?.picture
            cell.appearance = .live
        case .dimmed:
            cell.picture = shown?.picture
            cell.appearance = .dimmed
        case .slate:
            cell.picture = nil
            cell.appearance = .slate(slate)
        }
    }
}

extension PictureFit {
    init(_ fit: Fit) { self = fit == .crop ? .crop : .letterbox }
}
