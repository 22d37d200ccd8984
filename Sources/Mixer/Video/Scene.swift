import Media

/// What a canvas is to show: the whole of it, each tick. The composer finds out what has changed.
package struct Scene: Sendable {
    /// Of the canvas; even, at least 16x16.
    package var size: Size
    /// In painting order: where cells overlap, the later one is in front.
    package var cells: [CellContent]

    package init(size: Size, cells: [CellContent]) {
        self.size = size
        self.cells = cells
    }
}

/// What one cell is to show.
package struct CellContent: Sendable {
    /// How a cell looks.
    package enum Appearance: Hashable, Sendable {
        /// The picture.
        case live
        /// The picture, darkened: its packets have stopped.
        case dimmed
        /// A slate instead of the picture. It carries the name, so the label is left out.
        case slate(Slate)
        /// Nothing: the canvas's ground.
        case blank
        /// Words on a dark ground.
        case banner(String)
    }

    /// On the canvas, of even numbers. What is outside of the canvas is cut.
    package var rectangle: Rectangle
    /// The site's name, drawn on the picture.
    package var label: String?
    /// How far the label stands above its place, in samples, even: a banner is there.
    package var labelLift = 0
    /// Words for all to read, drawn across the picture: why another one than the wanted is there.
    package var caption: String?
    /// Without one, a cell that is live or dimmed is blank but for its label.
    package var picture: Picture?
    package var fit: PictureFit
    package var appearance: Appearance
    /// Whether an amber mark says that the line has a fault.
    package var hasFault: Bool
    /// Whether a green border says who has the floor.
    package var isSpeaking: Bool

    package init(
        rectangle: Rectangle, label: String? = nil, caption: String? = nil, picture: Picture? = nil,
        fit: PictureFit = .letterbox, appearance: Appearance = .live, hasFault: Bool = false, isSpeaking: Bool = false
    ) {
        self.rectangle = rectangle
        self.label = label
        self.caption = caption
        self.picture = picture
        self.fit = fit
        self.appearance = appearance
        self.hasFault = hasFault
        self.isSpeaking = isSpeaking
    }
}

/// What a canvas shows in one cell: equal records mean equal samples. It names the picture without holding it.
struct PaintedCell: Equatable {
    var rectangle: Rectangle
    var label: String?
    var labelLift: Int
    var caption: String?
    var picture: UInt64
    var fit: PictureFit
    var appearance: CellContent.Appearance
    var hasFault: Bool
    var isSpeaking: Bool

    /// What doesn't show is left out: a new picture behind a slate changes nothing.
    init(_ content: borrowing CellContent) {
        let showsPicture = content.appearance == .live || content.appearance == .dimmed
        rectangle = content.rectangle
        label = showsPicture ? content.label : nil
        labelLift = content.labelLift
        caption = content.caption
        picture = showsPicture ? content.picture?.number ?? 0 : 0
        fit = content.fit
        appearance = content.appearance
        hasFault = content.hasFault
        isSpeaking = content.isSpeaking
    }
}
