import Bridge
import Conference

/// Whether a plan fits a machine, by what `mcu-server capacity` measured of it or else by what codecs cost on a usual one; and
/// if it doesn't, what will give way.
package struct CapacityEstimate: Hashable, Sendable {
    /// Cores that the plan takes, and that there are.
    package let needed: Double
    package let cores: Int
    /// What gives way until the rest fits; `nil`: all of it is not enough.
    package let concession: Concession?
    /// Whether the machine was measured.
    package let isMeasured: Bool

    /// Of the codecs' own cost: what the bridge adds (Benchmarks/upgrade).
    private static let overhead = 1.2
    /// Of the cores: above this something is late now and then.
    private static let usable = 0.85

    package init(of plan: ConferencePlan, cores: Int, measured report: CapacityReport? = nil) {
        let measured = report.flatMap { MeasuredCosts($0, preset: plan.preset) }
        let costs = measured?.costs ?? .usual
        let (overhead, usable) = measured.map { (1, $0.usable) } ?? (Self.overhead, Self.usable * Double(cores))
        func need(_ concession: Concession) -> Double {
            CPUFloor(of: plan, costs: costs, conceding: concession).cores * overhead
        }
        self.cores = cores
        isMeasured = measured != nil
        needed = need(.none)
        concession = Concession.allCases.first { need($0) <= usable }
    }

    /// For the operator; `nil`: it fits.
    package var warning: String? {
        guard concession != Concession.none else { return nil }
        let need =
            "this conference takes about \(DecimalText.of(needed, digits: 1)) cores, this machine has \(cores)"
            + (isMeasured ? "" : " (estimated: \"mcu-server capacity\" measures it)")
        guard let concession else {
            return need + ": it doesn't fit, whatever gives way; expected fewer sites, or smaller pictures"
        }
        let words = Concession.allCases.filter { $0 > .none && $0 <= concession }.map(\.word)
        return need + ": under load these give way: " + words.joined(separator: ", ")
    }
}

/// What a picture costs on the machine of a capacity report, all of the bridge's own work included.
private struct MeasuredCosts {
    let costs: CodecCosts
    /// The most cores that were taken with nothing late.
    let usable: Double

    /// - Parameter preset: of the plan; its scenario counts if it was measured, else superfast's.
    /// - Returns: `nil` if the report has no shared conference of 720p with two steps that were held.
    init?(_ report: CapacityReport, preset: String?) {
        func fit(_ views: CapacityScenario.Views, _ preset: String) -> LinearFit? {
            let finding = report.findings.first { $0.scenario == .init(picture: .hd, views: views, preset: preset) }
            return finding.flatMap { LinearFit($0.heldSteps.map { (Double($0.sites), $0.cores) }) }
        }
        guard let preset = [preset, "superfast"].lazy.compactMap({ $0 }).first(where: { fit(.shared, $0) != nil }),
            let shared = fit(.shared, preset)
        else { return nil }
        // Where each site has an encode of its own, a site's share is a decode and an encode.
        let encode = fit(.personal, preset).map { $0.slope - shared.slope } ?? shared.offset
        costs = CodecCosts(
            decode: shared.slope * 1000 / 30, encode: max(0, encode) * 1000 / 30, soundDecode: 0, soundEncode: 0)
        usable = report.findings.flatMap(\.heldSteps).map(\.cores).max() ?? 0
    }
}
