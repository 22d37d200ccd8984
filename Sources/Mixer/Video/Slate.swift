import Media

/// What a cell shows when there is no picture: a dark ground, who it is about, and why.
package struct Slate: Hashable, Sendable {
    /// The site's name.
    package var title: String
    /// In words for people in the room: "Không có tín hiệu · no signal".
    package var reason: String

    package init(title: String, reason: String) {
        self.title = title
        self.reason = reason
    }

    /// Paints all of a cell.
    func paint(on cell: Raster, _ labels: LabelCache) {
        cell.fill(.slate)
        let width = cell.size.width * 9 / 10
        let titleStyle = TextStyle(
            fontHeight: max(13, min(64, cell.size.height / 9)), widthLimit: width, lines: 2, isCentred: true)
        let reasonStyle = TextStyle(
            fontHeight: max(11, min(32, cell.size.height / 17)), widthLimit: width, lines: 2, isCentred: true,
            brightness: 0.68)
        let texts = (labels.overlay(title, titleStyle), labels.overlay(reason, reasonStyle))
        let gap = cell.size.height / 24
        let height = (texts.0?.size.height ?? 0) + gap + (texts.1?.size.height ?? 0)
        var y = max(0, (cell.size.height - height) / 2) & ~1
        for text in [texts.0, texts.1] {
            guard let text else { continue }
            cell.blendIfInside(text, x: (cell.size.width - text.size.width) / 2 & ~1, y: y)
            y += (text.size.height + gap) & ~1
        }
    }
}

extension Raster {
    /// Lays an overlay at an even point, unless the raster is too small for it.
    func blendIfInside(_ overlay: Overlay, x: Int, y: Int) {
        guard x >= 0, y >= 0, x + overlay.size.width <= size.width, y + overlay.size.height <= size.height else {
            return
        }
        overlay.blend(onto: self, x: x, y: y)
    }
}
