import Media

/// What was announced on one line, and when it is time again: at once when something has changed, though not more often
/// than each 100 ms, and each 500 ms.
struct AnnouncementSchedule: Sendable {
    static let period = Interval.milliseconds(500)
    static let shortestGap = Interval.milliseconds(100)

    /// What was sent last.
    private(set) var announcement: LinkAnnouncement?
    private(set) var bytes: [UInt8] = []
    private var sentAt: Instant?
    /// The news that was looked at last.
    private var seen = -1
    /// A change that can wait waits until then.
    private var postponedUntil: Instant?

    /// When to look again, with so much news.
    func deadline(_ news: Int) -> Instant {
        guard let sentAt else { return .zero }
        if seen != news { return sentAt + Self.shortestGap }
        return min(postponedUntil ?? .distantFuture, sentAt + Self.period)
    }

    /// Whether what is to be said must be made anew at the deadline.
    func isStale(_ news: Int) -> Bool { seen != news || postponedUntil != nil }

    /// Takes what is to be said by now.
    /// - Returns: whether it is to be sent now.
    mutating func take(_ next: LinkAnnouncement, _ news: Int, at now: Instant) -> Bool {
        seen = news
        postponedUntil = nil
        guard let announcement, let sentAt else { return send(next, at: now) }
        guard next != announcement else { return isDue(at: now) }
        // Who speaks changes all the time: the larger the roster, the longer it waits. No line carries more than
        // 270 kbit/s for it.
        let gap = Self.period * bytes.count / LinkAnnouncement.maximumSize
        if next.path == announcement.path, next.shown == announcement.shown, now - sentAt < gap {
            postponedUntil = sentAt + gap
            return false
        }
        return send(next, at: now)
    }

    /// - Returns: whether the same is to be sent again.
    mutating func isDue(at now: Instant) -> Bool {
        if let sentAt, now - sentAt < Self.period { return false }
        sentAt = now
        return true
    }

    private mutating func send(_ next: LinkAnnouncement, at now: Instant) -> Bool {
        announcement = next
        bytes = next.encoded()
        sentAt = now
        return true
    }
}

/// An announcement on its way: bytes for the peer at the other end of a site's line.
package struct OutgoingAnnouncement: Hashable, Sendable {
    /// The place of the site in `Conference.sites`.
    package let index: Int
    package let bytes: [UInt8]
}
