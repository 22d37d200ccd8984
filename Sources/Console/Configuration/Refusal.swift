/// Where the operator wrote a value: what a message must name so that it can be put right.
package enum Origin: Hashable, Sendable {
    /// A flag of the command line, with its position among its like (from 1) if it may be given many times.
    case flag(String, position: Int? = nil)
    /// An environment variable.
    case environment(String)
    /// A line of the config file (from 1; `nil`: all of it), with the list item it belongs to, such as `site no. 2`.
    case file(path: String, line: Int?, item: String? = nil)
    /// Nobody: our own default.
    case standard

    package var isFlag: Bool { if case .flag = self { true } else { false } }

    /// Where that is, for a message about another place.
    package var place: String {
        switch self {
        case .flag(let flag, let position): position.map { "\(flag) no. \($0)" } ?? flag
        case .environment(let variable): variable
        case .file(let path, let line, let item):
            (line.map { "\(path):\($0)" } ?? path) + (item.map { " (\($0))" } ?? "")
        case .standard: "the default"
        }
    }
}

/// One thing we can't do as the operator wrote it: where it stands, what it says, and what we expected.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let origin: Origin
    /// The id of the site or program the value belongs to, if it is known.
    package let id: String?
    package let key: String?
    package let value: String?
    /// What would be right, in words: the end of the message.
    package let reason: String

    /// Secrets in what was written are not kept.
    ///
    /// - Parameter reason: the end of the message, which says what was expected.
    package init(origin: Origin, id: String? = nil, key: String? = nil, value: String? = nil, reason: String) {
        self.origin = origin
        self.id = id.map(Secret.redacted)
        self.key = key.map(Secret.shown(key:))
        self.value = value.map { Secret.shown($0, of: key) }
        self.reason = Secret.redacted(reason)
    }

    package init(origin: Origin, id: String? = nil, key: String? = nil, value: String? = nil, expected: String) {
        self.init(origin: origin, id: id, key: key, value: value, reason: "expected " + expected)
    }

    /// Such as `--site no. 2 (gia-binh): video=50o6: expected a UDP port from 1 to 65534`, or
    /// `mcu.yaml:7: site no. 2 (gia-binh): video=50o6: …`.
    package var description: String {
        var parts: [String] = []
        let named = id.map { " (\(Self.readable($0)))" } ?? ""
        switch origin {
        case .flag(let flag, nil):
            parts = [assignment(separator: " ", key: flag)]
        case .flag(let flag, let position?):
            parts = ["\(flag) no. \(position)\(named)"]
            if key != nil || value != nil { parts.append(assignment(separator: "=", key: key)) }
        case .environment(let variable):
            parts = [assignment(separator: "=", key: variable)]
        case .file(let path, let line, let item):
            parts = [line.map { "\(path):\($0)" } ?? path]
            if let item { parts.append(item + named) }
            if key != nil || value != nil { parts.append(assignment(separator: "=", key: key)) }
        case .standard:
            parts = [assignment(separator: "=", key: key)]
        }
        return (parts + [reason]).joined(separator: ": ")
    }

    private func assignment(separator: String, key: String?) -> String {
        guard let value else { return key ?? "" }
        let shown = value.isEmpty ? "\"\"" : Self.readable(value)
        return key.map { $0 + separator + shown } ?? shown
    }

    /// `text` as one line that a terminal can't be steered by, and not longer than a line.
    package static func readable(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars.prefix(120) {
            line +=
                scalar.properties.generalCategory == .control
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return text.unicodeScalars.count > 120 ? line + "…" : line
    }
}

/// All that is wrong, so that the operator puts it right in one go.
package struct Refusals: Error, Hashable, Sendable, CustomStringConvertible {
    package private(set) var items: [Refusal]

    package init(_ items: [Refusal] = []) { self.items = items }

    package var isEmpty: Bool { items.isEmpty }
    package mutating func add(_ refusal: Refusal) { if !items.contains(refusal) { items.append(refusal) } }

    /// 2 (usage) if a flag is at fault, else 78 (`EX_CONFIG`, which systemd is told not to restart on).
    package var exitCode: Int32 { items.contains { $0.origin.isFlag } ? 2 : 78 }
    /// A line for each, as the program prints them.
    package var description: String { items.map { "mcu-server: \($0)" }.joined(separator: "\n") }
}
