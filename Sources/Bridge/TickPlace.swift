import Media

/// Chooses the site that a program's tick follows, so that what is seen waits as little as may be. A tick just behind one site's
/// pictures spares those all waiting, and lets another's wait by as much as they come after it, up to a period. Each site
/// counts by what its cell takes of the canvas: in a grid all count alike, and whoever fills most of a canvas is followed.
package struct TickPlace {
    /// A site in a cell.
    package struct Cell {
        /// In luma samples.
        var area: Int
        /// As `PictureSampler` has them.
        var spare: Interval?
        var step: Interval

        package init(area: Int, spare: Interval?, step: Interval) {
            self.area = area
            self.spare = spare
            self.step = step
        }
    }

    private var lookedAt: Instant?
    private var rest = shortestRest

    /// A tick that is moved may cost others a picture repeated or left out: it is moved for no less than this, as the mean of
    /// all cells, nor again before so long; that grows while a view is new and its sites not yet known well.
    private static let leastGain = 4e6
    private static let shortestRest = Interval.milliseconds(500)
    private static let longestRest = Interval.seconds(5)
    /// A tick that stands so little ahead of a cell's place will do for it too.
    private static let tolerance = 0.5e6

    package init() {}

    /// - Parameter current: whom it follows; `nil` after that one has gone.
    /// - Returns: the index of the cell whose site it follows from now on; `nil`: nobody's.
    package mutating func choose(among cells: [Cell], current: Int?, at now: Instant) -> Int? {
        let current = current.flatMap { cells[$0].spare == nil ? nil : $0 }
        if current != nil, let lookedAt {
            guard now - lookedAt >= rest else { return current }
            rest = min(rest * 2, Self.longestRest)
        }
        lookedAt = now
        var best: (index: Int, wait: Double)?
        for (index, cell) in cells.enumerated() {
            guard let spare = cell.spare else { continue }
            let wait = Self.meanWait(of: cells, moved: .zero - spare)
            if wait < best?.wait ?? .infinity { best = (index, wait) }
        }
        guard let best, best.index != current else { return current }
        if let current, let spare = cells[current].spare,
            Self.meanWait(of: cells, moved: .zero - spare) - best.wait < Self.leastGain
        {
            return current
        }
        return best.index
    }

    /// How long the pictures in all cells wait beyond what they must, in nanoseconds, if the tick is moved.
    private static func meanWait(of cells: [Cell], moved: Interval) -> Double {
        var (sum, area) = (0.0, 0.0)
        for cell in cells {
            guard let spare = cell.spare else { continue }
            let step = Double(cell.step.nanoseconds)
            let wait = Double((spare + moved).nanoseconds) + Self.tolerance
            sum += Double(cell.area) * (wait - step * (wait / step).rounded(.down) - Self.tolerance)
            area += Double(cell.area)
        }
        return area > 0 ? sum / area : 0
    }
}
