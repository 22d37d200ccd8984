import Media
import Mixer

/// Decoded pictures for the cells of a view, each cell with its own: as many in turn that a tile cache has forgotten the
/// first when it comes again, so that each has to be scaled, as a live one has.
package struct PictureSupply: Sendable {
    private let pictures: [Picture]
    private let cells: Int
    /// One more than a tile outlives its last use.
    private static let turn = 5

    package init(cells: Int, size: Size) {
        self.cells = cells
        let scenes = (0..<Self.turn).map { MovingScene($0).picture(size, step: 3 * $0) }
        pictures = (0..<Self.turn * cells).map { index in
            Picture(size: size) { target in
                _ = scenes[index / cells].withRaster { source in
                    for y in 0..<size.height {
                        (target.luma + y * target.lumaStride).update(
                            from: source.luma + y * source.lumaStride, count: size.width)
                    }
                    for y in 0..<size.height / 2 {
                        let (to, from) = (y * target.chromaStride, y * source.chromaStride)
                        (target.cb + to).update(from: source.cb + from, count: size.width / 2)
                        (target.cr + to).update(from: source.cr + from, count: size.width / 2)
                    }
                }
            }
        }
    }

    /// The picture of a cell at a tick: never that of another cell, nor that of the tick before.
    package func picture(cell: Int, tick: Int) -> Picture { pictures[tick % Self.turn * cells + cell] }
}
