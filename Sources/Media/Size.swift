/// The size of a picture in luma samples.
package struct Size: Hashable, Sendable, CustomStringConvertible {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// No side that is read is longer: an area must not overflow before somebody asks whether it fits.
    package static let sides = 1...65_535

    /// Reads `1280x720`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]), Self.sides.contains(width),
            Self.sides.contains(height)
        else { return nil }
        self.init(width: width, height: height)
    }

    package var area: Int { width * height }
    package var description: String { "\(width)x\(height)" }
}

/// A rectangle in luma samples, the origin at the top left.
package struct Rectangle: Hashable, Sendable, CustomStringConvertible {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    package var size: Size { Size(width: width, height: height) }
    package var description: String { "\(width)x\(height)+\(x)+\(y)" }

    /// This rectangle without `margin` samples on each side; never smaller than 0x0.
    package func insetBy(_ margin: Int) -> Rectangle {
        Rectangle(
            x: x + margin, y: y + margin, width: max(0, width - 2 * margin), height: max(0, height - 2 * margin))
    }
}
