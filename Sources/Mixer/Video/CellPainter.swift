import Media

/// Paints one cell, whole: picture, then label, mark and border over it.
struct CellPainter {
    let tiles: TileCache
    let labels: LabelCache

    /// Samples of the active speaker's border.
    static func borderWidth(cellHeight: Int) -> Int { cellHeight >= 160 ? 4 : 2 }

    func paint(_ content: CellContent, on canvas: Raster) {
        guard let rectangle = content.rectangle.evenPart(of: canvas.size) else { return }
        let cell = canvas.part(rectangle)
        switch content.appearance {
        case .live: paintPicture(content, on: cell)
        case .dimmed:
            paintPicture(content, on: cell)
            cell.dim()
        case .slate(let slate): slate.paint(on: cell, labels)
        case .blank: cell.fill(.background)
        case .banner(let text): Banner.paint(text, on: cell, labels)
        }
        if let text = content.label, content.appearance == .live || content.appearance == .dimmed {
            paintLabel(text, lift: content.labelLift, on: cell)
        }
        if let text = content.caption { paintCaption(text, on: cell) }
        if content.hasFault, let mark = labels.faultMark(side: FaultMark.side(for: cell.size)) {
            let margin = Label.margin(cellHeight: cell.size.height)
            cell.blendIfInside(mark, x: cell.size.width - margin - mark.size.width, y: margin)
        }
        if content.isSpeaking { cell.frame(width: Self.borderWidth(cellHeight: cell.size.height), .speaker) }
    }

    private func paintPicture(_ content: CellContent, on cell: Raster) {
        guard let picture = content.picture else { return cell.fill(.background) }
        let placement = Placement(
            of: picture.size, sampleAspect: picture.sampleAspect, in: cell.size, fit: content.fit)
        let samples: Raster?
        if picture.isCanvasReady, placement.source.size == placement.target.size {
            samples = picture.raster?.part(placement.source)
        } else {
            samples = tiles.tile(picture, placement.source, size: placement.target.size)
        }
        guard let samples else { return cell.fill(.background) }
        if placement.target.size != cell.size { paintBars(around: placement.target, on: cell) }
        cell.part(placement.target).copy(samples)
    }

    private func paintBars(around inner: Rectangle, on cell: Raster) {
        let right = inner.x + inner.width
        let bottom = inner.y + inner.height
        let bars = (
            Rectangle(x: 0, y: 0, width: cell.size.width, height: inner.y),
            Rectangle(x: 0, y: bottom, width: cell.size.width, height: cell.size.height - bottom),
            Rectangle(x: 0, y: 0, width: inner.x, height: cell.size.height),
            Rectangle(x: right, y: 0, width: cell.size.width - right, height: cell.size.height)
        )
        cell.fill(bars.0, .background)
        cell.fill(bars.1, .background)
        cell.fill(bars.2, .background)
        cell.fill(bars.3, .background)
    }

    private func paintLabel(_ text: String, lift: Int, on cell: Raster) {
        guard let label = labels.label(text, cell: cell.size) else { return }
        let margin = Label.margin(cellHeight: cell.size.height)
        cell.blendIfInside(label, x: margin, y: (cell.size.height - lift - margin - label.size.height) & ~1)
    }

    /// Centred, and clear of the label below it.
    private func paintCaption(_ text: String, on cell: Raster) {
        guard let caption = labels.overlay(text, Caption.style(for: cell.size)) else { return }
        let left = (cell.size.width - caption.size.width) / 2 & ~1
        cell.blendIfInside(caption, x: left, y: (cell.size.height * 3 / 4 - caption.size.height) & ~1)
    }
}
