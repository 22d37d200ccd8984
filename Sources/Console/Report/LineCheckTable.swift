import Conference
import Media

/// A line check as a page for a terminal: the numbers of each site, then what is wrong and what to do.
package struct LineCheckTable {
    private let report: LineCheckReport
    private let language: Language

    package init(_ report: LineCheckReport, language: Language = .vietnamese) {
        self.report = report
        self.language = language
    }

    package var lines: [String] {
        let wrong = report.places.filter { $0.grade > .good }.sorted { $0.grade > $1.grade }
        let faults = wrong.map { "\(LineCheckColumns.mark($0.grade)) \($0.summary[language])" }
        return [LineCheckColumns.headline(report, language), ""] + table.lines + (faults.isEmpty ? [] : [""]) + faults
    }

    private var table: TextTable {
        let columns = LineCheckColumns.all
        var table = TextTable(columns.map { ($0.title[language], $0.isNumber ? .right : .left) })
        for place in report.places {
            table.add(columns.map { column in TextTable.shortened(column.text(place, language), to: 32) })
        }
        return table
    }
}

/// The same as a file for a spreadsheet: a row a site, numbers as numbers.
package struct LineCheckSheet {
    private let report: LineCheckReport
    private let language: Language

    package init(_ report: LineCheckReport, language: Language = .vietnamese) {
        self.report = report
        self.language = language
    }

    package var text: String {
        let titles = [
            Words("mã", "id"), Words("điểm cầu", "site"), Words("kết quả", "result"), Words("mất gói %", "loss %"),
            Words("dao động ms", "jitter ms"), Words("khứ hồi ms", "round trip ms"), Words("rộng", "width"),
            Words("cao", "height"), Words("hình/s", "fps"), Words("hình đứng s", "standstill s"),
            Words("mức tiếng dB", "sound dB"), Words("đỉnh dB", "peak dB"), Words("ồn nền dB", "noise dB"),
            Words("vỡ tiếng %", "clipped %"), Words("tiếng trễ hơn hình ms", "sound after picture ms"),
            Words("vọng sau ms", "echo after ms"), Words("vọng nhỏ hơn dB", "echo down dB"),
            Words("nhận xét", "remarks"), Words("cần làm", "what to do"),
        ]
        var table = CSVText(titles.map { $0[language] })
        for place in report.places { table.add(cells(place)) }
        return table.text
    }

    private func cells(_ place: LineCheckReport.Place) -> [CSVText.Cell] {
        let measured = place.measurement
        let (picture, heard, echo) = (measured.picture, measured.heard, measured.echo)
        var advice: [String] = []
        for reason in place.reasons where !advice.contains(reason.advice[language]) {
            advice.append(reason.advice[language])
        }
        return [
            .text(place.id), .text(place.name), .text(LineCheckColumns.word(place.grade)[language]),
            .number(measured.lossShare.map { $0 * 100 }, digits: 2), .number(measured.jitterMs, digits: 1),
            .number(measured.roundTripMs, digits: 1), .number(picture.map { Double($0.width) }, digits: 0),
            .number(picture.map { Double($0.height) }, digits: 0), .number(picture?.fps, digits: 1),
            .number(picture?.standstillSeconds, digits: 1), .number(heard?.meanDbov, digits: 1),
            .number(heard?.peakDbov, digits: 1), .number(heard?.noiseFloorDbov, digits: 1),
            .number(heard.map { $0.clippedShare * 100 }, digits: 2), .number(measured.lipSyncMs, digits: 0),
            .number(echo?.delayMs, digits: 0), .number(echo?.attenuationDb, digits: 0),
            .text(place.reasons.map { $0.words[language] }.joined(separator: "; ")),
            .text(advice.joined(separator: "; ")),
        ]
    }
}
