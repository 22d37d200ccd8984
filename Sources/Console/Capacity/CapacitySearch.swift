/// Finds the most sites that a machine holds: steps up until something is late, then halves what lies between.
package struct CapacitySearch: Hashable, Sendable {
    /// The most that was held, and the fewest that was not.
    package private(set) var held = 0
    package private(set) var tooMany: Int?
    private let most: Int

    /// The first step.
    package static let fewest = 4

    /// - Parameter most: no more are tried.
    package init(most: Int) { self.most = max(1, most) }

    /// How many to try; `nil`: it is found.
    package var next: Int? {
        guard let tooMany else { return held >= most ? nil : min(most, held == 0 ? Self.fewest : held * 2) }
        // A figure to a twentieth: two runs differ by as much.
        guard tooMany - held > max(1, held / 20) else { return nil }
        return (held + tooMany) / 2
    }

    package mutating func note(_ sites: Int, isHeld: Bool) {
        if isHeld { held = max(held, sites) } else { tooMany = min(tooMany ?? sites, sites) }
    }
}
