import Conference
import Media

/// The columns that people read a line check in, on a terminal and on a page.
struct LineCheckColumns {
    let title: Words
    let isNumber: Bool
    let text: @Sendable (LineCheckReport.Place, Language) -> String

    private init(
        _ vietnamese: String, _ english: String, isNumber: Bool = false,
        _ text: @escaping @Sendable (LineCheckReport.Place, Language) -> String
    ) {
        title = Words(vietnamese, english)
        self.isNumber = isNumber
        self.text = text
    }

    static let all = [
        LineCheckColumns("điểm cầu", "site") { place, _ in place.name },
        LineCheckColumns("kết quả", "result") { place, language in "\(mark(place.grade)) \(word(place.grade)[language])"
        },
        LineCheckColumns("mất gói", "loss", isNumber: true) { place, language in
            number(place.measurement.lossShare.map { $0 * 100 }, digits: 2, "%", language)
        },
        LineCheckColumns("dao động", "jitter", isNumber: true) { place, language in
            number(place.measurement.jitterMs, digits: 0, "ms", language)
        },
        LineCheckColumns("khứ hồi", "RTT", isNumber: true) { place, language in
            number(place.measurement.roundTripMs, digits: 0, "ms", language)
        },
        LineCheckColumns("hình", "picture") { place, _ in
            guard let picture = place.measurement.picture, picture.decoded > 0 else { return "-" }
            return "\(picture.width)x\(picture.height)"
        },
        LineCheckColumns("hình/s", "fps", isNumber: true) { place, language in
            number(place.measurement.picture?.fps, digits: 1, nil, language)
        },
        LineCheckColumns("tiếng", "sound", isNumber: true) { place, language in
            number(place.measurement.heard?.meanDbov, digits: 0, "dB", language)
        },
        LineCheckColumns("tiếng-hình", "lip-sync", isNumber: true) { place, language in
            number(place.measurement.lipSyncMs, digits: 0, "ms", language)
        },
        LineCheckColumns("tiếng vọng", "echo") { place, language in echo(place.measurement.echo, language) },
    ]

    private static func number(_ value: Double?, digits: Int, _ unit: String?, _ language: Language) -> String {
        guard let value else { return "-" }
        let text = DecimalText.of(value, digits: digits)
        let spoken = language == .vietnamese ? String(text.map { $0 == "." ? "," : $0 }) : text
        return spoken + (unit.map { " \($0)" } ?? "")
    }

    private static func echo(_ echo: EchoFinding?, _ language: Language) -> String {
        guard let echo, echo.state != .unknown else { return "-" }
        guard let delay = echo.delayMs, let attenuation = echo.attenuationDb else {
            return Words("không", "none")[language]
        }
        return "\(DecimalText.of(delay, digits: 0)) ms, -\(DecimalText.of(attenuation, digits: 0)) dB"
    }

    static func word(_ grade: Grade) -> Words {
        switch grade {
        case .good: Words("tốt", "good")
        case .warning: Words("cảnh báo", "warning")
        case .bad: Words("kém", "bad")
        }
    }

    /// So that a grade is told without colours.
    static func mark(_ grade: Grade) -> String {
        switch grade {
        case .good: "✓"
        case .warning: "!"
        case .bad: "✗"
        }
    }

    static func headline(_ report: LineCheckReport, _ language: Language) -> String {
        let counts = Grade.allCases.map { "\(report.count($0)) \(word($0)[language])" }.joined(separator: ", ")
        let places = Words("\(report.places.count) điểm cầu", "\(report.places.count) sites")[language]
        let rest = report.isComplete ? "" : Words(" (chưa xong)", " (not finished)")[language]
        return "\(places): \(counts)\(rest)"
    }
}
