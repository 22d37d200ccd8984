import Conference
import Media

/// The layouts as `layouts` shows them.
package enum LayoutCatalogue {
    /// Every name with its drawing; of the plain grids only some.
    package static var lines: [String] {
        var lines = ["Names: \(Layout.names.joined(separator: " ")), and RxC (rows x columns) from 1x1 to 10x10."]
        for name in Layout.names + ["1x2", "3x3"] {
            guard let layout = Layout.named(name) else { continue }
            lines += ["", name] + LayoutPicture(layout, width: 40).lines.map { "  " + $0 }
        }
        return lines
    }

    /// Reads a layout for looking at: any well-formed id is taken as a site's.
    package static func read(_ text: String) throws(Refusal) -> Layout {
        let words = text.split(whereSeparator: { $0.isWhitespace || $0 == "/" }).map(String.init)
        // One word alone is rather a mistyped name than a site that nobody has mentioned.
        let ids = words.count > 1 ? words.filter { !Layout.roleWords.contains($0) }.compactMap(SiteID.init) : []
        do {
            return try Layout.parse(text, knownSites: Set(ids))
        } catch {
            throw Refusal(origin: .flag("layouts"), key: "layouts", value: text, reason: error.description)
        }
    }
}

extension ValueForm where Value == Size {
    /// A size that a canvas can have.
    package static let canvas = Self("even numbers from 64x64 to 4096x2304, such as 1280x720") { text in
        guard let size = Size(text), size.width % 2 == 0, size.height % 2 == 0, (64...4096).contains(size.width),
            (64...2304).contains(size.height)
        else { return nil }
        return size
    }
}
