import Media

/// A layout in the words of CSS grid areas: rows split by `/` or by line breaks, a token per column. Equal neighbours
/// join into one cell, which must be a rectangle; `*` and `.` never join.
struct LayoutDrawing {
    private let rows: [[Substring]]

    /// - Throws: `empty`, `emptyRow`, `tooLarge` or `unevenRow`.
    init(_ text: String) throws(LayoutError) {
        let lines = text.split(separator: "\n").joined(separator: "/").split(
            separator: "/", omittingEmptySubsequences: false)
        rows = lines.map { $0.split(whereSeparator: \.isWhitespace) }
        if rows.allSatisfy(\.isEmpty) { throw .empty }
        let columns = rows.lazy.map(\.count).max() ?? 0
        if rows.count > Layout.maximumSide || columns > Layout.maximumSide {
            throw .tooLarge(rows: rows.count, columns: columns)
        }
        if let index = rows.firstIndex(where: \.isEmpty) { throw .emptyRow(index + 1) }
        if let index = rows.firstIndex(where: { [first = rows[0].count] in $0.count != first }) {
            throw .unevenRow(index + 1, columns: rows[index].count, expected: rows[0].count)
        }
    }

    /// - Throws: `unknownToken` or `notRectangular`.
    func layout(knownSites: Set<SiteID>) throws(LayoutError) -> Layout {
        var cells: [Layout.Cell] = []
        var drawn: Set<Substring> = []
        for (row, tokens) in rows.enumerated() {
            for (column, token) in tokens.enumerated() where !drawn.contains(token) {
                guard let role = Layout.Role(token, knownSites: knownSites) else {
                    let near = NearWords.of(String(token), in: Layout.roleWords + knownSites.sorted().map(\.rawValue))
                    throw .unknownToken(String(token), row: row + 1, column: column + 1, near: near)
                }
                var cell = Layout.Cell(column: column, row: row, role: role)
                if role != .next && role != .blank {
                    try join(&cell, token)
                    drawn.insert(token)
                }
                cells.append(cell)
            }
        }
        return Layout(description, columns: rows[0].count, rows: rows.count, cells: cells)
    }

    /// Widens `cell`, which is at the first `token` in reading order, to the bounds of all of them.
    private func join(_ cell: inout Layout.Cell, _ token: Substring) throws(LayoutError) {
        var (left, right, bottom) = (cell.column, cell.column, cell.row)
        for (row, tokens) in rows.enumerated() {
            for (column, other) in tokens.enumerated() where other == token {
                left = min(left, column)
                right = max(right, column)
                bottom = max(bottom, row)
            }
        }
        for row in cell.row...bottom {
            for column in left...right where rows[row][column] != token {
                throw .notRectangular(
                    token: String(token), row: row + 1, column: column + 1, found: String(rows[row][column]))
            }
        }
        cell.columnSpan = right - left + 1
        cell.rowSpan = bottom - cell.row + 1
    }

    private var description: String {
        rows.map { $0.joined(separator: " ") }.joined(separator: " / ")
    }
}

extension Layout {
    /// The words that stand for a role in a drawing. No site's id may be one of them.
    package static let roleWords = ["speaker", "previous", "slides", "uplink"]
}

extension Layout.Role {
    /// `nil` for a token that is neither a role nor one of the known sites.
    fileprivate init?(_ token: Substring, knownSites: Set<SiteID>) {
        switch token {
        case "*": self = .next
        case ".": self = .blank
        case "speaker": self = .speaker
        case "previous": self = .previous
        case "slides": self = .slides
        case "uplink": self = .uplink
        default:
            if token.utf8.count == 1, let letter = token.first, letter.isASCII, letter.isUppercase {
                self = .large(letter)
            } else if let id = SiteID(String(token)), knownSites.contains(id) {
                self = .site(id)
            } else {
                return nil
            }
        }
    }
}
