import Media

/// What was announced on one line, and when it is time again: at once when something has changed, though not more often
/// than each 100 ms, and each 500 ms.
struct AnnouncementSchedule: Sendable {
    static let period = Interval.milliseconds(500)
    static let shortestGap = Interval.milliseconds(100)

    /// What was sent last.
    private(set) var announcement: LinkAnnouncement?
    private(set) var bytes: [UInt8] = []
    /// When it is time again.
    private(set) var timing = Timing()

    /// No references in it: it is looked at for every site, many times a second.
    struct Timing: Sendable, BitwiseCopyable {
        fileprivate var sentAt: Instant?
        /// The news that was looked at last.
        fileprivate var seen = -1
        /// A change that can wait waits until then.
        fileprivate var postponedUntil: Instant?

        /// When to look again, with so much news.
        func deadline(_ news: Int) -> Instant {
            guard let sentAt else { return .zero }
            if seen != news { return sentAt + AnnouncementSchedule.shortestGap }
            return min(postponedUntil ?? .distantFuture, sentAt + AnnouncementSchedule.period)
        }

        /// Whether what is to be said must be made anew at the deadline.
        func isStale(_ news: Int) -> Bool { seen != news || postponedUntil != nil }
    }

    /// Takes what is to be said by now.
    /// - Returns: whether it is to be sent now.
    mutating func take(_ next: LinkAnnouncement, _ news: Int, at now: Instant) -> Bool {
        timing.seen = news
        timing.postponedUntil = nil
        guard let announcement, let sentAt = timing.sentAt else { return send(next, at: now) }
        guard next != announcement else { return isDue(at: now) }
        // Who speaks changes all the time: the larger the roster, the longer it waits. No line carries more than
        // 270 kbit/s for it.
        let gap = Self.period * bytes.count / LinkAnnouncement.maximumSize
        if next.path == announcement.path, next.shown == announcement.shown, now - sentAt < gap {
            timing.postponedUntil = sentAt + gap
            return false
        }
        return send(next, at: now)
    }

    /// - Returns: whether the same is to be sent again.
    mutating func isDue(at now: Instant) -> Bool {
        if let sentAt = timing.sentAt, now - sentAt < Self.period { return false }
        timing.sentAt = now
        return true
    }

    private mutating func send(_ next: LinkAnnouncement, at now: Instant) -> Bool {
        announcement = next
        bytes = next.encoded()
        timing.sentAt = now
        return true
    }
}

/// The look at all sites for announcements that are due.
struct AnnouncementRound: Sendable {
    struct Progress: Sendable {
        /// The news when it began.
        var news: Int
        /// The place of the site that is next.
        var next = 0
        /// The earliest of those that were looked at.
        var deadline = Instant.distantFuture
    }

    /// When the next one begins, as far as there is no news.
    private(set) var deadline = Instant.zero
    /// The news of the last.
    private(set) var news = -1
    /// `nil`: none is under way.
    var round: Progress?

    mutating func end() {
        guard let round else { return }
        deadline = round.deadline
        news = round.news
        self.round = nil
    }
}

/// An announcement on its way: bytes for the peer at the other end of a site's line.
package struct OutgoingAnnouncement: Hashable, Sendable {
    /// The place of the site in `Conference.sites`.
    package let index: Int
    package let bytes: [UInt8]
}
