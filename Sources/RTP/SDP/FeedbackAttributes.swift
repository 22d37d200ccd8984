import Media

/// What the `a=rtcp-fb` lines of one medium allow (RFC 4585 section 4.2).
package struct FeedbackAttributes: Hashable, Sendable {
    /// The kinds for every payload type (`*`); `nil` if no line says so.
    package var everyFormat: FeedbackKinds?
    /// The kinds for one payload type. A line of a kind that is not known here makes an entry too: the file has spoken.
    package var formats: [PayloadType: FeedbackKinds] = [:]

    package init() {}

    /// These kinds for `payloadType`, and nothing for others.
    package init(_ kinds: FeedbackKinds, for payloadType: PayloadType) { formats[payloadType] = kinds }

    /// The kinds to use with `payloadType`; `nil` if no line of the medium says anything, which leaves it open.
    package func kinds(for payloadType: PayloadType) -> FeedbackKinds? {
        guard everyFormat != nil || !formats.isEmpty else { return nil }
        return (everyFormat ?? []).union(formats[payloadType] ?? [])
    }

    /// What a line says after the payload type.
    /// - Parameter words: such as `ccm fir`, without regard to case.
    mutating func add(_ words: Substring, for payloadType: PayloadType?) {
        let words = words.split(separator: " ").prefix(2).map { $0.lowercased() }.joined(separator: " ")
        // Parameters may follow: "ccm tmmbr smaxpr=120".
        let kind = Self.names.first { $0.words == words || words.hasPrefix($0.words + " ") && $0.takesWords }?.kind
        if let payloadType {
            formats[payloadType, default: []].formUnion(kind ?? [])
        } else {
            everyFormat = (everyFormat ?? []).union(kind ?? [])
        }
    }

    /// The values of the lines that say this, in an order that is always the same.
    var lines: [String] {
        var lines = Self.words(everyFormat).map { "* \($0)" }
        for (payloadType, kinds) in formats.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines += Self.words(kinds).map { "\(payloadType) \($0)" }
        }
        return lines
    }

    private static func words(_ kinds: FeedbackKinds?) -> [String] {
        guard let kinds else { return [] }
        return names.filter { kinds.contains($0.kind) }.map(\.words)
    }

    /// "nack pli" and "nack rpsi" are no "nack", while a bandwidth estimate means the same whatever follows it.
    private static let names: [(words: String, kind: FeedbackKinds, takesWords: Bool)] = [
        ("nack", .nack, false), ("nack pli", .pli, false), ("ccm fir", .fir, false), ("ccm tmmbr", .tmmbr, false),
        ("goog-remb", .remb, true), ("transport-cc", .transport, true),
    ]
}
