import Media

/// The alarms that stand, from a sample of each site's health a second. One is raised when its trouble has held for 2 or 3 s and
/// is cleared 5 s after it was last seen, so that a line at the edge does not flicker.
package struct AlarmBoard: Sendable {
    /// How long a trouble must hold. What is said of a line or a picture was true for 2 s before it is said.
    package static func raiseAfter(_ kind: AlarmKind) -> Interval {
        switch kind {
        case .lineDown, .loop, .noPicture: .seconds(2)
        default: .seconds(3)
        }
    }

    /// How long a trouble must be gone.
    package static let clearAfter = Interval.seconds(5)
    /// Changes kept for the caller; of too many the oldest are lost.
    private static let capacity = 1_024

    private struct Key: Hashable {
        let kind: AlarmKind
        let site: SiteID?
    }

    private let startedAt: Instant
    private var states: [Key: AlarmState] = [:]
    private var changes: [AlarmChange] = []
    /// Changes that nobody asked for in time.
    package private(set) var lost = 0

    /// - Parameter now: the bridge's start, from which all times are counted.
    package init(startedAt now: Instant) { startedAt = now }

    package mutating func handle(_ sample: SiteHealthSample, at now: Instant) {
        update(sample.site, sample.readings, at: now)
    }

    package mutating func handle(_ sample: BridgeHealthSample, at now: Instant) {
        update(nil, sample.readings, at: now)
    }

    /// The site is no longer of the meeting: its alarms are cleared.
    package mutating func remove(_ site: SiteID, at now: Instant) {
        for key in states.keys.filter({ $0.site == site }).sorted(by: { $0.kind.rawValue < $1.kind.rawValue }) {
            if let alarm = states[key]?.alarm(key.kind, site, startedAt) { append(.cleared, alarm, at: now) }
            states[key] = nil
        }
    }

    private mutating func update(_ site: SiteID?, _ readings: [AlarmReading], at now: Instant) {
        for kind in AlarmKind.allCases {
            let key = Key(kind: kind, site: site)
            let reading = readings.first { $0.kind == kind }
            guard reading != nil || states[key] != nil else { continue }
            var state = states[key] ?? AlarmState()
            let before = state.alarm(kind, site, startedAt)
            state.take(reading, at: now, raiseAfter: Self.raiseAfter(kind))
            let after = state.alarm(kind, site, startedAt)
            states[key] = state.isIdle ? nil : state
            switch (before, after) {
            case (nil, let alarm?): append(.raised, alarm, at: now)
            case (let alarm?, nil): append(.cleared, alarm, at: now)
            case (let old?, let alarm?) where old.severity != alarm.severity: append(.changed, alarm, at: now)
            default: break
            }
        }
    }

    private mutating func append(_ event: AlarmChange.Event, _ alarm: Alarm, at now: Instant) {
        if changes.count == Self.capacity {
            changes.removeFirst()
            lost += 1
        }
        changes.append(AlarmChange(event, alarm, atSeconds: (now - startedAt).seconds))
    }

    /// The next change, oldest first; `nil`: nothing changed since.
    package mutating func next() -> AlarmChange? { changes.isEmpty ? nil : changes.removeFirst() }

    /// The alarms that stand: the worst first, of equal ones the oldest.
    package var standing: [Alarm] {
        states.compactMap { key, state in state.alarm(key.kind, key.site, startedAt) }.sorted { a, b in
            (b.severity, a.sinceSeconds, a.id) < (a.severity, b.sinceSeconds, b.id)
        }
    }
}

/// One kind of trouble of one site.
private struct AlarmState: Sendable {
    private var warning = AlarmLatch()
    private var critical = AlarmLatch()
    private var words: Words?
    private var since: Instant?

    var isIdle: Bool { warning.isIdle && critical.isIdle }

    mutating func take(_ reading: AlarmReading?, at now: Instant, raiseAfter: Interval) {
        let severity = reading?.severity ?? .normal
        warning.update(
            holds: severity >= .warning, at: now, raiseAfter: raiseAfter, clearAfter: AlarmBoard.clearAfter)
        critical.update(
            holds: severity >= .critical, at: now, raiseAfter: raiseAfter, clearAfter: AlarmBoard.clearAfter)
        // While it is being waited for to be gone, the last words stand.
        if let reading { words = reading.words }
        if !warning.isOn { since = warning.heldSince }
        if since == nil { since = warning.heldSince }
    }

    func alarm(_ kind: AlarmKind, _ site: SiteID?, _ start: Instant) -> Alarm? {
        guard warning.isOn || critical.isOn, let words, let since else { return nil }
        return Alarm(
            kind: kind, site: site?.rawValue, severity: critical.isOn ? .critical : .warning,
            sinceSeconds: (since - start).seconds, words: words)
    }
}
