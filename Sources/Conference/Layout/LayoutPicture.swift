/// A layout drawn for a terminal, with box-drawing characters and each cell's role in its middle.
package struct LayoutPicture: CustomStringConvertible {
    /// The rows of the drawing, top first, all of the same width.
    package let lines: [String]

    package var description: String { lines.joined(separator: "\n") }

    /// - Parameter width: about how many characters wide; never fewer than two a column.
    package init(_ layout: Layout, width: Int = 48) {
        guard !layout.cells.isEmpty else {
            lines = Self.ladder
            return
        }
        let unit = max(2, width / layout.columns)
        // A character is about twice as high as wide, and a canvas 16:9. A cell has at least one line inside.
        let shaped = (unit * layout.columns * 9 / 32 + layout.rows / 2) / layout.rows
        let height = max(layout.cells.contains { $0.rowSpan == 1 } ? 2 : 1, shaped)
        var characters = Self.borders(of: layout, unit: unit, height: height)
        for cell in layout.cells where cell.role != .blank {
            let room = cell.columnSpan * unit - 1
            let label = cell.role.description.prefix(room)
            let row = cell.row * height + cell.rowSpan * height / 2
            let start = cell.column * unit + 1 + (room - label.count) / 2
            for (offset, character) in label.enumerated() { characters[row][start + offset] = character }
        }
        lines = characters.map { String($0) }
    }

    /// Which cell is seen in each grid unit: the last one painted there; `nil` where it is blank.
    private static func owners(of layout: Layout) -> [[Int?]] {
        var owners = [[Int?]](repeating: [Int?](repeating: nil, count: layout.columns), count: layout.rows)
        for (index, cell) in layout.cells.enumerated() where cell.role != .blank {
            for row in cell.row..<cell.row + cell.rowSpan {
                for column in cell.column..<cell.column + cell.columnSpan { owners[row][column] = index }
            }
        }
        return owners
    }

    /// The lines between units that belong to different cells, and around the canvas.
    private static func borders(of layout: Layout, unit: Int, height: Int) -> [[Character]] {
        let owners = owners(of: layout)
        // A cell's index, or -1 outside the canvas: a border runs wherever two sides differ.
        func owner(_ row: Int, _ column: Int) -> Int {
            guard (0..<layout.rows).contains(row), (0..<layout.columns).contains(column) else { return -1 }
            return owners[row][column] ?? -2
        }
        let width = layout.columns * unit + 1
        var characters = [[Character]](
            repeating: [Character](repeating: " ", count: width), count: layout.rows * height + 1)
        for row in 0...layout.rows {
            for column in 0...layout.columns {
                let up = owner(row - 1, column - 1) != owner(row - 1, column)
                let down = owner(row, column - 1) != owner(row, column)
                let left = owner(row - 1, column - 1) != owner(row, column - 1)
                let right = owner(row - 1, column) != owner(row, column)
                let (x, y) = (column * unit, row * height)
                characters[y][x] = corner(up: up, down: down, left: left, right: right)
                if right { for offset in 1..<unit { characters[y][x + offset] = "─" } }
                if down { for offset in 1..<height { characters[y + offset][x] = "│" } }
            }
        }
        return characters
    }

    private static func corner(up: Bool, down: Bool, left: Bool, right: Bool) -> Character {
        let glyphs: [Character] = [
            " ", "╵", "╷", "│", "╴", "┘", "┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼",
        ]
        return glyphs[(up ? 1 : 0) + (down ? 2 : 0) + (left ? 4 : 0) + (right ? 8 : 0)]
    }

    /// `auto` has no cells of its own: what it takes, by the number of sites.
    private static var ladder: [String] {
        let rows = zip([0] + Layout.ladder.map(\.sites), Layout.ladder).map { below, step in
            (sites: below + 1 == step.sites ? "\(step.sites)" : "\(below + 1)-\(step.sites)", name: step.name)
        }
        let width = rows.lazy.map(\.sites.count).max() ?? 0
        let nameWidth = rows.lazy.map(\.name.count).max() ?? 0
        return rows.map { row in
            String(repeating: " ", count: width - row.sites.count) + row.sites + " sites  " + row.name
                + String(repeating: " ", count: nameWidth - row.name.count)
        }
    }
}
