/// A table as comma-separated values (RFC 4180): UTF-8 with a byte order mark, without which Excel takes Vietnamese for
/// something else.
package struct CSVText {
    package enum Cell: Hashable, Sendable {
        case text(String)
        /// Written with a point and `digits` places at most; what is no number stays empty.
        case number(Double?, digits: Int)
        case empty
    }

    private var lines: [String]

    package init(_ titles: [String]) { lines = [Self.line(titles.map(Cell.text))] }

    package mutating func add(_ cells: [Cell]) { lines.append(Self.line(cells)) }

    /// The whole file.
    package var text: String { "\u{FEFF}" + lines.map { $0 + "\r\n" }.joined() }

    private static func line(_ cells: [Cell]) -> String { cells.map(text).joined(separator: ",") }

    private static func text(_ cell: Cell) -> String {
        switch cell {
        case .text(let text): quoted(harmless(text))
        case .number(let value?, let digits) where value.isFinite && abs(value) < 1e12:
            DecimalText.of(value, digits: digits)
        case .number, .empty: ""
        }
    }

    private static func quoted(_ text: String) -> String {
        // By scalars: "\r\n" is one character.
        guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Names come from other bridges too: what a spreadsheet would take for a formula becomes text.
    private static func harmless(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) else { return text }
        return "'" + text
    }
}
