/// How much an alarm matters; the worst is the largest.
package enum AlarmSeverity: String, Codable, Comparable, CaseIterable, Sendable {
    case normal, warning, critical

    init(_ grade: Grade) {
        switch grade {
        case .good: self = .normal
        case .warning: self = .warning
        case .bad: self = .critical
        }
    }

    private var rank: Int { self == .normal ? 0 : self == .warning ? 1 : 2 }
    package static func < (a: AlarmSeverity, b: AlarmSeverity) -> Bool { a.rank < b.rank }
}

/// What an alarm is about: of a site, or of the bridge itself.
package enum AlarmKind: String, Codable, Hashable, CaseIterable, Sendable {
    case lineDown = "line-down"
    case loop, loss, jitter
    case noPicture = "no-picture"
    case frozenPicture = "frozen-picture"
    case noSound = "no-sound"
    case lipSync = "lip-sync"
    /// The bridge's own from here on.
    case lateTicks = "late-ticks"
    case load
    /// Pictures give way, since the machine can't do everything in time.
    case overload
    /// Packets that the bridge's own sockets had no room for.
    case overflow
    case disk
}

/// An alarm that stands.
package struct Alarm: Codable, Hashable, Sendable {
    /// The same for as long as it stands, and when it comes again: `loss/gia-binh`, of the bridge itself `disk`.
    package var id: String
    package var kind: AlarmKind
    /// `nil`: the bridge itself.
    package var site: String?
    package var severity: AlarmSeverity
    /// When what it is about began, in seconds since the bridge's start.
    package var sinceSeconds: Double
    /// Such as `Gia Bình: mất gói 6 %`.
    package var words: Words

    package init(
        kind: AlarmKind, site: String?, severity: AlarmSeverity, sinceSeconds: Double, words: Words
    ) {
        id = Self.id(kind, site)
        self.kind = kind
        self.site = site
        self.severity = severity
        self.sinceSeconds = sinceSeconds
        self.words = words
    }

    static func id(_ kind: AlarmKind, _ site: String?) -> String { kind.rawValue + (site.map { "/\($0)" } ?? "") }

    private enum CodingKeys: String, CodingKey {
        case id, kind, site, severity, words
        case sinceSeconds = "since_seconds"
    }
}

/// What happened to an alarm.
package struct AlarmChange: Codable, Hashable, Sendable {
    package enum Event: String, Codable, Hashable, Sendable {
        case raised
        /// It became worse or better, and stands.
        case changed
        case cleared
    }

    package var event: Event
    /// As it stands now; cleared: as it last stood.
    package var alarm: Alarm
    /// Seconds since the bridge's start.
    package var atSeconds: Double

    package init(_ event: Event, _ alarm: Alarm, atSeconds: Double) {
        self.event = event
        self.alarm = alarm
        self.atSeconds = atSeconds
    }

    private enum CodingKeys: String, CodingKey {
        case event, alarm
        case atSeconds = "at_seconds"
    }
}
