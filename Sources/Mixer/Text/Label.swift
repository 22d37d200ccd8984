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

/// Words across the bottom of the whole picture: a cell of their own in front of the others.
package enum Banner {
    /// Where it stands on a canvas of `size`.
    package static func rectangle(on size: Size) -> Rectangle {
        let height = max(24, size.height / 12) & ~1
        return Rectangle(x: 0, y: size.height - height & ~1, width: size.width, height: height)
    }

    /// Paints all of its cell.
    static func paint(_ text: String, on cell: Raster, _ labels: LabelCache) {
        cell.fill(.slate)
        // A long text is set smaller before any of it is left out.
        let limit = cell.size.width - 2 * Label.margin(cellHeight: cell.size.height)
        let isLong = text.count * cell.size.height > 3 * limit
        let style = TextStyle(
            fontHeight: max(11, cell.size.height * (isLong ? 2 : 3) / 6), widthLimit: limit, isCentred: true)
        guard let words = labels.overlay(text, style) else { return }
        let (x, y) = ((cell.size.width - words.size.width) / 2, (cell.size.height - words.size.height) / 2)
        cell.blendIfInside(words, x: max(0, x & ~1), y: max(0, y & ~1))
    }
}

/// The mark of a cell whose line has a fault while its last good picture stays: an amber triangle at the top right.
enum FaultMark {
    /// Height and width in pixels, even.
    static func side(for cell: Size) -> Int { max(14, min(48, cell.height / 9)) & ~1 }
}
