/// One of the demo's sites: what `media/sites.tsv` says of it.
package struct DemoSite: Hashable, Sendable {
    package var id: String
    package var name: String
    /// Of its voice, in Hz. No two sites have the same.
    package var tone: Double

    package init(id: String, name: String, tone: Double) {
        self.id = id
        self.name = name
        self.tone = tone
    }
}

/// The demo's sites in the order in which they speak; the first is the conference above ours.
package struct Province: Hashable, Sendable {
    /// A table that can't be read: the line at fault, from 1, and what was expected.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// How long each site speaks, in seconds. The sender's media is made so.
    package static let turn = 3.0

    package let sites: [DemoSite]

    /// The conference above ours.
    package var uplink: DemoSite { sites[0] }
    /// The sites of the room.
    package var room: ArraySlice<DemoSite> { sites.dropFirst() }
    /// How long it takes until each site has spoken, in seconds.
    package var round: Double { Self.turn * Double(sites.count) }

    /// Reads a table: a line a site, with id, name, colour and tone (Hz) between tabs; `#` starts a remark.
    package init(table: String) throws(Fault) {
        var sites: [DemoSite] = []
        for (index, line) in table.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count == 4, !columns[0].isEmpty, let tone = Double(columns[3]), tone > 0, tone < 20_000 else {
                throw Fault(description: "line \(index + 1): expected id, name, colour and tone (Hz) between tabs")
            }
            guard !sites.contains(where: { $0.id == columns[0] || $0.tone == tone }) else {
                throw Fault(description: "line \(index + 1): expected an id and a tone of its own")
            }
            sites.append(DemoSite(id: columns[0], name: columns[1], tone: tone))
        }
        guard (2...ToneMeter.mostTones).contains(sites.count) else {
            throw Fault(description: "\(sites.count) sites: expected 2 to \(ToneMeter.mostTones)")
        }
        self.sites = sites
    }
}
