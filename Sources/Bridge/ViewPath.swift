import Conference
import Media
import Mixer

/// One view on its way: the scene is filled, painted, and handed to the view's encode groups.
///
///     faces of the sites → scene → composer → canvas → encode groups
///
/// Confined to the compose queue.
final class ViewPath {
    private(set) var group: ViewerGroup
    private let fit: PictureFit
    /// Whether nothing goes out while no site is shown.
    private let isSilentWhenEmpty: Bool
    private var wasEmpty = false
    private let composer: Composer
    private var scene: Scene
    /// The site in each cell of the scene; `nil`: blank.
    private var faces: [SiteFace?] = []
    /// The sites in the cells, and what each of these takes of the canvas, in luma samples.
    private(set) var shown: [(face: SiteFace, area: Int)] = []
    private var senders: [VideoSender] = []
    /// Those that are made of this view.
    private var recordings: [Recording] = []
    private(set) var outputs: [Output] = []
    /// A receiver waits for the encoder of its new group.
    private var isMoving = false
    private(set) var statistics = Statistics()

    /// An encode group and the receivers it has in this view.
    struct Output {
        let group: EncodeGroup
        var receivers: [VideoSender]
        var recordings: [Recording] = []
        var isUsed: Bool { !receivers.isEmpty || !recordings.isEmpty }
    }

    struct Statistics: Sendable {
        /// Canvases composed.
        var canvases = 0
        /// Cells painted for them.
        var cells = 0
        /// Ticks lost because encoders held all canvases.
        var dropped = 0
    }

    init(_ group: ViewerGroup, plan: ProgramPlan, tiles: TileCache, labels: LabelCache) {
        self.group = group
        fit = PictureFit(plan.fit)
        isSilentWhenEmpty = plan.isSlides
        composer = Composer(tiles: tiles, labels: labels)
        scene = Scene(size: plan.size, cells: [])
    }

    /// Takes a new resolution of the view.
    /// - Parameters:
    ///   - senders: what goes out to the view's viewers.
    ///   - recordings: those that are made of this view.
    ///   - makeGroup: makes an encode group for a rendition that is new to the view.
    func update(
        _ group: ViewerGroup, faces known: [SiteID: SiteFace], senders: [VideoSender], recordings: [Recording] = [],
        makeGroup: (Rendition) -> EncodeGroup
    ) {
        self.group = group
        let rectangles = group.view.layout.rectangles(on: scene.size)
        faces = group.view.sources.map { $0.flatMap { known[$0] } }
        scene.cells = zip(rectangles, faces).enumerated().map { index, cell in
            let (rectangle, face) = cell
            return CellContent(
                rectangle: rectangle, caption: group.view.captions[index], fit: face?.fit ?? fit,
                appearance: face == nil ? .blank : .live)
        }
        if let banner = group.view.banner {
            let place = Banner.rectangle(on: scene.size)
            for index in scene.cells.indices {
                let bottom = scene.cells[index].rectangle.y + scene.cells[index].rectangle.height
                scene.cells[index].labelLift = max(0, bottom - place.y) & ~1
            }
            scene.cells.append(CellContent(rectangle: place, appearance: .banner(banner)))
        }
        shown = zip(faces, rectangles).compactMap { face, rectangle in face.map { ($0, rectangle.size.area) } }
        self.senders = senders
        self.recordings = recordings
        assign(senders, makeGroup: makeGroup)
    }

    /// Sorts receivers and recordings into encode groups; groups that nobody is in any more end. Who changes its rendition
    /// stays where it is until the encoder of its new group is open: it loses no picture by the move.
    private func assign(_ senders: [VideoSender], makeGroup: (Rendition) -> EncodeGroup) {
        var next: [Output] = []
        isMoving = false
        func encodeGroup(of rendition: Rendition) -> EncodeGroup {
            (next.lazy.map(\.group) + outputs.lazy.map(\.group)).first { $0.rendition == rendition }
                ?? makeGroup(rendition)
        }
        func taken(_ rendition: Rendition, instead current: EncodeGroup?) -> EncodeGroup {
            let wanted = encodeGroup(of: rendition)
            guard let current, current !== wanted, !wanted.isReady else { return wanted }
            isMoving = true
            wanted.prepare()
            Self.add(nil, to: wanted, in: &next)
            return current
        }
        for sender in senders {
            let current = outputs.first { $0.receivers.contains { $0 === sender } }?.group
            let group = taken(sender.rendition, instead: current)
            Self.add(sender, to: group, in: &next)
            if current !== group { sender.join(group) }
        }
        for recording in recordings {
            guard let rendition = recording.rendition else { continue }
            let group = taken(
                rendition, instead: outputs.first { $0.recordings.contains { $0 === recording } }?.group)
            Self.add(nil, to: group, in: &next)
            if let index = next.firstIndex(where: { $0.group === group }) { next[index].recordings.append(recording) }
            recording.join(group)
        }
        for output in outputs where !next.contains(where: { $0.group === output.group }) { output.group.retire() }
        outputs = next
    }

    private static func add(_ sender: VideoSender?, to group: EncodeGroup, in outputs: inout [Output]) {
        let index = outputs.firstIndex { $0.group === group } ?? outputs.count
        if index == outputs.count { outputs.append(Output(group: group, receivers: [])) }
        if let sender { outputs[index].receivers.append(sender) }
    }

    /// Moves those whose rendition has changed, as it does on a bad line.
    func follow(makeGroup: (Rendition) -> EncodeGroup) {
        let hasChanged = outputs.contains { output in
            output.receivers.contains { $0.rendition != output.group.rendition }
                || output.recordings.contains { $0.rendition != output.group.rendition }
        }
        guard hasChanged || isMoving else { return }
        assign(senders, makeGroup: makeGroup)
    }

    /// The canvas painted last.
    var newestCanvas: Canvas? { composer.newestCanvas }

    /// Ends the view's encode groups when nobody views it any more.
    func retire() {
        for output in outputs { output.group.retire() }
    }

    /// Ends the view's encode groups; none of them sends any more when this returns.
    func stop() {
        for output in outputs { output.group.stop() }
    }

    /// Luma samples of the largest cell that shows a site; 0: none does.
    func largestCell(of site: SiteID) -> Int {
        zip(scene.cells, faces).reduce(0) { $1.1?.id == site ? max($0, $1.0.rectangle.size.area) : $0 }
    }

    /// Paints the view for nobody's encoder.
    func paint() -> Canvas? {
        fill()
        return composer.compose(scene)?.canvas
    }

    private func fill() {
        for index in faces.indices {
            faces[index]?.fill(&scene.cells[index])
            if !group.key.isLabelled { scene.cells[index].label = nil }
        }
    }

    /// Paints the view and hands it to its groups.
    /// - Parameter timestamp: of the tick, in 90 kHz ticks.
    func tick(timestamp: Int64, at now: Instant) {
        if isSilentWhenEmpty {
            let isEmpty = faces.allSatisfy { $0 == nil }
            // Who has seen nothing for long may have let go of what was before.
            if wasEmpty, !isEmpty { for sender in senders { sender.sendKeyframe() } }
            wasEmpty = isEmpty
            guard !isEmpty else { return }
        }
        fill()
        guard let composed = composer.compose(scene) else {
            statistics.dropped += 1
            return
        }
        statistics.canvases += 1
        statistics.cells += composed.paintedCells
        for output in outputs where output.isUsed {
            output.group.submit(
                EncodeGroup.Job(
                    canvas: composed.canvas, timestamp: timestamp, tick: now, receivers: output.receivers,
                    recordings: output.recordings))
        }
    }
}
