import Conference
import Media
import Mixer

/// What a program's cells show of a site at this tick. Confined to the compose queue.
final class SiteFace {
    let id: SiteID
    let name: String
    /// How its picture is fitted into cells, whatever the program says.
    let fit: PictureFit?
    /// `nil` for a site that sends no picture.
    private let latest: LatestPicture?
    private var picture: Picture?
    private var appearance = Appearance.slate(.waiting)
    private var isSpeaking = false
    /// Made anew only when its reason changes.
    private var slate: Slate
    private var newest: UInt64?
    private(set) var sampler: PictureSampler

    /// - Parameter period: of the program's tick.
    init(_ site: SitePlan, latest: LatestPicture?, period: Interval) {
        id = site.id
        name = site.name
        fit = site.fit.map(PictureFit.init)
        self.latest = latest
        sampler = PictureSampler(period: period)
        slate = Slate(title: site.name, reason: SlateReason.waiting.words)
    }

    /// Takes over how the site stands `now`, and tells the conference.
    func refresh(in conference: inout Conference, index: Int, at now: Instant) {
        isSpeaking = conference.isSpeaking(index)
        let state = latest?.current
        if let entry = state?.newest, entry.picture.number != newest {
            newest = entry.picture.number
            sampler.found(age: now - entry.decodedAt)
        }
        picture = state?.picture(at: now - sampler.holdBack)
        let next = conference.handle(state?.health ?? Health(), of: index, at: now)
        guard next != appearance else { return }
        appearance = next
        if case .slate(let reason) = next { slate = Slate(title: name, reason: reason.words) }
    }

    /// Puts the face into a cell.
    func fill(_ cell: inout CellContent) {
        cell.isSpeaking = isSpeaking
        cell.hasFault = appearance == .faulty
        switch appearance {
        case .live, .faulty:
            cell.picture = picture
            cell.appearance = .live
        case .dimmed:
            cell.picture = picture
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
