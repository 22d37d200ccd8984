import Media

/// The layouts that have a name.
extension Layout {
    /// Every name but the grids from `1x1` to `10x10`, in the order people look for them.
    package static let names = ["auto"] + drawings.map(\.name) + ["2+21", "pip", "lecture"]

    /// `auto`: the number of sites picks the geometry.
    package static let automatic = Layout("auto", behaviour: .automatic, columns: 1, rows: 1, cells: [])

    /// The layout of that name: one of `names` or a grid `RxC`, rows by columns, from `1x1` to `10x10`.
    package static func named(_ name: String) -> Layout? { named[name] ?? grid(name) }

    /// Reads a name or a drawing.
    /// - Parameter knownSites: the sites that a drawing may pin.
    package static func parse(_ text: String, knownSites: Set<SiteID>) throws(LayoutError) -> Layout {
        let words = text.split(whereSeparator: \.isWhitespace)
        if words.count == 1, let layout = named(String(words[0])) { return layout }
        let drawing = try LayoutDrawing(text)
        do {
            return try drawing.layout(knownSites: knownSites)
        } catch {
            // One word that is no token was rather meant to be a name.
            guard case .unknownToken(let word, _, _, _) = error, words.count == 1, !text.contains("/") else {
                throw error
            }
            let grids = (1...10).map { "\($0)x\($0)" }
            let near = NearWords.of(word, in: names + grids + roleWords + knownSites.sorted().map(\.rawValue))
            throw .unknownLayout(word, near: near.isEmpty ? ["auto", "3x3", "1+5", "speaker"] : near)
        }
    }

    /// The geometry for so many sites: itself, unless it is `auto`.
    package func resolved(forSites count: Int) -> Layout {
        guard behaviour == .automatic else { return self }
        let step = Self.ladder.first { count <= $0.sites }?.name ?? "10x10"
        return Self.named(step) ?? self
    }

    /// What `auto` takes for up to so many sites. Rings are preferred to grids that would stay half empty.
    package static let ladder: [(sites: Int, name: String)] = [
        (1, "1x1"), (2, "1x2"), (4, "2x2"), (6, "1+5"), (8, "1+7"), (10, "2+8"), (13, "1+12"), (16, "4x4"), (25, "5x5"),
        (36, "6x6"), (49, "7x7"), (64, "8x8"), (81, "9x9"), (100, "10x10"),
    ]

    /// Each leaves no hole, and nearly all keep every cell in the canvas's shape. 1+5, 1+7, 1+9: a square of n-1 in
    /// the corner of a square of n leaves 2n-1 cells. 1+12, 1+16, 1+20: a ring around a square of n-2 is 4(n-1)
    /// cells. 2+8, 3+4, 3+9: quadrants, one or two of them cut into small cells.
    private static let drawings: [(name: String, drawing: String)] = [
        ("1+5", "A A * / A A * / * * *"),
        ("1+7", "A A A * / A A A * / A A A * / * * * *"),
        ("1+9", "A A A A * / A A A A * / A A A A * / A A A A * / * * * * *"),
        ("1+12", "* * * * / * A A * / * A A * / * * * *"),
        ("1+16", "* * * * * / * A A A * / * A A A * / * A A A * / * * * * *"),
        (
            "1+20",
            "* * * * * * / * A A A A * / * A A A A * / * A A A A * / * A A A A * / * * * * * *"
        ),
        ("2+8", "A A B B / A A B B / * * * * / * * * *"),
        ("3+4", "A A B B / A A B B / C C * * / C C * *"),
        (
            "3+9",
            "A A A B B B / A A A B B B / A A A B B B / C C C * * * / C C C * * * / C C C * * *"
        ),
        ("side-by-side", "A B"),
        ("speaker", "speaker"),
        ("presenter", "slides slides slides speaker / slides slides slides * / slides slides slides * / * * * *"),
    ]

    private static let named: [String: Layout] = {
        var layouts = ["auto": automatic, "2+21": twoAndTwentyOne, "pip": pictureInPicture]
        for (name, drawing) in drawings {
            guard let layout = try? LayoutDrawing(drawing).layout(knownSites: []) else {
                preconditionFailure("the drawing of \(name) is wrong")
            }
            layouts[name] = layout.named(name, behaviour: name == "presenter" ? .presenter : .drawn)
        }
        layouts["lecture"] = layouts["speaker"]?.named("lecture", behaviour: .lecture)
        return layouts
    }()

    /// Two halves above three rows of seven. 21 small cells and two large ones of the same shape fill no square grid:
    /// n² - 2k² is never 21. So the small cells are two units wide, which a drawing can't say.
    private static let twoAndTwentyOne: Layout = {
        let halves = [
            Cell(column: 0, row: 0, columnSpan: 7, rowSpan: 3, role: .large("A")),
            Cell(column: 7, row: 0, columnSpan: 7, rowSpan: 3, role: .large("B")),
        ]
        let small = (0..<21).map { Cell(column: 2 * ($0 % 7), row: 3 + $0 / 7, columnSpan: 2, role: .next) }
        return Layout("2+21", columns: 14, rows: 6, cells: halves + small)
    }()

    /// Full screen with an inset of a quarter of each side: the only layout whose cells overlap.
    private static let pictureInPicture = Layout(
        "pip", columns: 24, rows: 24,
        cells: [
            Cell(column: 0, row: 0, columnSpan: 24, rowSpan: 24, role: .large("A")),
            Cell(column: 17, row: 17, columnSpan: 6, rowSpan: 6, role: .next),
        ])

    /// Nothing but slides: no cell while there are none.
    package static let slidesAlone = Layout(
        "slides", columns: 1, rows: 1, cells: [Cell(column: 0, row: 0, role: .slides)])

    private static func grid(_ name: String) -> Layout? {
        let parts = name.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let rows = Int(parts[0]), let columns = Int(parts[1]), (1...10).contains(rows),
            (1...10).contains(columns), name == "\(rows)x\(columns)"
        else { return nil }
        let cells = (0..<rows * columns).map { Cell(column: $0 % columns, row: $0 / columns, role: .next) }
        return Layout(name, columns: columns, rows: rows, cells: cells)
    }
}
