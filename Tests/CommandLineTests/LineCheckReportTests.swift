import Conference
import Console
import Foundation
import Media
import Testing

@Suite("Line check reports")
struct LineCheckReportTests {
    /// Three sites: a bad one, one that another bridge gave a hostile name, and a good one.
    static let report = LineCheckReport(
        seconds: 15, isComplete: true,
        places: [
            LineCheckReport.Place(
                id: "gia-binh", name: "Huyện ủy Gia Bình",
                measurement: LineMeasurement(
                    seconds: 15,
                    picture: .init(
                        stream: .init(packets: 2820, lossShare: 0.06, jitterMs: 12.4), width: 1280, height: 720,
                        fps: 24.5, decoded: 367, changed: 360, standstillSeconds: 2.4),
                    sound: .init(packets: 750, lossShare: 0, jitterMs: 1),
                    heard: SoundFinding(seconds: 5, meanDbov: -23.4, peakDbov: -6.1, noiseFloorDbov: -61),
                    echo: EchoFinding(state: .heard, delayMs: 431, attenuationDb: 22, sentSeconds: 4),
                    roundTripMs: 18.3, lipSyncMs: -12)),
            LineCheckReport.Place(
                id: "que-vo", name: "=1+1,\"<script>alert('x')</script>\"\n& co",
                measurement: LineMeasurement(
                    seconds: 15, sound: .init(packets: 750, lossShare: 0.02, jitterMs: 3),
                    heard: SoundFinding(seconds: 5, meanDbov: -20, noiseFloorDbov: -60),
                    echo: EchoFinding(state: .none, sentSeconds: 4))),
            LineCheckReport.Place(
                id: "hall", name: "Tỉnh ủy",
                measurement: LineMeasurement(seconds: 15, sound: .init(packets: 750, jitterMs: 1))),
        ])

    @Test("draw a table, what is wrong below it, the worst first")
    func table() {
        var report = Self.report
        report.places[1].name = "Quế Võ"
        report.places[1].summary.vietnamese = "Quế Võ: mất gói 2 %: kiểm tra đường truyền"
        let lines = LineCheckTable(report).lines
        let golden = """
            3 điểm cầu: 1 tốt, 1 cảnh báo, 1 kém

            điểm cầu           kết quả     mất gói  dao động  khứ hồi  hình      hình/s   tiếng  tiếng-hình  tiếng vọng
            Huyện ủy Gia Bình  ✗ kém        6,00 %     12 ms    18 ms  1280x720    24,5  -23 dB      -12 ms  431 ms, -22 dB
            Quế Võ             ! cảnh báo   2,00 %      3 ms        -  -              -  -20 dB           -  không
            Tỉnh ủy            ✓ tốt        0,00 %      1 ms        -  -              -       -           -  -

            ✗ Huyện ủy Gia Bình: mất gói 6 %, hình đứng 2,4 s, tiếng vọng sau 431 ms, nhỏ hơn 22 dB: kiểm tra đường \
            truyền; bật khử tiếng vọng, giảm âm lượng loa
            ! Quế Võ: mất gói 2 %: kiểm tra đường truyền
            """
        #expect(lines.joined(separator: "\n") == golden, "\(lines.joined(separator: "\n"))")
        let english = LineCheckTable(report, language: .english).lines
        #expect(english[0] == "3 sites: 1 good, 1 warning, 1 bad")
        #expect(english[3].contains("6.00 %") && english[3].contains("24.5"))
    }

    @Test("write CSV that a spreadsheet reads back, and never as a formula")
    func sheet() throws {
        let text = LineCheckSheet(Self.report).text
        #expect(Array(text.utf8.prefix(3)) == [0xEF, 0xBB, 0xBF])
        let rows = try #require(Self.rows(ofCSV: String(text.unicodeScalars.dropFirst())))
        #expect(rows.count == 4 && rows.allSatisfy { $0.count == 19 })
        #expect(rows[0].prefix(4) == ["mã", "điểm cầu", "kết quả", "mất gói %"])
        #expect(rows[1].prefix(6) == ["gia-binh", "Huyện ủy Gia Bình", "kém", "6.00", "12.4", "18.3"])
        #expect(rows[1][17] == "mất gói 6 %; hình đứng 2,4 s; tiếng vọng sau 431 ms, nhỏ hơn 22 dB")
        #expect(rows[1][18] == "kiểm tra đường truyền; bật khử tiếng vọng, giảm âm lượng loa")
        #expect(rows[2][1] == "'=1+1,\"<script>alert('x')</script>\"\n& co")
        #expect(rows[3][6] == "" && rows[3][16] == "", "what was not measured is empty")
    }

