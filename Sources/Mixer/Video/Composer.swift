import Media
import Synchronization

/// Paints the scenes of one view, touching only what differs from what its canvas shows. A canvas that someone holds,
/// an encoder say, is left alone: the newest free one is painted, since it differs least, and another one is made if none is.
package final class Composer: @unchecked Sendable {  // all state is touched on the queue of the composers only
    /// A finished canvas, and how many of its cells were painted for it.
    package struct Composed: Sendable {
        package let canvas: Canvas
        package let paintedCells: Int
    }

    /// Made as they are needed: one while encoders keep up, one more for each that is behind, and for a preview.
    private static let canvasLimit = 8

    private let painter: CellPainter
    private var canvases: [Canvas] = []
    private var serial: UInt64 = 0
    private var scratch: [PaintedCell] = []
    private var isStale: [Bool] = []

    /// - Parameters:
    ///   - tiles: shared by all composers on the queue.
    ///   - labels: likewise.
    package init(tiles: TileCache, labels: LabelCache) { painter = CellPainter(tiles: tiles, labels: labels) }

    /// Paints the scene.
    /// - Returns: `nil` if others hold all canvases: the tick is dropped.
    package func compose(_ scene: Scene) -> Composed? {
        if canvases.first?.size != scene.size {
            canvases = [Canvas(size: scene.size)]
        }
        scratch.removeAll(keepingCapacity: true)
        for cell in scene.cells { scratch.append(PaintedCell(cell)) }

        let newest = canvases.indices.max { canvases[$0].serial < canvases[$1].serial }!
        if canvases[newest].serial > 0, canvases[newest].painted == scratch {
            return Composed(canvas: canvases[newest], paintedCells: 0)
        }
        guard let index = newestFree() else { return nil }
        let canvas = canvases[index]
        let count = paint(scene, on: canvas)
        serial += 1
        canvas.serial = serial
        return Composed(canvas: canvas, paintedCells: count)
    }

    private func newestFree() -> Int? {
        var best: Int?
        for index in canvases.indices {
            guard isKnownUniquelyReferenced(&canvases[index]), !canvases[index].isEncoding else { continue }
            if best.map({ canvases[$0].serial < canvases[index].serial }) ?? true { best = index }
        }
        // What the last holder read must be read before this paints over it; the count alone orders nothing.
        atomicMemoryFence(ordering: .acquiring)
        if best == nil, canvases.count < Self.canvasLimit, let size = canvases.first?.size {
            canvases.append(Canvas(size: size))
            best = canvases.count - 1
        }
        return best
    }

    /// The canvas painted last; `nil` before the first.
    package var newestCanvas: Canvas? { canvases.max { $0.serial < $1.serial }.flatMap { $0.serial > 0 ? $0 : nil } }

    /// Brings the canvas to the scene; returns how many cells it painted.
    private func paint(_ scene: Scene, on canvas: Canvas) -> Int {
        let raster = canvas.raster
        let isNewLayout =
            canvas.painted.count != scratch.count
            || canvas.painted.indices.contains { canvas.painted[$0].rectangle != scratch[$0].rectangle }
        if isNewLayout {
            raster.fill(.background)
            canvas.painted.removeAll(keepingCapacity: true)
        }
        isStale.removeAll(keepingCapacity: true)
        var count = 0
        for index in scratch.indices {
            // A cell in front is painted again with the one behind it.
            let isCovered = (0..<index).contains {
                isStale[$0] && scratch[$0].rectangle.overlaps(scratch[index].rectangle)
            }
            isStale.append(isNewLayout || isCovered || canvas.painted[index] != scratch[index])
            guard isStale[index] else { continue }
            painter.paint(scene.cells[index], on: raster)
            count += 1
        }
        swap(&canvas.painted, &scratch)
        return count
    }
}

extension Rectangle {
    /// Whether the two share a sample.
    func overlaps(_ other: Rectangle) -> Bool {
        x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }

    /// The part inside a canvas, pulled in to even numbers; `nil` if nothing is left.
    func evenPart(of size: Size) -> Rectangle? {
        let left = (max(0, x) + 1) & ~1
        let top = (max(0, y) + 1) & ~1
        let right = min(size.width, x + width) & ~1
        let bottom = min(size.height, y + height) & ~1
        guard right > left, bottom > top else { return nil }
        return Rectangle(x: left, y: top, width: right - left, height: bottom - top)
    }
}
