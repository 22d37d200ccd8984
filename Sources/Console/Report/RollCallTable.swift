import Conference

/// The roll call as a page for a terminal: everybody in the meeting, each level further to the right.
package struct RollCallTable {
    private let rollCall: RollCall

    package init(_ rollCall: RollCall) { self.rollCall = rollCall }

    package var lines: [String] {
        var table = TextTable([("  site", .left), ("name", .left), ("kind", .left), ("state", .left)])
        for row in rollCall.rows {
            let id = row.path.split(separator: "/").last.map(String.init) ?? row.path
            table.add([
                (row.speaking ? "▶ " : "  ") + String(repeating: "  ", count: row.depth) + id,
                TextTable.shortened(row.name, to: 32), row.kind, row.muted ? row.state + ", muted" : row.state,
            ])
        }
        return [headline, ""] + table.lines
    }

    /// Links are no places: only sites are counted.
    private var headline: String {
        let sites = rollCall.rows.filter { $0.kind == "site" }
        let live = sites.lazy.filter { $0.state == "live" }.count
        return "\(live) of \(sites.count) sites live"
            + (rollCall.omitted > 0 ? ", \(rollCall.omitted) more below that are not named" : "")
    }
}
