import Media

/// The geometry of a view: cells on a grid, and what each of them is for. A layout knows no pictures: `ViewResolver`
/// says which site fills which cell.
package struct Layout: Hashable, Sendable, CustomStringConvertible {
    /// What a cell is for.
    package enum Role: Hashable, Sendable {
        /// `*`: the next site in the operator's order.
        case next
        /// `A` to `Z`: a large automatic cell; who spoke last goes there first, `A` before `B`.
        case large(Character)
        /// Who speaks.
        case speaker
        /// Who spoke before.
        case previous
        /// The site whose picture is the slides.
        case slides
        /// The conference above ours.
        case uplink
        /// This site and no other.
        case site(SiteID)
        /// `.`: nothing.
        case blank
    }

    /// One rectangle of a layout, in grid units from the top left.
    package struct Cell: Hashable, Sendable {
        package var column: Int
        package var row: Int
        package var columnSpan: Int
        package var rowSpan: Int
        package var role: Role

        package init(column: Int, row: Int, columnSpan: Int = 1, rowSpan: Int = 1, role: Role) {
            self.column = column
            self.row = row
            self.columnSpan = columnSpan
            self.rowSpan = rowSpan
            self.role = role
        }
    }

    /// What a layout does beyond filling its cells by their roles.
    package enum Behaviour: Hashable, Sendable {
        case drawn
        /// The number of sites picks the geometry: there are no cells before `resolved(forSites:)`.
        case automatic
        /// The lecturer full screen to all; the lecturer sees the others in turn.
        case lecture
        /// Slides large; while there are none, who speaks is large in their place.
        case presenter
    }

    /// The most columns, and the most rows, of a layout.
    package static let maximumSide = 24

    /// The name, or the drawing with single spaces: `Layout.parse` reads it back.
    package let description: String
    package let behaviour: Behaviour
    /// Grid units across.
    package let columns: Int
    /// Grid units down.
    package let rows: Int
    /// In paint order, and for cells that are alike in the order they are filled.
    package let cells: [Cell]

    init(_ description: String, behaviour: Behaviour = .drawn, columns: Int, rows: Int, cells: [Cell]) {
        self.description = description
        self.behaviour = behaviour
        self.columns = columns
        self.rows = rows
        self.cells = cells
    }

    /// The same cells under another name.
    func named(_ name: String, behaviour: Behaviour = .drawn) -> Layout {
        Layout(name, behaviour: behaviour, columns: columns, rows: rows, cells: cells)
    }

    /// The sites that the layout pins.
    package var pinnedSites: Set<SiteID> {
        var sites: Set<SiteID> = []
        for cell in cells {
            if case .site(let id) = cell.role { sites.insert(id) }
        }
        return sites
    }

    /// The cells on a canvas, in luma samples, in the order of `cells`. Every edge is even, as 4:2:0 wants it; cells
    /// that touch on the grid touch on the canvas, and none is wider than its like by more than two samples. An odd
    /// line of the canvas is left over.
    package func rectangles(on size: Size) -> [Rectangle] {
        cells.map { cell in
            let left = Self.edge(cell.column, of: columns, on: size.width)
            let right = Self.edge(cell.column + cell.columnSpan, of: columns, on: size.width)
            let top = Self.edge(cell.row, of: rows, on: size.height)
            let bottom = Self.edge(cell.row + cell.rowSpan, of: rows, on: size.height)
            return Rectangle(x: left, y: top, width: right - left, height: bottom - top)
        }
    }

    /// The grid line `index` of `count` units over `length` samples, rounded to the nearest even sample.
    private static func edge(_ index: Int, of count: Int, on length: Int) -> Int {
        2 * ((index * (length / 2) + count / 2) / count)
    }
}

extension Layout.Role: CustomStringConvertible {
    /// The role's word in a drawing.
    package var description: String {
        switch self {
        case .next: "*"
        case .large(let letter): String(letter)
        case .speaker: "speaker"
        case .previous: "previous"
        case .slides: "slides"
        case .uplink: "uplink"
        case .site(let id): id.rawValue
        case .blank: "."
        }
    }
}
