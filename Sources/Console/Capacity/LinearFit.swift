/// The straight line with the least squares of distances to some points.
package struct LinearFit: Hashable, Sendable {
    package var slope: Double
    package var offset: Double

    /// `nil` if the points have no two places.
    package init?(_ points: [(x: Double, y: Double)]) {
        let count = Double(points.count)
        let (x, y) = points.reduce((0.0, 0.0)) { ($0.0 + $1.x, $0.1 + $1.y) }
        let squares = points.reduce(0.0) { $0 + $1.x * $1.x } - x * x / max(1, count)
        guard points.count > 1, squares > 0 else { return nil }
        slope = (points.reduce(0.0) { $0 + $1.x * $1.y } - x * y / count) / squares
        offset = (y - slope * x) / count
    }
}
