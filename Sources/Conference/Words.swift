/// A language that the bridge speaks.
package enum Language: String, Codable, CaseIterable, Sendable {
    case vietnamese = "vi"
    case english = "en"
}

/// The same sentence for the operator and for the log.
package struct Words: Codable, Hashable, Sendable {
    package var vietnamese: String
    package var english: String

    package init(_ vietnamese: String, _ english: String) {
        self.vietnamese = vietnamese
        self.english = english
    }

    package subscript(language: Language) -> String { language == .vietnamese ? vietnamese : english }

    private enum CodingKeys: String, CodingKey {
        case vietnamese = "vi"
        case english = "en"
    }
}

/// A number in words of both languages: with a decimal comma in Vietnamese, with a point in English.
struct NumberWords: Hashable, Sendable {
    let vietnamese: String
    let english: String

    /// `value` to `digits` places, without zeros at the end.
    init(_ value: Double, digits: Int = 0) {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let bounded = value.isFinite ? min(max(value, -1e9), 1e9) : 0
        let rounded = Int((bounded * scale).rounded())
        var text = "\(rounded.magnitude / UInt(scale))"
        var fraction = digits > 0 ? "\(UInt(scale) + rounded.magnitude % UInt(scale))".dropFirst() : ""
        while fraction.last == "0" { fraction.removeLast() }
        if rounded < 0 { text = "-" + text }
        english = fraction.isEmpty ? text : text + "." + fraction
        vietnamese = fraction.isEmpty ? text : text + "," + fraction
    }

    /// A share of 0 to 1 in percent: two places below 1 %, one below 10 %.
    static func percent(_ share: Double) -> NumberWords {
        NumberWords(share * 100, digits: share < 0.01 ? 2 : share < 0.1 ? 1 : 0)
    }
}