    @Test("fill a page that holds nothing but itself, with every name escaped")
    func page() {
        let html = LineCheckPage(Self.report, title: "Giao ban <tuần> 28/11").html
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"vi\">"))
        #expect(html.contains("<meta charset=\"utf-8\">"))
        #expect(html.contains("<title>Giao ban &lt;tuần&gt; 28/11</title>"))
        #expect(!html.contains("<script"))
        #expect(html.contains("=1+1,&quot;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;\n&amp; co"))
        // Nothing is fetched from anywhere.
        for word in ["src=", "href=", "url(", "http", "@import"] { #expect(!html.contains(word), "\(word)") }
        #expect(html.contains("@media print"))
        #expect(
            html.contains("<tr class=\"bad\"><td>Huyện ủy Gia Bình</td><td>✗ kém</td><td class=\"number\">6,00 %</td>"))
        #expect(html.contains("<h2>Cần xử lý</h2>"))
        // What is opened is closed.
        for tag in [
            "html", "head", "body", "style", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "h1", "p",
        ] {
            let opened = html.matches(of: try! Regex("<\(tag)[ >]")).count
            #expect(opened > 0 && opened == html.matches(of: try! Regex("</\(tag)>")).count, "\(tag)")
        }
    }

    @Test("say so when all is well, and when it isn't finished")
    func good() {
        let report = LineCheckReport(seconds: 3, isComplete: false, places: [Self.report.places[2]])
        #expect(LineCheckTable(report).lines.first == "1 điểm cầu: 1 tốt, 0 cảnh báo, 0 kém (chưa xong)")
        #expect(LineCheckTable(report).lines.count == 4)
        #expect(!LineCheckPage(report, title: "a").html.contains("<h2>"))
    }

    @Test("write the attendance with the time of day")
    func attendance() throws {
        let report = AttendanceReport(
            seconds: 4000,
            rows: [
                .init(
                    path: "gia-binh", name: "Gia Bình", kind: "downlink", isPresent: true, joinedSeconds: 0,
                    presentSeconds: 4000),
                .init(
                    depth: 1, path: "gia-binh/dai-bai", name: "Xã Đại Bái", joinedSeconds: 65.2, lostSeconds: 3700,
                    presentSeconds: 3634.8, absences: 2),
                .init(path: "que-vo", name: "@Quế Võ"),
            ], omitted: 3)
        let start = ClockTime(seconds: 23 * 3600 + 58 * 60)
        #expect(
            AttendanceTable(report, start: start).lines == [
                "0 of 2 sites present, 3 more that there was no room for", "",
                "site       name        now        joined     lost  present  absences",
                "gia-binh   Gia Bình    present  23:58:00        -  1:06:40         0",
                "  dai-bai  Xã Đại Bái  absent   23:59:05  0:59:40  1:00:34         2",
                "que-vo     @Quế Võ     absent          -        -  0:00:00         0",
            ])
        let rows = try #require(
            Self.rows(ofCSV: String(AttendanceSheet(report).text.unicodeScalars.dropFirst())))
        #expect(
            rows[2] == [
                "gia-binh/dai-bai", "Xã Đại Bái", "site", "vắng", "0:01:05", "1:01:40", "1:00:34", "3635", "2",
            ])
        #expect(rows[3] == ["que-vo", "'@Quế Võ", "site", "vắng", "", "", "0:00:00", "0", "0"])
    }

    /// Reads RFC 4180; `nil` if it isn't.
    private static func rows(ofCSV text: String) -> [[String]]? {
        var rows: [[String]] = []
        var row: [String] = []
        var field = ""
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                guard field.isEmpty else { return nil }
                while let quoted = rest.popFirst() {
                    if quoted != "\"" {
                        field.unicodeScalars.append(quoted)
                    } else if rest.first == "\"" {
                        field.unicodeScalars.append("\"")
                        rest.removeFirst()
                    } else {
                        break
                    }
                }
                guard rest.first == "," || rest.first == "\r" else { return nil }
            case ",":
                row.append(field)
                field = ""
            case "\r":
                guard rest.popFirst() == "\n" else { return nil }
                rows.append(row + [field])
                row = []
                field = ""
            case "\n": return nil
            default: field.unicodeScalars.append(scalar)
            }
        }
        return row.isEmpty && field.isEmpty ? rows : nil
    }
}
