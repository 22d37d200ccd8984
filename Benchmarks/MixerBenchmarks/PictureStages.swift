import Benchmark
import Conference
import Media
import Mixer
import SyntheticMedia

/// A site's decoder with a recorded stream, round and round.
final class DecodingStage {
    private let video: RecordedVideo
    private var decoder: VideoDecoder
    private var index = 0

    init(skipsLoopFilter: Bool) throws {
        video = try RecordedVideo(MovingScene(1), size: MixerBenchmarks.size, count: 60)
        guard let decoder = VideoDecoder(.h264) else { throw StageError.noDecoder }
        self.decoder = decoder
        self.decoder.skipsLoopFilter = skipsLoopFilter
    }

    func decode() {
        video.withUnit(index % video.count, timestamp: Int64(index) * 3_000) { blackHole(decoder.decode($0)) }
        index += 1
    }
}

/// One picture after another to the size of a cell.
final class ScalingStage {
    private let tiles = TileCache()
    private let supply = PictureSupply(cells: 1, size: MixerBenchmarks.size)
    private let target: Size
    private var tick = 0

    init(_ target: Size) { self.target = target }

    func scale() {
        tiles.beginTick()
        let whole = Rectangle(x: 0, y: 0, width: MixerBenchmarks.size.width, height: MixerBenchmarks.size.height)
        blackHole(tiles.tile(supply.picture(cell: 0, tick: tick), whole, size: target))
        tick += 1
    }
}

/// A view and its composer. As in the bridge, an encoder holds the newest canvas until the next one comes.
final class ComposingStage {
    enum Change: String, CaseIterable {
        case none = "no change"
        case one = "one change"
        case all = "all change"
    }

    private let tiles = TileCache()
    private let composer: Composer
    private let supply: PictureSupply
    private let change: Change
    private var scene: Scene
    private var held: Canvas?
    private var number = 0

    init(layout name: String, change: Change) {
        let rectangles = Layout.named(name)?.rectangles(on: MixerBenchmarks.size) ?? []
        supply = PictureSupply(cells: rectangles.count, size: MixerBenchmarks.size)
        composer = Composer(tiles: tiles, labels: LabelCache())
        self.change = change
        scene = Scene(
            size: MixerBenchmarks.size,
            cells: rectangles.indices.map { [supply] in
                CellContent(
                    rectangle: rectangles[$0], label: "Huyện ủy số \($0)", picture: supply.picture(cell: $0, tick: 0),
                    isSpeaking: $0 == 0)
            })
    }

    func compose() {
        tiles.beginTick()
        number += 1
        switch change {
        case .none: break
        case .one:
            let cell = number % scene.cells.count
            scene.cells[cell].picture = supply.picture(cell: cell, tick: 1 + number / scene.cells.count)
        case .all:
            for cell in scene.cells.indices { scene.cells[cell].picture = supply.picture(cell: cell, tick: number) }
        }
        held = composer.compose(scene)?.canvas
    }
}

/// An encoder with composed canvases of 13 moving cells, to and fro, so that no cut gives it more to do than a meeting.
final class EncodingStage {
    private var encoder: VideoEncoder
    private let canvases: [Canvas]
    private var index = 0

    private static let steps = 24

    init(preset: String) throws {
        encoder = try VideoEncoder(
            VideoEncoderSettings(
                size: MixerBenchmarks.size, frameRate: 30, bitrate: Bitrate(bitsPerSecond: 1_500_000), gop: 3_600,
                preset: preset))
        let rectangles = Layout.named("1+12")?.rectangles(on: MixerBenchmarks.size) ?? []
        canvases = (0..<Self.steps).map { step in
            // A composer of its own for each, since it would paint a canvas of its three again.
            let composer = Composer(tiles: TileCache(), labels: LabelCache())
            let cells = rectangles.indices.map { cell in
                CellContent(
                    rectangle: rectangles[cell], label: "Huyện ủy số \(cell)",
                    picture: MovingScene(cell).picture(rectangles[cell].size, step: step), isSpeaking: cell == 0)
            }
            guard let composed = composer.compose(Scene(size: MixerBenchmarks.size, cells: cells)) else {
                preconditionFailure("a fresh composer has a free canvas")
            }
            return composed.canvas
        }
    }

    func encode() {
        let place = index % (2 * Self.steps - 2)
        let canvas = canvases[place < Self.steps ? place : 2 * Self.steps - 2 - place]
        blackHole(encoder.encode(canvas, timestamp: Int64(index) * 3_000)?.bytes.count)
        index += 1
    }
}

enum StageError: Error {
    case noDecoder
}
