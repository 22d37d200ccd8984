/// Columns of text in line, for a terminal.
package struct TextTable {
    package enum Alignment: Hashable, Sendable {
        case left, right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    package init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    /// - Parameter cells: as many as there are columns.
    package mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The titles and the rows, each column as wide as its widest cell; no blanks at the ends of lines.
    package var lines: [String] {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in all.lazy.map { Self.width($0[column]) }.max() ?? 0 }
        return all.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                let gap = String(repeating: " ", count: widths[column] - Self.width(cell))
                line += (column == 0 ? "" : "  ") + (columns[column].alignment == .left ? cell + gap : gap + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// The columns of a terminal that `text` takes: a letter with its marks, composed or not, takes one.
    package static func width(_ text: String) -> Int { text.count }

    /// `text` in at most `width` columns.
    package static func shortened(_ text: String, to width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }
}
