import Conference
import Media
import Mixer

/// A layout as a picture: each cell a slate that says what the cell is for.
enum LayoutImage {
    /// - Parameter size: even, at least 64x64.
    /// - Returns: the bytes of a PNG file.
    static func png(of layout: Layout, size: Size) throws(RunFailure) -> [UInt8] {
        let cells = zip(layout.cells, layout.rectangles(on: size)).compactMap { cell, rectangle -> CellContent? in
            guard cell.role != .blank else { return nil }
            // The border shows where one cell ends and the next begins.
            let slate = Slate(title: cell.role.description, reason: rectangle.size.description)
            return CellContent(rectangle: rectangle, appearance: .slate(slate), isSpeaking: true)
        }
        let composer = Composer(tiles: TileCache(), labels: LabelCache())
        guard let canvas = composer.compose(Scene(size: size, cells: cells))?.canvas,
            let bytes = PNGWriter.png(canvas)
        else { throw RunFailure("no PNG can be written: libavcodec has no encoder for it") }
        return bytes
    }
}
