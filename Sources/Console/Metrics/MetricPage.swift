/// A page in Prometheus' text format 0.0.4: families of samples, each with its help and its type.
struct MetricPage {
    enum Kind: String {
        case counter, gauge
    }

    typealias Labels = [(name: String, value: String)]

    private(set) var text = ""

    /// Starts a family; the samples added after it are its own. A family without samples leaves no trace.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: (inout Samples) -> Void) {
        var family = Samples(name: name)
        samples(&family)
        guard !family.lines.isEmpty else { return }
        text += "# HELP \(name) \(Self.escapedHelp(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for line in family.lines { text += line + "\n" }
    }

    /// The samples of one family.
    struct Samples {
        fileprivate let name: String
        fileprivate(set) var lines: [String] = []

        fileprivate init(name: String) { self.name = name }

        /// Adds nothing for `nil` and for what is no number.
        mutating func add(_ labels: Labels, _ value: Double?) {
            guard let value, value.isFinite else { return }
            lines.append("\(series(labels)) \(MetricPage.number(value))")
        }

        func series(_ labels: Labels) -> String {
            guard !labels.isEmpty else { return name }
            let pairs = labels.map { "\($0.name)=\"\(MetricPage.escapedLabel($0.value))\"" }
            return "\(name){\(pairs.joined(separator: ","))}"
        }
    }

    /// Whole numbers without a point, others as Swift prints them: the shortest that reads back the same.
    fileprivate static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func escapedHelp(_ text: String) -> String {
        escaped(text) { $0 == "\\" ? "\\\\" : $0 == "\n" ? "\\n" : nil }
    }

    fileprivate static func escapedLabel(_ text: String) -> String {
        escaped(text) { $0 == "\\" ? "\\\\" : $0 == "\n" ? "\\n" : $0 == "\"" ? "\\\"" : nil }
    }

    // By scalars: "\r\n" is one character.
    private static func escaped(_ text: String, by escape: (Unicode.Scalar) -> String?) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if let replaced = escape(scalar) { escaped += replaced } else { escaped.unicodeScalars.append(scalar) }
        }
        return escaped
    }
}

/// Keeps counters from falling: RFC 3550's count of lost packets falls by duplicates, and a counter that falls is to
/// Prometheus one that began anew.
struct CounterFloors {
    private var highest: [String: Double] = [:]
    private var page: [String: Double] = [:]

    mutating func raise(_ series: String, to value: Double) -> Double {
        let raised = max(0, value, highest[series] ?? 0)
        page[series] = raised
        return raised
    }

    /// Forgets what was not on the page, such as sites that were removed.
    mutating func finishPage() {
        highest = page
        page = [:]
    }
}
