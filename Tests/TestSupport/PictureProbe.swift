import Media

/// One 4:2:0 picture as raw bytes, and the questions a test asks it: which colour is here, which site is in this cell,
/// which of its pictures is it.
///
/// The numbered strip it reads is described in `scripts/picture-code`: squares of 1/20 of the source's width.
package struct PictureProbe {
    package let size: Size
    private let bytes: [UInt8]

    /// - Parameter bytes: planes Y, U, V without padding, as `-f rawvideo -pix_fmt yuv420p` writes them.
    /// - Precondition: width and height are even, and `bytes` holds `PictureProbe.byteCount(of: size)`.
    package init(size: Size, bytes: [UInt8]) {
        precondition(size.width % 2 == 0 && size.height % 2 == 0, "4:2:0 wants even sizes")
        precondition(
            bytes.count == Self.byteCount(of: size), "a picture of \(size) has \(Self.byteCount(of: size)) bytes")
        self.size = size
        self.bytes = bytes
    }

    /// The bytes of one picture.
    package static func byteCount(of size: Size) -> Int { size.area * 3 / 2 }

    /// The mean colour of a rectangle; what lies outside the picture does not count. `nil` if nothing is inside.
    package func mean(of rectangle: Rectangle) -> Colour? {
        let area = size.area
        let half = Size(width: size.width / 2, height: size.height / 2)
        let chroma = Rectangle(
            x: rectangle.x / 2, y: rectangle.y / 2, width: max(1, rectangle.width / 2),
            height: max(1, rectangle.height / 2))
        guard let y = planeMean(at: 0, size: size, rectangle),
            let u = planeMean(at: area, size: half, chroma), let v = planeMean(at: area + area / 4, size: half, chroma)
        else { return nil }
        return Colour(y: y, u: u, v: v)
    }

    /// Where a source's picture lies in a cell when all of it is shown: centred, with bars.
    package static func letterboxed(_ source: Size, in cell: Rectangle) -> Rectangle {
        let width = min(cell.width, (cell.height * source.width + source.height / 2) / source.height)
        let height = min(cell.height, (cell.width * source.height + source.width / 2) / source.width)
        return Rectangle(
            x: cell.x + (cell.width - width) / 2, y: cell.y + (cell.height - height) / 2, width: width, height: height)
    }

    /// The frame number in the strip of the source shown in `cell`, or `nil` if there is none that can be trusted: no
    /// contrast, a square between black and white, or a wrong check (a source's number modulo 7).
    /// - Parameter source: the size of the source's picture, for its shape.
    package func frameNumber(in cell: Rectangle, source: Size = Size(width: 16, height: 9)) -> Int? {
        let picture = Self.letterboxed(source, in: cell)
        guard let white = squareLuma(0, of: picture), let black = squareLuma(1, of: picture), white - black > 40 else {
            return nil
        }
        var code = 0
        for square in 2..<14 {
            guard let luma = squareLuma(square, of: picture) else { return nil }
            let level = (luma - black) / (white - black)
            // Between a third and two thirds it may as well be two pictures blended.
            guard level < 1 / 3.0 || level > 2 / 3.0 else { return nil }
            code = code << 1 | (level > 0.5 ? 1 : 0)
        }
        let number = code >> 3
        return code & 7 == number % 7 + 1 ? number : nil
    }

    /// The plain colour of the source shown in `cell`, from the band below its strip.
    package func colour(in cell: Rectangle, source: Size = Size(width: 16, height: 9)) -> Colour? {
        let picture = Self.letterboxed(source, in: cell)
        return mean(of: part(of: picture, x: 1.5, y: 2.5, width: 17, height: 0.75))
    }

    /// The site whose colour is in `cell`: the nearest one, if it is within `tolerance`.
    package func site(
        in cell: Rectangle, among sites: [SyntheticSite], source: Size = Size(width: 16, height: 9),
        tolerance: Double = 16
    ) -> SyntheticSite? {
        guard let colour = colour(in: cell, source: source) else { return nil }
        let nearest = sites.min { $0.colour.distance(to: colour) < $1.colour.distance(to: colour) }
        guard let nearest, nearest.colour.distance(to: colour) <= tolerance else { return nil }
        return nearest
    }

    /// The luma in the middle of the strip's `index`-th square.
    private func squareLuma(_ index: Int, of picture: Rectangle) -> Double? {
        let middle = part(of: picture, x: Double(index) + 1.25, y: 1, width: 0.5, height: 0.5)
        return planeMean(at: 0, size: size, middle)
    }

    /// A part of a source's picture, given in units of 1/20 of its width; at least one sample.
    private func part(of picture: Rectangle, x: Double, y: Double, width: Double, height: Double) -> Rectangle {
        let unit = Double(picture.width) / 20
        let left = Int((x * unit).rounded()), right = Int(((x + width) * unit).rounded())
        let top = Int((y * unit).rounded()), bottom = Int(((y + height) * unit).rounded())
        return Rectangle(
            x: picture.x + left, y: picture.y + top, width: max(1, right - left), height: max(1, bottom - top))
    }

    private func planeMean(at start: Int, size: Size, _ rectangle: Rectangle) -> Double? {
        let columns = Self.clip(rectangle.x, rectangle.width, to: size.width)
        let rows = Self.clip(rectangle.y, rectangle.height, to: size.height)
        guard !columns.isEmpty, !rows.isEmpty else { return nil }
        var sum = 0
        for row in rows {
            let line = start + row * size.width
            for byte in bytes[line + columns.lowerBound..<line + columns.upperBound] { sum += Int(byte) }
        }
        return Double(sum) / Double(columns.count * rows.count)
    }
    /// The part of `start..<start + length` inside `0..<limit`, empty if there is none.
    private static func clip(_ start: Int, _ length: Int, to limit: Int) -> Range<Int> {
        let lower = min(max(0, start), limit)
        return lower..<max(lower, min(limit, start + length))
    }
}
