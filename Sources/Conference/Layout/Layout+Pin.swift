import Media

extension Layout {
    /// The layout with a site in one of its cells for good; the cell that had it until now is free again.
    /// - Parameter site: `nil` frees the cell for whoever is next.
    /// - Returns: `nil` if there is no such cell, or the cells can't be drawn: in `pip` and `2+21`, and before the number of
    ///   sites has picked the cells of `auto`.
    package func pinning(_ site: SiteID?, in cell: Int) -> Layout? {
        guard cells.indices.contains(cell) else { return nil }
        var next = cells
        for other in next.indices where site.map({ next[other].role == .site($0) }) ?? false {
            next[other].role = freeRole(of: next[other], in: next)
        }
        next[cell].role = site.map(Role.site) ?? freeRole(of: next[cell], in: next)
        guard let drawing = drawing(of: next) else { return nil }
        return Layout(drawing, columns: columns, rows: rows, cells: next)
    }

    /// The role of a cell that nobody is pinned to: a large one needs a letter of its own.
    private func freeRole(of cell: Cell, in cells: [Cell]) -> Role {
        guard cell.columnSpan > 1 || cell.rowSpan > 1 else { return .next }
        let taken = Set(cells.map(\.role.description))
        let letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".first { !taken.contains(String($0)) }
        return .large(letter ?? "Z")
    }

    /// The words that `parse` reads back to the same cells; `nil` if there are none.
    private func drawing(of cells: [Cell]) -> String? {
        var tokens = [[String?]](repeating: [String?](repeating: nil, count: columns), count: rows)
        for cell in cells {
            guard cell.role != .next || cell.columnSpan == 1 && cell.rowSpan == 1 else { return nil }
            for row in cell.row..<cell.row + cell.rowSpan {
                for column in cell.column..<cell.column + cell.columnSpan {
                    guard tokens[row][column] == nil else { return nil }
                    tokens[row][column] = cell.role.description
                }
            }
        }
        let drawing = tokens.map { row in row.map { $0 ?? "." }.joined(separator: " ") }.joined(separator: " / ")
        let sites = Layout(description, columns: columns, rows: rows, cells: cells).pinnedSites
        let read = try? Layout.parse(drawing, knownSites: sites)
        return read.map { Set($0.cells) == Set(cells) } ?? false ? drawing : nil
    }
}
