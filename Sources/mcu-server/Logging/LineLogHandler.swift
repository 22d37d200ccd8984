import Console
import Foundation
import Logging

/// Writes one line an event to standard error: `key=value` words (logfmt) or one JSON object, UTC time with milliseconds.
struct LineLogHandler: LogHandler {
    var metadata = Logger.Metadata()
    var logLevel: Logger.Level
    private let format: LogFormat

    init(level: Logger.Level, format: LogFormat) {
        logLevel = level
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var words: [(String, String)] = [
            ("time", Date.now.formatted(Self.timeStyle)), ("level", event.level.rawValue), ("msg", "\(event.message)"),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for key in all.keys.sorted() { words.append((key, "\(all[key]!)")) }
        let line: String
        switch format {
        case .text: line = words.map { "\($0)=\(Self.quoteIfNeeded($1))" }.joined(separator: " ")
        case .json: line = "{" + words.map { "\(Self.quote($0)):\(Self.quote($1))" }.joined(separator: ",") + "}"
        }
        LogOutput.shared.write(line)
        // What somebody did is told by who let him do it, with his name.
        guard event.level >= .notice, "\(event.message)" != "command" else { return }
        EventHub.shared.log(LogLine.now(event.level, "\(event.message)", site: all["site"].map { "\($0)" }))
    }

    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func quoteIfNeeded(_ text: String) -> String {
        let needsQuotes =
            text.isEmpty
            || text.unicodeScalars.contains { $0.value <= 0x20 || $0 == "\"" || $0 == "=" || $0.value == 0x7F }
        return needsQuotes ? quote(text) : text
    }

    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                quoted += "\\u" + String(format: "%04x", scalar.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
