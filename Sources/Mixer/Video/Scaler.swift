import CFFmpeg
import Media

/// Scales pictures to 8-bit 4:2:0, BT.709, limited range: the canvas's own terms. Sizes, formats and ranges are the
/// libraries' work, each where it is the cheapest: libyuv, zimg, libswscale (docs/decisions/0016). Matrices are ours, since
/// all of them would go through RGB at several times the price. Keeps a context per pair of shapes; those used longest ago
/// make way. Confined to its owner's queue.
package struct Scaler: ~Copyable {
    /// Contexts kept at a time.
    package static let capacity = 128

    /// Contexts made so far; it stands still when nothing changes size.
    package private(set) var contextsMade = 0

    private struct Shape: Hashable {
        var picture: Size
        var source: Rectangle
        var format: Int32
        var isFullRange: Bool
        var target: Size
    }

    private enum Method {
        case box
        case reduced(ReducedScaling)
        case graph(ScalingGraph)
        case swscale(SwscaleContext)
    }

    private struct Entry {
        var shape: Shape
        var method: Method
        var lastUse: UInt64
    }

    private var entries: [Entry] = []
    private var uses: UInt64 = 0

    package init() {
        CodecLog.takeOver()
        entries.reserveCapacity(Self.capacity)
    }

    /// Scales the part `source` of a picture to fill `target`, which has 32 bytes of its own after each row, as a tile has:
    /// vector code writes there.
    /// - Returns: whether it is known how; `target` is untouched if not.
    package mutating func scale(_ picture: Picture, _ source: Rectangle, into target: Raster) -> Bool {
        let shape = Shape(
            picture: picture.size, source: source, format: picture.frame.pointee.format,
            isFullRange: picture.isFullRange, target: target.size)
        guard scale(picture, shape, into: target) else { return false }
        if let conversion = MatrixConversion(from: picture.matrix) { convertMatrix(target, conversion) }
        return true
    }

    private mutating func scale(_ picture: Picture, _ shape: Shape, into target: Raster) -> Bool {
        guard let index = entry(for: shape) else { return false }
        switch entries[index].method {
        case .box:
            return picture.raster.map { BoxScaling.scale($0.part(shape.source), into: target) } ?? false
        case .reduced(let reduced):
            return picture.raster.map { reduced.scale($0.part(shape.source), into: target) } ?? false
        case .graph(let graph):
            if let raster = picture.raster, graph.scale(raster, into: target) { return true }
            guard let context = Self.swscale(shape) else { return false }
            entries[index].method = .swscale(context)
            return context.scale(picture, shape.source, into: target)
        case .swscale(let context):
            return context.scale(picture, shape.source, into: target)
        }
    }

    private mutating func entry(for shape: Shape) -> Int? {
        uses &+= 1
        var oldest = 0
        for index in entries.indices {
            if entries[index].shape == shape {
                entries[index].lastUse = uses
                return index
            }
            if entries[index].lastUse < entries[oldest].lastUse { oldest = index }
        }
        guard let method = Self.method(for: shape) else { return nil }
        contextsMade &+= 1
        let entry = Entry(shape: shape, method: method, lastUse: uses)
        guard entries.count == Self.capacity else {
            entries.append(entry)
            return entries.count - 1
        }
        entries[oldest] = entry
        return oldest
    }

    private static func method(for shape: Shape) -> Method? {
        if shape.format == AV_PIX_FMT_YUV420P.rawValue, !shape.isFullRange {
            if BoxScaling.fits(shape.source.size, shape.target) { return .box }
            if let reduced = ReducedScaling(source: shape.source.size, target: shape.target) {
                return .reduced(reduced)
            }
            if let graph = ScalingGraph(picture: shape.picture, part: shape.source, target: shape.target) {
                return .graph(graph)
            }
        }
        return swscale(shape).map(Method.swscale)
    }

    private static func swscale(_ shape: Shape) -> SwscaleContext? {
        SwscaleContext(
            source: shape.source.size, format: shape.format, isFullRange: shape.isFullRange, target: shape.target)
    }
}
