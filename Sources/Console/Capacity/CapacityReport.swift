import Foundation

/// What `mcu-server capacity` found of a machine: kept as a JSON file, which `check` and `run` read.
package struct CapacityReport: Hashable, Codable, Sendable {
    package struct Finding: Hashable, Codable, Sendable {
        package var scenario: CapacityScenario
        /// The most sites that were held; 0: none.
        package var sites: Int
        /// Why one step more was too many; `nil`: no more were tried.
        package var limit: String?
        /// All that was measured, by sites.
        package var steps: [CapacityStep]

        package init(scenario: CapacityScenario, sites: Int, limit: String?, steps: [CapacityStep]) {
            self.scenario = scenario
            self.sites = sites
            self.limit = limit
            self.steps = steps.sorted { $0.sites < $1.sites }
        }

        /// The steps that were held.
        package var heldSteps: [CapacityStep] { steps.filter { $0.sites <= sites } }
    }

    /// The processor's name.
    package var machine: String
    package var cores: Int
    package var date: String
    package var findings: [Finding]

    package init(machine: String, cores: Int, date: String, findings: [Finding] = []) {
        self.machine = machine
        self.cores = cores
        self.date = date
        self.findings = findings
    }

    /// Why there is none in a file.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// What a file says; `nil` for no file.
    package static func read(_ path: String?) throws(Failure) -> CapacityReport? {
        guard let path else { return nil }
        do {
            return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw Failure(description: "--capacity \(path): expected a file that \"mcu-server capacity\" wrote")
        }
    }

    /// For the terminal.
    package var lines: [String] {
        var table = TextTable([
            ("conference", .left), ("sites", .right), ("cores", .right), ("a site", .right), ("MB", .right),
            ("delay ms", .right), ("95 %", .right), ("one more step", .left),
        ])
        for finding in findings {
            guard let best = finding.heldSteps.last else {
                table.add([finding.scenario.name, "0", "", "", "", "", "", finding.limit ?? ""])
                continue
            }
            table.add([
                finding.scenario.name, "\(best.sites)", DecimalText.of(best.cores, digits: 2),
                LinearFit(finding.heldSteps.map { (Double($0.sites), $0.cores) })
                    .map { DecimalText.of($0.slope, digits: 3) } ?? "-",
                "\(best.memory >> 20)", best.delayMedian.map { DecimalText.of($0, digits: 0) } ?? "-",
                best.delay95.map { DecimalText.of($0, digits: 0) } ?? "-", finding.limit ?? "not tried",
            ])
        }
        return ["\(machine), \(cores) cores, \(date)"] + table.lines
    }
}
