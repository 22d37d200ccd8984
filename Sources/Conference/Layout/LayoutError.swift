/// Why a text is no layout. Rows and columns count from 1, as people do.
package enum LayoutError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no token in the text.
    case empty
    /// Neither a name nor a token of a drawing; `near` are the words most like it.
    case unknownLayout(String, near: [String])
    /// A token that is no role word, no capital letter and no site's id.
    case unknownToken(String, row: Int, column: Int, near: [String])
    /// A row without any token.
    case emptyRow(Int)
    /// A row that is not as long as the first one.
    case unevenRow(Int, columns: Int, expected: Int)
    /// The cells of `token` make no rectangle: at this place, inside its bounds, stands `found`.
    case notRectangular(token: String, row: Int, column: Int, found: String)
    /// More than `Layout.maximumSide` rows or columns.
    case tooLarge(rows: Int, columns: Int)

    package var description: String {
        switch self {
        case .empty:
            "the layout is empty: expected a name such as 1+5 or a drawing such as \"A A * / A A *\""
        case .unknownLayout(let text, let near):
            "unknown layout \"\(text)\": expected a name (\(near.joined(separator: ", ")), …), a site's id or a drawing"
        case .unknownToken(let token, let row, let column, let near):
            "row \(row), column \(column): \"\(token)\": expected *, ., a capital letter, speaker, previous, slides, "
                + "uplink or a site's id" + (near.isEmpty ? "" : " (near: \(near.joined(separator: ", ")))")
        case .emptyRow(let row):
            "row \(row) is empty: expected a token per column"
        case .unevenRow(let row, let columns, let expected):
            "row \(row) has \(columns) columns: expected \(expected), as in row 1"
        case .notRectangular(let token, let row, let column, let found):
            "row \(row), column \(column): \"\(found)\": expected \"\(token)\", whose cells must make one rectangle"
        case .tooLarge(let rows, let columns):
            "a drawing of \(rows)x\(columns): expected at most \(Layout.maximumSide) rows and \(Layout.maximumSide) columns"
        }
    }
}
