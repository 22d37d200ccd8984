import Media

/// Who was there, and how long: over all levels of the cascade, from the roll call, taken about once a second.
package struct Attendance: Sendable {
    /// Places that are remembered; those who come later are counted only. A bridge that names ever new ones can't fill us.
    package static let capacity = 2_048
    /// Time between two roll calls that counts: beyond that, nobody knows.
    package static let longestStep = Interval.seconds(5)

    private let startedAt: Instant
    private var records: [AttendanceRecord] = []
    private var places: [String: Int] = [:]
    private var latest: Instant?
    private var unnamed: Set<String> = []

    /// - Parameter now: the start of the meeting, from which all times are counted.
    package init(at now: Instant) { startedAt = now }

    /// Takes a roll call.
    ///
    /// - Parameter alive: paths of places that have no picture but are there: their sound comes. The roll call can't tell.
    package mutating func record(_ rollCall: RollCall, alive: Set<String> = [], at now: Instant) {
        let step = latest.map { min(max(.zero, now - $0), Self.longestStep) } ?? .zero
        latest = now
        var seen = [Bool](repeating: false, count: records.count)
        for row in rollCall.rows {
            guard let index = place(of: row) else { continue }
            if index == seen.count { seen.append(true) } else { seen[index] = true }
            records[index].name = row.name
            records[index].update(isPresent: row.isPresent || alive.contains(row.path), after: step, at: now)
        }
        // Places behind a link that is gone are in no row.
        for index in seen.indices where !seen[index] {
            records[index].update(isPresent: false, after: step, at: now)
        }
    }

    private mutating func place(of row: RollCall.Row) -> Int? {
        if let index = places[row.path] { return index }
        guard records.count < Self.capacity else {
            if unnamed.count < Self.capacity { unnamed.insert(row.path) }
            return nil
        }
        places[row.path] = records.count
        records.append(AttendanceRecord(row))
        return records.count - 1
    }

    /// How it stands.
    package func report(at now: Instant) -> AttendanceReport {
        AttendanceReport(
            seconds: (now - startedAt).seconds, rows: records.map { $0.row(since: startedAt) }, omitted: unnamed.count)
    }
}

extension RollCall.Row {
    /// Whether its picture is there, if only as it last was.
    fileprivate var isPresent: Bool { state == "live" || state == "dimmed" || state == "fault" }
}

/// What is remembered of one place.
private struct AttendanceRecord: Sendable {
    let path: String
    let depth: Int
    let kind: String
    var name: String
    private var isPresent = false
    private var joined: Instant?
    private var lost: Instant?
    private var present = Interval.zero
    private var absences = 0

    init(_ row: RollCall.Row) {
        path = row.path
        depth = row.depth
        kind = row.kind
        name = row.name
    }

    mutating func update(isPresent now: Bool, after step: Interval, at time: Instant) {
        if isPresent {
            present = present + step
            if !now {
                lost = time
                absences += 1
            }
        } else if now {
            if joined == nil { joined = time }
            lost = nil
        }
        isPresent = now
    }

    func row(since start: Instant) -> AttendanceReport.Row {
        AttendanceReport.Row(
            depth: depth, path: path, name: name, kind: kind, isPresent: isPresent,
            joinedSeconds: joined.map { ($0 - start).seconds }, lostSeconds: lost.map { ($0 - start).seconds },
            presentSeconds: present.seconds, absences: absences)
    }
}
