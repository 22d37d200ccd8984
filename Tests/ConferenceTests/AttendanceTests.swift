import Conference
import Foundation
import Media
import Testing

@Suite struct AttendanceTests {
    private func row(_ path: String, _ state: String, kind: String = "site") -> RollCall.Row {
        RollCall.Row(
            depth: path.filter { $0 == "/" }.count, path: path, name: "Name of \(path)", kind: kind, state: state)
    }

    /// A meeting whose roll call is taken once a second.
    private struct Meeting {
        var attendance = Attendance(at: .at(milliseconds: 0))
        var second = 0

        mutating func run(_ seconds: Int, alive: Set<String> = [], _ rows: RollCall.Row...) {
            for _ in 0..<seconds {
                attendance.record(RollCall(rows: rows), alive: alive, at: .at(milliseconds: second * 1000))
                second += 1
            }
        }

        var report: AttendanceReport { attendance.report(at: .at(milliseconds: second * 1000)) }
        func row(_ path: String) -> AttendanceReport.Row? { report.rows.first { $0.path == path } }
    }

    @Test func aSiteThatComesGoesAndComesBack() throws {
        var meeting = Meeting()
        meeting.run(10, row("gia-binh", "waiting for signal"))
        #expect(meeting.row("gia-binh")?.joinedSeconds == nil && meeting.row("gia-binh")?.presentSeconds == 0)
        meeting.run(60, row("gia-binh", "live"))
        meeting.run(1, row("gia-binh", "dimmed"))
        meeting.run(1, row("gia-binh", "fault"))
        meeting.run(30, row("gia-binh", "no signal"))
        let gone = try #require(meeting.row("gia-binh"))
        #expect(!gone.isPresent && gone.joinedSeconds == 10 && gone.lostSeconds == 72)
        #expect(gone.presentSeconds == 62 && gone.absences == 1)
        meeting.run(21, row("gia-binh", "live"))
        let back = try #require(meeting.row("gia-binh"))
        #expect(back.isPresent && back.joinedSeconds == 10 && back.lostSeconds == nil)
        #expect(back.presentSeconds == 82 && back.absences == 1)
        #expect(back.name == "Name of gia-binh")
    }

    @Test func whoIsBehindALinkGoesWithIt() {
        var meeting = Meeting()
        let live = [
            row("gia-binh", "live", kind: "downlink"), row("gia-binh/dai-bai", "live"),
            row("gia-binh/xuan-lai", "no picture"),
        ]
        meeting.run(10, live[0], live[1], live[2], row("hall", "live"))
        #expect(meeting.report.present == 2 && meeting.report.expected == 3)
        meeting.run(5, row("gia-binh", "no signal", kind: "downlink"), row("hall", "live"))
        #expect(meeting.row("gia-binh/dai-bai")?.lostSeconds == 10)
        #expect(meeting.row("gia-binh/dai-bai")?.presentSeconds == 10)
        #expect(meeting.row("gia-binh/xuan-lai")?.joinedSeconds == nil)
        #expect(meeting.row("hall")?.presentSeconds == 14)
        #expect(meeting.report.rows.map(\.depth) == [0, 1, 1, 0])
        #expect(meeting.report.present == 1 && meeting.report.expected == 3, "who was named is expected")
    }

    @Test func aSiteWithoutAPictureIsThereWhileItIsHeard() {
        var meeting = Meeting()
        meeting.run(5, row("phone", "audio only"))
        meeting.run(10, alive: ["phone"], row("phone", "audio only"))
        meeting.run(5, row("phone", "audio only"))
        #expect(meeting.row("phone")?.joinedSeconds == 5 && meeting.row("phone")?.lostSeconds == 15)
    }

    @Test func aGapInTheRollCallsCountsForFiveSecondsAtMost() {
        var meeting = Meeting()
        meeting.run(2, row("a", "live"))
        meeting.second += 3_600
        meeting.run(2, row("a", "live"))
        #expect(meeting.row("a")?.presentSeconds == 7)
    }

    @Test func aBridgeThatNamesEverNewPlacesCannotFillTheMemory() {
        var attendance = Attendance(at: .at(milliseconds: 0))
        for second in 0..<100 {
            let rows = (0..<100).map { row("x/s\(second * 100 + $0)", "live") }
            attendance.record(
                RollCall(rows: [row("hall", "live")] + rows), at: .at(milliseconds: second * 1000))
        }
        let report = attendance.report(at: .at(milliseconds: 100_000))
        #expect(report.rows.count == Attendance.capacity)
        #expect(report.omitted == Attendance.capacity)
        #expect(report.rows.first?.path == "hall" && report.rows.first?.presentSeconds == 99)
    }

    @Test func theReportTravelsAsJSON() throws {
        var meeting = Meeting()
        meeting.run(3, row("hall", "live"), row("phone", "audio only"))
        let data = try JSONEncoder().encode(meeting.report)
        #expect(try JSONDecoder().decode(AttendanceReport.self, from: data) == meeting.report)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let first = try #require((json["rows"] as? [[String: Any]])?.first)
        #expect(first["present"] as? Bool == true && first["joined_seconds"] as? Double == 0)
    }
}
