import Glibc
import Media

/// Shrinking to less than half: by libyuv's box to a half or a quarter, then by zimg. Sharper than area averaging, and half
/// the work of zimg alone, which would read all of the picture.
final class ReducedScaling {
    private let middle: RasterLayout
    private let memory: UnsafeMutablePointer<UInt8>
    private let graph: ScalingGraph

    /// - Returns: `nil` if `target` is more than half of `source` either way, or `source` has no whole quarters.
    init?(source: Size, target: Size) {
        let middle = [4, 2].lazy.map { Size(width: source.width / $0, height: source.height / $0) }
            .first { BoxScaling.fits(source, $0) && $0.width >= target.width && $0.height >= target.height }
        guard let middle,
            let graph = ScalingGraph(
                picture: middle, part: Rectangle(x: 0, y: 0, width: middle.width, height: middle.height), target: target
            )
        else { return nil }
        self.middle = RasterLayout(size: middle)
        self.graph = graph
        memory = allocateAligned(self.middle.byteCount)
    }

    deinit { free(memory) }

    /// - Parameter source: of the size that was given.
    /// - Returns: whether the libraries did it.
    func scale(_ source: Raster, into target: Raster) -> Bool {
        let raster = middle.raster(at: memory)
        return BoxScaling.scale(source, into: raster) && graph.scale(raster, into: target)
    }
}
