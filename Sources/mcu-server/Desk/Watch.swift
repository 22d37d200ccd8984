import Bridge
import Conference
import Console
import Foundation
import Logging
import Media
import ServiceLifecycle
import Synchronization

/// Looks at the meeting once a second: raises alarms, keeps the attendance, and steps through a line check when one is asked for.
final class Watch: Service {
    private let bridge: Bridge
    private let recordings: String?
    private let log: Logger
    private let startedAt = Clock.now()
    private let startDate = Date.now
    // Guarded: held for a look, or for one step.
    private let state: Mutex<State>

    private struct State: Sendable {
        var board: AlarmBoard
        var attendance: Attendance
        /// One for all pages: what RFC 3550 counts may fall, a Prometheus counter may not.
        var metrics: PrometheusText
        var check: LineCheck?
        var report: LineCheckReport?
        var checkedAt: Date?
    }

    init(bridge: Bridge, recordings: String?, log: Logger) {
        self.bridge = bridge
        self.recordings = recordings
        self.log = log
        let now = Clock.now()
        let conference = bridge.plan.hub ?? bridge.plan.sites.first?.id
        state = Mutex(
            State(
                board: AlarmBoard(startedAt: now), attendance: Attendance(at: now),
                metrics: PrometheusText(conference: conference?.rawValue ?? "", version: MCUServer.version)))
    }

