import Conference

/// The roll call with times as a page for a terminal.
package struct AttendanceTable {
    private let report: AttendanceReport
    private let start: ClockTime?

    /// - Parameter start: the time of day at which the meeting began; `nil`: times count from its start.
    package init(_ report: AttendanceReport, start: ClockTime? = nil) {
        self.report = report
        self.start = start
    }

    package var lines: [String] {
        var table = TextTable([
            ("site", .left), ("name", .left), ("now", .left), ("joined", .right), ("lost", .right), ("present", .right),
            ("absences", .right),
        ])
        for row in report.rows {
            let id = row.path.split(separator: "/").last.map(String.init) ?? row.path
            table.add([
                String(repeating: "  ", count: row.depth) + id, TextTable.shortened(row.name, to: 32),
                row.isPresent ? "present" : "absent", time(row.joinedSeconds), time(row.lostSeconds),
                ClockTime(seconds: row.presentSeconds).text, "\(row.absences)",
            ])
        }
        let rest = report.omitted > 0 ? ", \(report.omitted) more that there was no room for" : ""
        return ["\(report.present) of \(report.expected) sites present\(rest)", ""] + table.lines
    }

    private func time(_ seconds: Double?) -> String {
        seconds.map { ClockTime(seconds: $0, after: start).text } ?? "-"
    }
}

/// The same as a file for a spreadsheet.
package struct AttendanceSheet {
    private let report: AttendanceReport
    private let start: ClockTime?
    private let language: Language

    package init(_ report: AttendanceReport, start: ClockTime? = nil, language: Language = .vietnamese) {
        self.report = report
        self.start = start
        self.language = language
    }

    package var text: String {
        let titles = [
            Words("đường dẫn", "path"), Words("điểm cầu", "site"), Words("loại", "kind"), Words("hiện tại", "now"),
            Words("vào lúc", "joined"), Words("mất lúc", "lost"), Words("có mặt", "present"),
            Words("có mặt giây", "present s"), Words("số lần mất", "absences"),
        ]
        var table = CSVText(titles.map { $0[language] })
        for row in report.rows {
            let state = row.isPresent ? Words("có mặt", "present") : Words("vắng", "absent")
            table.add([
                .text(row.path), .text(row.name), .text(row.kind), .text(state[language]), time(row.joinedSeconds),
                time(row.lostSeconds), .text(ClockTime(seconds: row.presentSeconds).text),
                .number(row.presentSeconds, digits: 0), .number(Double(row.absences), digits: 0),
            ])
        }
        return table.text
    }

    private func time(_ seconds: Double?) -> CSVText.Cell {
        seconds.map { .text(ClockTime(seconds: $0, after: start).text) } ?? .empty
    }
}

/// A time of day, or a length of time: `7:30:00`.
package struct ClockTime: Hashable, Sendable {
    package var seconds: Double

    package init(seconds: Double) { self.seconds = seconds }

    /// The time of day so many seconds after `start`, over midnight too; without a start, just so many seconds.
    init(seconds: Double, after start: ClockTime?) {
        self.seconds = start.map { ($0.seconds + seconds).truncatingRemainder(dividingBy: 86_400) } ?? seconds
    }

    /// "-" for what is no time.
    package var text: String {
        guard seconds.isFinite, (0..<1e9).contains(seconds) else { return "-" }
        let whole = Int(seconds)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}
