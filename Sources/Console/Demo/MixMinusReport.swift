/// Who heard whom: each site's tone at every other site, where it must be, and at its own, where it must not.
package struct MixMinusReport: Hashable, Sendable {
    package enum Mark: String, Hashable, Sendable {
        /// Another site, heard whenever it spoke.
        case heard = "✓"
        /// The site itself, never heard.
        case absent = "–"
        /// Another site not heard, or the site itself heard.
        case wrong = "✗"
        /// It had no whole turn while this listener listened.
        case unknown = "·"
    }

    /// One speaker at one listener.
    package struct Cell: Hashable, Sendable {
        package var mark: Mark
        /// In dB, a full-scale sine being 0: the faintest turn of another site, the loudest of its own tone.
        package var level: Double?
        /// What is wrong, as the end of a sentence; `nil`: nothing.
        package var fault: String?
    }

    /// A voice softer than that is not heard, in dB.
    package static let audible = -50.0

    package let sites: [DemoSite]
    /// By speaker, then by listener, both in the order of the sites.
    package let cells: [[Cell]]

    /// - Parameter logs: of every site, in the order of `sites`.
    package init(sites: [DemoSite], logs: [HearingLog]) {
        precondition(sites.count == logs.count)
        let outcomes = sites.indices.map { speaker in logs.map { $0.outcome(of: speaker) } }
        self.sites = sites
        cells = sites.indices.map { speaker in
            let wasHeardByAny = sites.indices.contains { $0 != speaker && outcomes[speaker][$0].present > 0 }
            return sites.indices.map { listener in
                let (outcome, log) = (outcomes[speaker][listener], logs[listener])
                return speaker == listener
                    ? Self.own(outcome, log, sites[speaker])
                    : Self.other(outcome, isDeaf: wasHeardByAny && log.turns.isEmpty)
            }
        }
    }

    private static func own(_ outcome: HearingLog.Outcome, _ log: HearingLog, _ site: DemoSite) -> Cell {
        if outcome.present > 0 {
            let level = outcome.loudest.map { DecimalText.of($0, digits: 1) } ?? "?"
            return Cell(mark: .wrong, level: outcome.loudest, fault: "it hears itself at \(level) dB")
        }
        let isKnown = outcome.passed > 0 || outcome.isRoundComplete
        return Cell(mark: isKnown ? .absent : .unknown, level: isKnown ? log.ownLevel : nil)
    }

    private static func other(_ outcome: HearingLog.Outcome, isDeaf: Bool) -> Cell {
        if let faintest = outcome.faintest, faintest < audible {
            return Cell(
                mark: .wrong, level: faintest, fault: "it is heard at \(DecimalText.of(faintest, digits: 1)) dB only")
        }
        if outcome.passed > 0 {
            let turns = outcome.present + outcome.passed
            return Cell(
                mark: .wrong, level: outcome.faintest,
                fault: "it is not heard in \(outcome.passed) of \(turns) turn\(turns == 1 ? "" : "s")")
        }
        if outcome.present > 0 { return Cell(mark: .heard, level: outcome.faintest) }
        if isDeaf || outcome.isRoundComplete { return Cell(mark: .wrong, fault: "it is never heard") }
        return Cell(mark: .unknown)
    }

    package func count(of mark: Mark) -> Int { cells.joined().lazy.filter { $0.mark == mark }.count }
    package var isRight: Bool { count(of: .wrong) == 0 }

    /// Those with a turn that somebody could not measure.
    package var missing: [DemoSite] {
        zip(sites, cells).filter { $0.1.contains { $0.mark == .unknown } }.map(\.0)
    }

    package var lines: [String] {
        ["Mix-minus: each site speaks 3 s in its turn; everybody must hear it but itself.", ""] + matrix + [""]
            + ["✓ heard   – its own voice, absent as it must be   ✗ wrong   · no whole turn to judge by"]
            + figures + faults + ["", verdict]
    }

    private var matrix: [String] {
        var table = TextTable([("", .right), ("who speaks", .left)] + sites.indices.map { ("\($0 + 1)", .right) })
        for (index, site) in sites.enumerated() {
            table.add(
                ["\(index + 1)", TextTable.shortened(site.name, to: 30)] + cells[index].map(\.mark.rawValue))
        }
        let lines = table.lines
        return [String(repeating: " ", count: TextTable.width(lines[0]) - "who listens".count) + "who listens"] + lines
    }

    private var figures: [String] {
        var lines: [String] = []
        if let worst = extreme(of: .heard, by: <) {
            lines.append(
                "faintest voice: \(sites[worst.speaker].name) at \(sites[worst.listener].name), "
                    + "\(DecimalText.of(worst.level, digits: 1)) dB")
        }
        if let worst = extreme(of: .absent, by: >) {
            let level =
                worst.level <= ToneWindow.silence ? "nothing at all" : "\(DecimalText.of(worst.level, digits: 1)) dB"
            lines.append("most of its own voice: \(sites[worst.listener].name), \(level)")
        }
        return lines
    }

    private func extreme(
        of mark: Mark, by precedes: (Double, Double) -> Bool
    ) -> (speaker: Int, listener: Int, level: Double)? {
        var worst: (speaker: Int, listener: Int, level: Double)?
        for (speaker, row) in cells.enumerated() {
            for (listener, cell) in row.enumerated() where cell.mark == mark {
                guard let level = cell.level, worst.map({ precedes(level, $0.level) }) ?? true else { continue }
                worst = (speaker, listener, level)
            }
        }
        return worst
    }

    private var faults: [String] {
        sites.indices.flatMap { speaker in
            sites.indices.compactMap { listener in
                cells[speaker][listener].fault.map {
                    speaker == listener
                        ? "✗ \(sites[speaker].name): \($0)"
                        : "✗ \(sites[speaker].name) at \(sites[listener].name): \($0)"
                }
            }
        }
    }

    /// One sentence that says it all.
    package var verdict: String {
        let (heard, absent, wrong) = (count(of: .heard), count(of: .absent), count(of: .wrong))
        if wrong > 0 {
            return "The mix is WRONG: \(wrong) of \(sites.count * sites.count) places above have a ✗."
        }
        let count = sites.count
        if missing.isEmpty {
            return
                "The mix is right: each of the \(count) sites was heard at the \(count - 1) others and not at its own."
        }
        if heard + absent == 0 { return "Nobody had a turn yet: a full round takes \(round) s." }
        let who = missing.count > 4 ? "\(missing.count) sites" : missing.map(\.name).joined(separator: ", ")
        return "The mix is right so far; not all was measured of: \(who). A full round takes \(round) s."
    }

    /// A turn each, and one more to see the first go by again.
    private var round: String { DecimalText.of(Double(sites.count + 1) * Province.turn, digits: 0) }

    /// All figures for a spreadsheet: speaker, listener, mark and level between tabs.
    package var table: String {
        var text = "# speaker\tlistener\tmark\tlevel (dB; a full-scale sine is 0)\n"
        for (speaker, row) in zip(sites, cells) {
            for (listener, cell) in zip(sites, row) {
                let level = cell.level.map { DecimalText.of($0, digits: 1) } ?? ""
                text += "\(speaker.id)\t\(listener.id)\t\(cell.mark)\t\(level)\n"
            }
        }
        return text
    }
}