    func run() async throws {
        var health = HealthReader()
        while !Task.isShuttingDownGracefully {
            let now = Clock.now()
            if state.withLock({ $0.check != nil }) { bridge.lookAtAll() }
            let report = bridge.status()
            let readings = health.read(report) { bridge.fingerprint(of: $0) }
            let known = Set(readings.map(\.site))
            let own = health.readBridge(report, process: .current, freeDiskBytes: freeDiskBytes, at: now)
            let rollCall = bridge.rollCall
            // Whose sound comes but who is to show no picture is there too, silent or not.
            let heard = Set(
                readings.lazy.map(\.reading.sample).filter { $0.picture == nil && $0.hasSound == true }.map(
                    \.site.rawValue))
            let changes = state.withLock { state -> [AlarmChange] in
                for (site, reading) in readings {
                    state.board.handle(reading.sample, at: now)
                    state.check?.handle(.reading(site, reading.line), at: now)
                }
                for alarm in state.board.standing {
                    guard let site = alarm.site.flatMap(SiteID.init), !known.contains(site) else { continue }
                    state.board.remove(site, at: now)
                }
                state.board.handle(own, at: now)
                state.attendance.record(rollCall, alive: heard, at: now)
                var changes: [AlarmChange] = []
                while let change = state.board.next() { changes.append(change) }
                return changes
            }
            tell(changes)
            step(at: now)
            // Ends with the group, however that ends.
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func tell(_ changes: [AlarmChange]) {
        guard !changes.isEmpty else { return }
        for change in changes {
            let isTrouble = change.event != .cleared
            log.log(
                level: isTrouble ? .warning : .notice, "alarm \(change.event.rawValue): \(change.alarm.words.english)",
                metadata: ["site": "\(change.alarm.site ?? "-")", "alarm": "\(change.alarm.id)"])
        }
        EventHub.shared.publish("alarms", alarms)
    }

    /// Those that stand now.
    var alarms: [AlarmDocument] {
        state.withLock { $0.board.standing }.map { alarm in
            AlarmDocument(
                id: alarm.id, site: alarm.site, kind: alarm.kind.rawValue, severity: alarm.severity.rawValue,
                since: time(alarm.sinceSeconds), vi: alarm.words.vietnamese, en: alarm.words.english)
        }
    }

    var attendance: AttendanceReport {
        let now = Clock.now()
        return state.withLock { $0.attendance.report(at: now) }
    }

    /// The page of `GET /metrics`.
    var metrics: String {
        let (report, process) = (bridge.status(), ProcessUsage.current)
        return state.withLock { $0.metrics.page(report, process: process) }
    }

    /// When the bridge was started, as the clock on the wall had it.
    var startOfDay: ClockTime {
        let time = Calendar.current.dateComponents([.hour, .minute, .second], from: startDate)
        return ClockTime(seconds: Double((time.hour ?? 0) * 3600 + (time.minute ?? 0) * 60 + (time.second ?? 0)))
    }

    /// Seconds since the start as a time of day: UTC, RFC 3339.
    func time(_ seconds: Double) -> String {
        startDate.addingTimeInterval(seconds).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private var freeDiskBytes: Int? {
        guard let recordings else { return nil }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: recordings)
        return attributes?[.systemFreeSize] as? Int
    }

    // MARK: The line check

    /// Begins a check of all lines.
    /// - Returns: `false` if one runs already.
    func startLineCheck() -> Bool {
        let now = Clock.now()
        return state.withLock { state in
            guard state.check == nil else { return false }
            state.check = LineCheck(
                bridge.sitePlans.filter { !$0.isPlayer && $0.slidesOf == nil }.map { LineCheck.Place($0) }, at: now)
            state.report = nil
            state.checkedAt = Date.now
            return true
        }
    }

    /// Does what the check wants.
    private func step(at now: Instant) {
        while let action = state.withLock({ $0.check?.next(at: now) }) {
            switch action {
            case .listen(let site): bridge.listen(to: site)
            case .collect(let site):
                guard let found = bridge.stopListening() else { continue }
                state.withLock { $0.check?.handle(.sound(site, found.sound, found.echo), at: now) }
            case .finish(let report):
                _ = bridge.stopListening()
                state.withLock { state in
                    state.report = report
                    state.check = nil
                }
                log.notice(
                    "line check",
                    metadata: ["good": "\(report.count(.good))", "bad": "\(report.count(.bad))"])
            }
        }
    }

    /// How the last check ended, or how far the one that runs has come; `nil`: none was begun.
    var lineCheck: LineCheckState? {
        let now = Clock.now()
        return state.withLock { state in
            guard let at = state.checkedAt else { return nil }
            if let check = state.check {
                return LineCheckState(
                    report: check.report(at: now), at: at, progress: check.progress(at: now), isRunning: true,
                    listeningTo: check.listeningTo)
            }
            return state.report.map { LineCheckState(report: $0, at: at) }
        }
    }
}

/// An alarm as the API tells it.
struct AlarmDocument: Encodable, Sendable {
    var id: String
    var site: String?
    var kind: String
    var severity: String
    /// UTC, RFC 3339.
    var since: String
    var vi: String
    var en: String
}

/// A line check that runs, or has ended.
struct LineCheckState {
    var report: LineCheckReport
    /// When it began.
    var at: Date
    /// 0 to 1.
    var progress = 1.0
    var isRunning = false
    /// The site whose sound is listened to.
    var listeningTo: SiteID?
}

/// `GET /v1/line-check`.
struct LineCheckDocument: Encodable {
    struct Site: Encodable {
        var site: String
        /// `good`, `warning` or `bad`.
        var verdict: String
        var vi: [String]
        var en: [String]
    }

    var running: Bool
    var progress: Double
    var listening: String?
    var at: String?
    var sites: [Site]

    init(_ check: LineCheckState?) {
        running = check?.isRunning ?? false
        progress = check?.progress ?? 0
        listening = check?.listeningTo?.rawValue
        at = check?.at.formatted(.iso8601)
        sites = (check?.report.places ?? []).map { place in
            Site(
                site: place.id, verdict: place.grade.rawValue,
                vi: place.reasons.map { "\($0.words.vietnamese): \($0.advice.vietnamese)" },
                en: place.reasons.map { "\($0.words.english): \($0.advice.english)" })
        }
    }
}

/// `GET /v1/roll-call`: who is there, and since when.
struct RollCallDocument: Encodable {
    struct Row: Encodable {
        var depth: Int
        var path: String
        var name: String
        var kind: String
        var state: String
        var speaking: Bool
        var muted: Bool
        var joined: String?
        var lost: String?
        var presentSeconds: Double?

        private enum CodingKeys: String, CodingKey {
            case depth, path, name, kind, state, speaking, muted, joined, lost
            case presentSeconds = "present_seconds"
        }
    }

    var rows: [Row]
    var omitted: Int

    init(_ rollCall: RollCall, _ attendance: AttendanceReport, time: (Double) -> String) {
        let known = Dictionary(attendance.rows.map { ($0.path, $0) }) { first, _ in first }
        omitted = rollCall.omitted
        rows = rollCall.rows.map { row in
            let kept = known[row.path]
            return Row(
                depth: row.depth, path: row.path, name: row.name, kind: row.kind, state: row.state,
                speaking: row.speaking, muted: row.muted, joined: kept?.joinedSeconds.map(time),
                lost: kept?.lostSeconds.map(time), presentSeconds: kept?.presentSeconds)
        }
    }
}
