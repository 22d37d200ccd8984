import Foundation
import Media

/// A colour as the canvas holds it: BT.709, limited range.
package struct Colour: Hashable, Sendable {
    package var y: Double
    package var u: Double
    package var v: Double

    package init(y: Double, u: Double, v: Double) {
        self.y = y
        self.u = u
        self.v = v
    }

    /// - Parameters: full-range R'G'B', 0 to 255.
    package init(red: Double, green: Double, blue: Double) {
        let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        y = 16 + luma * 219 / 255
        u = 128 + (blue - luma) / 1.8556 * 224 / 255
        v = 128 + (red - luma) / 1.5748 * 224 / 255
    }

    /// The Euclidean distance in Y, U and V.
    package func distance(to other: Colour) -> Double {
        let (dy, du, dv) = (y - other.y, u - other.u, v - other.v)
        return (dy * dy + du * du + dv * dv).squareRoot()
    }
}

/// A site of the prepared media: what its picture and its sound are known by.
package struct SyntheticSite: Hashable, Sendable {
    package var id: SiteID
    /// The name as it is drawn, in Vietnamese.
    package var name: String
    /// The plain colour of its picture.
    package var colour: Colour
    /// Its tone in Hz; none is near a harmonic of another.
    package var tone: Double

    /// Reads `sites.tsv`: id, name, "R G B", tone. Lines of any other form are left out.
    package static func read(manifest path: String) throws -> [SyntheticSite] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t")
            guard fields.count == 4, let id = SiteID(String(fields[0])), let tone = Double(fields[3]) else {
                return nil
            }
            let rgb = fields[2].split(separator: " ").compactMap { Double($0) }
            guard rgb.count == 3 else { return nil }
            let colour = Colour(red: rgb[0], green: rgb[1], blue: rgb[2])
            return SyntheticSite(id: id, name: String(fields[1]), colour: colour, tone: tone)
        }
    }
}
