import Conference
import Media
import Testing

private let canvases = [(1280, 720), (1920, 1080), (640, 360), (352, 288), (854, 480), (64, 64)].map {
    Size(width: $0.0, height: $0.1)
}

private let grids = (1...10).flatMap { rows in (1...10).map { "\(rows)x\($0)" } }

@Suite struct LayoutGeometry {
    @Test(arguments: [
        ("1+5", 1, 5), ("1+7", 1, 7), ("1+9", 1, 9), ("1+12", 1, 12), ("1+16", 1, 16), ("1+20", 1, 20), ("2+8", 2, 8),
        ("2+21", 2, 21), ("3+4", 3, 4), ("3+9", 3, 9), ("pip", 1, 1), ("side-by-side", 2, 0),
    ])
    func nameSaysHowManyCells(name: String, large: Int, small: Int) throws {
        let layout = try layout(name)
        let largeCells = layout.cells.filter { if case .large = $0.role { true } else { false } }
        #expect(largeCells.count == large)
        #expect(layout.cells.filter { $0.role == .next }.count == small)
        if let one = layout.cells.first(where: { $0.role == .next }), let big = largeCells.first {
            #expect(big.columnSpan * big.rowSpan > one.columnSpan * one.rowSpan)
        }
    }

    @Test func gridsAreRowsByColumns() throws {
        for name in grids {
            let layout = try layout(name)
            let parts = name.split(separator: "x").compactMap { Int($0) }
            #expect([layout.rows, layout.columns] == parts)
            #expect(layout.cells.count == parts[0] * parts[1])
        }
        #expect(Layout.named("11x1") == nil)
        #expect(Layout.named("03x3") == nil)
        #expect(Layout.named("0x3") == nil)
    }

    /// Each sample of the canvas is in exactly one cell, whatever the size; edges are even. The sum of areas and the
    /// absence of overlaps together say that there is no gap.
    @Test func cellsPartitionTheCanvas() throws {
        for name in Layout.names + grids where name != "auto" && name != "pip" {
            let layout = try layout(name)
            for canvas in canvases {
                let cells = layout.rectangles(on: canvas)
                #expect(cells.map(\.size.area).reduce(0, +) == canvas.area, "\(name) on \(canvas)")
                for (index, cell) in cells.enumerated() {
                    #expect(cell.hasEvenEdges && cell.width > 0 && cell.height > 0 && cell.isInside(canvas))
                    for other in cells[(index + 1)...] where cell.overlaps(other) {
                        Issue.record("\(name) on \(canvas): \(cell) and \(other)")
                    }
                }
            }
        }
    }

    @Test func roundingIsSpreadEvenly() throws {
        for (name, canvas) in [("1x7", Size(width: 854, height: 480)), ("10x10", Size(width: 352, height: 288))] {
            let cells = try layout(name).rectangles(on: canvas)
            let widths = cells.map(\.width)
            #expect(try #require(widths.max()) - #require(widths.min()) <= 2)
        }
    }

    @Test func anOddCanvasKeepsEvenCells() throws {
        for cell in try layout("3x3").rectangles(on: Size(width: 427, height: 241)) { #expect(cell.hasEvenEdges) }
    }

    @Test func pipInsetIsPaintedLastAndInside() throws {
        let cells = try layout("pip").rectangles(on: Size(width: 1280, height: 720))
        #expect(cells[0] == Rectangle(x: 0, y: 0, width: 1280, height: 720))
        #expect(cells[1].isInside(cells[0].size) && cells[1].width == 320 && cells[1].hasEvenEdges)
    }

    @Test(arguments: [
        (0, "1x1"), (1, "1x1"), (2, "1x2"), (3, "2x2"), (4, "2x2"), (5, "1+5"), (6, "1+5"), (7, "1+7"), (8, "1+7"),
        (9, "2+8"), (10, "2+8"), (11, "1+12"), (13, "1+12"), (14, "4x4"), (16, "4x4"), (17, "5x5"), (25, "5x5"),
        (26, "6x6"), (36, "6x6"), (37, "7x7"), (100, "10x10"), (101, "10x10"),
    ])
    func theCountPicks(count: Int, name: String) {
        let layout = Layout.automatic.resolved(forSites: count)
        #expect(layout.description == name)
        #expect(layout.cells.count >= min(count, 100))
    }

    @Test func everyNameReadsBack() throws {
        for name in Layout.names {
            let layout = try layout(name)
            #expect(layout.description == name)
            #expect(try Layout.parse(layout.description, knownSites: []) == layout)
        }
    }
}

@Suite struct LayoutDrawings {
    private let giaBinh = SiteID.named("gia-binh")

