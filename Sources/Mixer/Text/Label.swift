import Media

/// A site's name on its cell: white on a dark, half see-through box, at the bottom left.
package enum Label {
    /// Height of the font for a cell, in pixels.
    package static func fontHeight(cellHeight: Int) -> Int { max(12, min(40, cellHeight / 14)) }

    /// How far the box is from the cell's edges: clear of the active speaker's border.
    package static func margin(cellHeight: Int) -> Int { max(6, min(12, cellHeight / 40)) & ~1 }

    static func style(for cell: Size) -> TextStyle {
        TextStyle(
            fontHeight: fontHeight(cellHeight: cell.height),
            widthLimit: cell.width - 2 * margin(cellHeight: cell.height), isBoxed: true)
    }
}

/// Words across a cell for the whole room to read: larger than a label, boxed as it is.
enum Caption {
    static func style(for cell: Size) -> TextStyle {
        TextStyle(
            fontHeight: max(13, min(56, cell.height / 11)), widthLimit: cell.width * 9 / 10, lines: 2, isCentred: true,
            isBoxed: true)
    }
}

/// The mark of a cell whose line has a fault while its last good picture stays: an amber triangle at the top right.
enum FaultMark {
    /// Height and width in pixels, even.
    static func side(for cell: Size) -> Int { max(14, min(48, cell.height / 9)) & ~1 }
}
