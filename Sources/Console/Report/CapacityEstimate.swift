import Bridge
import Conference

/// Whether a plan fits a machine, by what codecs cost on the kind we measured; and if not, what will give way.
package struct CapacityEstimate: Hashable, Sendable {
    /// Cores that the plan takes, and that there are.
    package let needed: Double
    package let cores: Int
    /// What gives way until the rest fits; `nil`: all of it is not enough.
    package let concession: Concession?

    /// Of the codecs' own cost: what the bridge adds (Benchmarks/upgrade).
    private static let overhead = 1.2
    /// Of the cores: above this something is late now and then.
    private static let usable = 0.85

    package init(of plan: ConferencePlan, cores: Int) {
        self.cores = cores
        func need(_ concession: Concession) -> Double {
            CPUFloor(of: plan, conceding: concession).cores * Self.overhead
        }
        needed = need(.none)
        concession = Concession.allCases.first { need($0) <= Self.usable * Double(cores) }
    }

    /// For the operator; `nil`: it fits.
    package var warning: String? {
        guard concession != Concession.none else { return nil }
        let need =
            "this conference takes about \(DecimalText.of(needed, digits: 1)) cores, this machine has \(cores)"
        guard let concession else {
            return need + ": it doesn't fit, whatever gives way; expected fewer sites, or smaller pictures"
        }
        let words = Concession.allCases.filter { $0 > .none && $0 <= concession }.map(\.word)
        return need + ": under load these give way: " + words.joined(separator: ", ")
    }
}
