import Conference

/// A line check as one HTML page that needs nothing else: to be printed, and to be read from the back of a room.
package struct LineCheckPage {
    private let report: LineCheckReport
    private let language: Language
    private let title: String

    /// - Parameter title: the heading, such as the meeting and the time.
    package init(_ report: LineCheckReport, title: String, language: Language = .vietnamese) {
        self.report = report
        self.title = title
        self.language = language
    }

    package var html: String {
        """
        <!DOCTYPE html>
        <html lang="\(language.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(HTMLText.escaped(title))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <h1>\(HTMLText.escaped(title))</h1>
        <p class="\(report.grade.rawValue)">\(HTMLText.escaped(LineCheckColumns.headline(report, language)))</p>
        \(table)
        \(faults)
        </body>
        </html>

        """
    }

    private var table: String {
        let columns = LineCheckColumns.all
        let head = columns.map { "<th scope=\"col\">\(HTMLText.escaped($0.title[language]))</th>" }.joined()
        let rows = report.places.map { place in
            let cells = columns.map { column in
                "<td\(column.isNumber ? " class=\"number\"" : "")>\(HTMLText.escaped(column.text(place, language)))</td>"
            }
            return "<tr class=\"\(place.grade.rawValue)\">\(cells.joined())</tr>"
        }
        return "<table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(rows.joined(separator: "\n"))\n</tbody>\n</table>"
    }

    private var faults: String {
        let wrong = report.places.filter { $0.grade > .good }.sorted { $0.grade > $1.grade }
        guard !wrong.isEmpty else { return "" }
        let items = wrong.map { place in
            "<li class=\"\(place.grade.rawValue)\">\(HTMLText.escaped(place.summary[language]))</li>"
        }
        return
            "<h2>\(Words("Cần xử lý", "To be seen to")[language])</h2>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>"
    }

    // Dark on white, since projectors and printers are; the grade is told by a mark and a bar too, not by colour alone.
    private static let style = """
        body { font: 20px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; color: #111; background: #fff; margin: 1.5em; }
        h1 { font-size: 1.6em; margin: 0 0 .3em; }
        table { border-collapse: collapse; width: 100%; }
        th, td { border-bottom: 1px solid #999; padding: .3em .5em; text-align: left; white-space: nowrap; }
        td:first-child { white-space: normal; font-weight: bold; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        li, p, tr { border-left: .4em solid; padding-left: .5em; }
        ul { list-style: none; padding: 0; }
        li { margin: .4em 0; }
        .good { border-left-color: #17732b; }
        .warning { border-left-color: #b26a00; background: #fff4dc; }
        .bad { border-left-color: #b00020; background: #fde3e6; }
        @media print {
          body { font-size: 11pt; margin: 0; }
          tr, li { break-inside: avoid; }
          thead { display: table-header-group; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}
