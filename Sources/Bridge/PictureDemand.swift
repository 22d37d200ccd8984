import Media
import Synchronization

/// How large a site's picture is shown: told by every program when its views change, read by the site's camera path. And whether
/// somebody looks at it besides, or is about to.
final class PictureDemand: Sendable {
    // Guarded: held for a copy.
    private let areas = Mutex<[ProgramID: Int]>([:])

    // In nanoseconds.
    private let lookedAt = Atomic<Int64>(0)

    /// Somebody looks at the picture itself, such as an operator's page, or will soon, since who speaks is shown.
    func look(at now: Instant) { lookedAt.store(now.nanoseconds, ordering: .relaxed) }

    /// Whether it is shown, or was looked at just now.
    func isWanted(at now: Instant) -> Bool {
        largestArea > 0 || now - Instant(nanoseconds: lookedAt.load(ordering: .relaxed)) < Self.attention
    }

    /// Thumbnails and line checks look once a second.
    private static let attention = Interval.seconds(3)

    /// Tells the luma samples of the largest cell that shows the site in a program; 0: it isn't shown there.
    func show(_ area: Int, in program: ProgramID) { areas.withLock { $0[program] = area } }

    /// The luma samples of the largest cell anywhere.
    var largestArea: Int { areas.withLock { $0.values.max() ?? 0 } }
}

/// What a site is asked to send at most: enough for its largest cell, so that it is not decoded at a rate that nobody sees.
/// Raised at once when the cell grows, lowered only after it has been small for a while, so that a change of layouts is not
/// followed by a change of mind.
package struct RateRequest: Sendable {
    private var granted: Bitrate?
    private var lowerSince: Instant?

    /// How long a cell must have been smaller.
    private static let patience = Interval.seconds(5)
    /// Never asked below this: a picture that may be large in a moment.
    private static let least = Bitrate(bitsPerSecond: 256_000)
    /// At this many luma samples of a cell …
    private static let referenceArea = 1280.0 * 720
    /// … this is plenty at 30 pictures a second, whatever is in the picture.
    private static let referenceRate = 4_000_000.0

    package init() {}

    /// What to ask of the site now.
    /// - Parameter area: luma samples of its largest cell; 0: it isn't shown.
    package mutating func update(area: Int, at now: Instant) -> Bitrate {
        let wanted = Self.need(area)
        guard let granted, wanted < granted else {
            granted = wanted
            lowerSince = nil
            return wanted
        }
        let since = lowerSince ?? now
        lowerSince = since
        guard now - since >= Self.patience else { return granted }
        self.granted = wanted
        lowerSince = nil
        return wanted
    }

    /// Smaller cells want more bits a sample: the rate grows with the area to the power of 3/4.
    private static func need(_ area: Int) -> Bitrate {
        let share = Double(max(area, 0)) / referenceArea
        let rate = Int(referenceRate * share.squareRoot() * share.squareRoot().squareRoot())
        // Steps of 64 kbit/s: a request is not sent anew for every pixel.
        return max(least, Bitrate(bitsPerSecond: (rate + 63_999) / 64_000 * 64_000))
    }
}
