import Media

/// How a picture that is not of its cell's shape is fitted in.
package enum PictureFit: Hashable, Sendable {
    /// All of the picture, with bars.
    case letterbox
    /// All of the cell, the picture's edges cut.
    case crop
}

/// Which part of a picture goes to which part of its cell. Even and centred, so that chroma falls on whole samples.
package struct Placement: Hashable, Sendable {
    /// In the picture; x and y even.
    package let source: Rectangle
    /// In the cell, whose top left is (0, 0); all numbers even.
    package let target: Rectangle

    /// - Parameter cell: even, at least 2x2.
    package init(of picture: Size, sampleAspect: SampleAspect, in cell: Size, fit: PictureFit) {
        // The picture's shape on the screen, as a fraction.
        let shape = (width: picture.width * sampleAspect.width, height: picture.height * sampleAspect.height)
        let whole = Rectangle(x: 0, y: 0, width: picture.width, height: picture.height)
        let all = Rectangle(x: 0, y: 0, width: cell.width, height: cell.height)
        let isWider = shape.width * cell.height > cell.width * shape.height
        // A bar or a cut of under 1/64 of the cell isn't worth its ugliness: 426x240 for 16:9, or 1088 lines.
        let difference = abs(shape.width * cell.height - cell.width * shape.height)
        if difference * 64 <= max(shape.width * cell.height, cell.width * shape.height) {
            source = whole
            target = all
            return
        }
        switch (fit, isWider) {
        case (.letterbox, true):
            let height = Self.evenLength(cell.width * shape.height, shape.width, limit: cell.height)
            source = whole
            target = Rectangle(x: 0, y: Self.even((cell.height - height) / 2), width: cell.width, height: height)
        case (.letterbox, false):
            let width = Self.evenLength(cell.height * shape.width, shape.height, limit: cell.width)
            source = whole
            target = Rectangle(x: Self.even((cell.width - width) / 2), y: 0, width: width, height: cell.height)
        case (.crop, true):
            let width = Self.evenLength(
                cell.width * shape.height * picture.width, cell.height * shape.width, limit: picture.width)
            source = Rectangle(
                x: Self.even((picture.width - width) / 2), y: 0, width: width, height: picture.height)
            target = all
        case (.crop, false):
            let height = Self.evenLength(
                cell.height * shape.width * picture.height, cell.width * shape.height, limit: picture.height)
            source = Rectangle(
                x: 0, y: Self.even((picture.height - height) / 2), width: picture.width, height: height)
            target = all
        }
    }

    private static func even(_ value: Int) -> Int { value & ~1 }

    /// `numerator / denominator`, rounded to the nearest even number, at least 2, at most `limit`.
    private static func evenLength(_ numerator: Int, _ denominator: Int, limit: Int) -> Int {
        min(limit, max(2, (numerator + denominator) / (2 * denominator) * 2))
    }
}