    @Test func equalNeighboursJoinAndStarsDoNot() throws {
        let drawn = try layout(" A A speaker/A  A gia-binh\n* * . ", giaBinh)
        #expect(drawn.description == "A A speaker / A A gia-binh / * * .")
        #expect(drawn.columns == 3 && drawn.rows == 3)
        #expect(drawn.cells.map(\.role) == [.large("A"), .speaker, .site(giaBinh), .next, .next, .blank])
        #expect(drawn.cells[0] == Layout.Cell(column: 0, row: 0, columnSpan: 2, rowSpan: 2, role: .large("A")))
        #expect(drawn.pinnedSites == [giaBinh])
        #expect(try layout(drawn.description, giaBinh) == drawn)
    }

    @Test(arguments: ["gia-binh", "*", ".", "A", "slides", "uplink", "previous"])
    func oneTokenIsADrawing(token: String) throws {
        let drawn = try layout(token, giaBinh)
        #expect(drawn.cells.count == 1)
        #expect(drawn.cells[0].role.description == token)
        #expect(drawn.rectangles(on: Size(width: 640, height: 360)) == [Rectangle(x: 0, y: 0, width: 640, height: 360)])
    }

    @Test(arguments: [
        ("", LayoutError.empty), (" / ", .empty), ("\n", .empty),
        ("* * / *", .unevenRow(2, columns: 1, expected: 2)),
        ("* * / * * *", .unevenRow(2, columns: 3, expected: 2)),
        ("* / ", .emptyRow(2)), ("* // *", .emptyRow(2)),
        ("A A / A *", .notRectangular(token: "A", row: 2, column: 2, found: "*")),
        ("A * A", .notRectangular(token: "A", row: 1, column: 2, found: "*")),
        ("* A / A *", .notRectangular(token: "A", row: 1, column: 1, found: "*")),
        ("speaker . / . speaker", .notRectangular(token: "speaker", row: 1, column: 2, found: ".")),
        ("* gia-bin", .unknownToken("gia-bin", row: 1, column: 2, near: ["gia-binh"])),
        ("* / spaeker", .unknownToken("spaeker", row: 2, column: 1, near: ["speaker"])),
        ("* a", .unknownToken("a", row: 1, column: 2, near: [])),
        ("* É", .unknownToken("É", row: 1, column: 2, near: [])),
        ("1+6", .unknownLayout("1+6", near: ["1+5", "1+7", "1+9"])),
        ("lectur", .unknownLayout("lectur", near: ["lecture"])),
        (Array(repeating: "*", count: 25).joined(separator: " "), .tooLarge(rows: 1, columns: 25)),
        (Array(repeating: "*", count: 25).joined(separator: "/"), .tooLarge(rows: 25, columns: 1)),
    ])
    func refusals(text: String, error: LayoutError) {
        #expect(throws: error) { try layout(text, giaBinh) }
        #expect(error.description.contains("expected"))
    }

    @Test func aSiteMustBeKnown() {
        #expect(throws: LayoutError.self) { try layout("gia-binh") }
    }

    /// Whatever bytes come, a layout or an error comes back, and a layout partitions its canvas.
    @Test func hostileTextsAreRefusedOrDrawn() throws {
        var random = Seeded(20)
        let alphabet = [
            "A", "A", "B", "*", ".", "/", "/", " ", " ", "speaker", "gia-binh", "\n", "\u{0301}", "1x", "🙂", "-",
        ]
        var drawn = 0
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? ""
            }.joined(separator: Bool.random(using: &random) ? " " : "")
            guard let layout = try? layout(text, giaBinh) else { continue }
            drawn += 1
            let cells = layout.rectangles(on: Size(width: 1280, height: 720))
            #expect(cells.map(\.size.area).reduce(0, +) == 1280 * 720, "\(text)")
        }
        #expect(drawn > 50)
    }
}

@Suite struct LayoutPictures {
    @Test func onePlusFive() throws {
        let expected = """
            ┌───────┬───┐
            │       │ * │
            │   A   ├───┤
            │       │ * │
            ├───┬───┼───┤
            │ * │ * │ * │
            └───┴───┴───┘
            """
        #expect(LayoutPicture(try layout("1+5"), width: 12).description == expected)
    }

    @Test func blanksAreOpenAndLabelsFit() throws {
        let picture = LayoutPicture(try layout("speaker . / * ."), width: 10)
        #expect(picture.lines == ["┌────┬────┐", "│spea│    │", "├────┤    │", "│ *  │    │", "└────┴────┘"])
    }

    @Test func everyLayoutIsARectangleOfLines() throws {
        for name in Layout.names + grids {
            for width in [2, 24, 48, 100] {
                let lines = LayoutPicture(try layout(name), width: width).lines
                #expect(Set(lines.map(\.count)).count == 1, "\(name)")
                #expect(lines.count >= 3)
            }
        }
    }
}

extension Rectangle {
    fileprivate var hasEvenEdges: Bool { [x, y, width, height].allSatisfy { $0 % 2 == 0 } }
    fileprivate func isInside(_ size: Size) -> Bool {
        x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height
    }
    fileprivate func overlaps(_ other: Rectangle) -> Bool {
        x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }
}
