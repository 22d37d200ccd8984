import Foundation
import Media

/// How often something has happened of late: each time counts one, and a third of that ten seconds after.
struct Occurrences {
    private var counted = 0.0
    private var at = Instant.zero
    /// When the newest began.
    private var newest: Instant?

    private static let memory = 10.0
    /// What happens so soon after another belongs to it.
    private static let row = Interval.milliseconds(200)

    /// It happens at `now`.
    mutating func note(at now: Instant) {
        if let newest, now - newest < Self.row { return }
        newest = now
        counted = count(at: now) + 1
        at = now
    }

    func count(at now: Instant) -> Double { counted * exp(-(now - at).seconds / Self.memory) }
}
