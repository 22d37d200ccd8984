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
    private let composer: Composer
    private var scene: Scene
    /// The site in each cell of the scene; `nil`: blank.
    private var faces: [SiteFace?] = []
    /// The site that takes most of the canvas: the one the tick follows.
    private var largest: SiteFace?
    private(set) var outputs: [Output] = []
    private(set) var statistics = Statistics()

    /// An encode group and the receivers it has in this view.
    struct Output {
        let group: EncodeGroup
        var receivers: [VideoSender]
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
        composer = Composer(tiles: tiles, labels: labels)
        scene = Scene(size: plan.size, cells: [])
    }

    /// Takes a new resolution of the view.
    /// - Parameters:
    ///   - senders: what goes out to the view's viewers.
    ///   - makeGroup: makes an encode group for a rendition that is new to the view.
    func update(
        _ group: ViewerGroup, faces known: [SiteID: SiteFace], senders: [VideoSender],
        makeGroup: (Rendition) -> EncodeGroup
    ) {
        self.group = group
        let rectangles = group.view.layout.rectangles(on: scene.size)
        faces = group.view.sources.map { $0.flatMap { known[$0] } }
        scene.cells = zip(rectangles, faces).map { rectangle, face in
            CellContent(
                rectangle: rectangle, label: face?.name, fit: face?.fit ?? fit, appearance: face == nil ? .blank : .live
            )
        }
        largest = zip(rectangles, faces).filter { $0.1 != nil }.max { $0.0.size.area < $1.0.size.area }?.1
        assign(senders, makeGroup: makeGroup)
    }

    /// Sorts the receivers into encode groups; groups that nobody is in any more end.
    private func assign(_ senders: [VideoSender], makeGroup: (Rendition) -> EncodeGroup) {
        var next: [Output] = []
        for sender in senders {
            if let index = next.firstIndex(where: { $0.group.rendition == sender.rendition }) {
                next[index].receivers.append(sender)
            } else {
                let known = outputs.first { $0.group.rendition == sender.rendition }?.group
                let group = known ?? makeGroup(sender.rendition)
                next.append(Output(group: group, receivers: [sender]))
            }
        }
        for output in next {
            let before = outputs.first { $0.group === output.group }?.receivers ?? []
            for sender in output.receivers where !before.contains(where: { $0 === sender }) {
                sender.join(output.group)
            }
        }
        for output in outputs where !next.contains(where: { $0.group === output.group }) { output.group.retire() }
        outputs = next
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

    /// How far the tick would have to be moved for the site of the largest cell; `nil` if there is none.
    var tickOffset: Interval? { largest?.sampler.tickOffset }

    /// Paints the view and hands it to its groups.
    /// - Parameter timestamp: of the tick, in 90 kHz ticks.
    func tick(timestamp: Int64, at now: Instant) {
        for index in faces.indices { faces[index]?.fill(&scene.cells[index]) }
        guard let composed = composer.compose(scene) else {
            statistics.dropped += 1
            return
        }
        statistics.canvases += 1
        statistics.cells += composed.paintedCells
        for output in outputs {
            output.group.submit(
                EncodeGroup.Job(
                    canvas: composed.canvas, timestamp: timestamp, tick: now, receivers: output.receivers))
        }
    }
}
