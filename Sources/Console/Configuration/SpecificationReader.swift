import Conference

/// Reads the fields of one specification, and keeps what it had to refuse.
package struct SpecificationReader {
    package let specification: Specification
    package private(set) var refusals = Refusals()

    package init(_ specification: Specification) { self.specification = specification }

    package func has(_ key: String) -> Bool { specification[key] != nil }

    /// The value of `key`; `nil` if it isn't there, or was refused.
    package mutating func read<Value>(_ key: String, as form: ValueForm<Value>) -> Value? {
        guard let field = specification[key] else { return nil }
        if let value = form.parse(field.value) { return value }
        refuse(field, expected: form.expected)
        return nil
    }

    package mutating func refuse(_ field: Field, expected: String) { refuse(field, reason: "expected " + expected) }

    package mutating func refuse(_ field: Field, reason: String) {
        refusals.add(
            Refusal(origin: field.origin, id: specification.id, key: field.key, value: field.value, reason: reason))
    }

    /// Refuses what `key` says, or that it isn't there.
    package mutating func refuse(_ key: String, expected: String) {
        if let field = specification[key] {
            refuse(field, expected: expected)
        } else {
            refusals.add(Refusal(origin: specification.origin, id: specification.id, expected: expected))
        }
    }

    /// `path` as `field` means it: files are looked for beside the config file that names them.
    package func path(_ path: String, in field: Field) -> String {
        if case .file(let config, _, _) = field.origin { TextFile.resolve(path, from: config) } else { path }
    }

    /// Refuses every key that isn't in `known`.
    package mutating func refuseUnknown(besides known: [String]) {
        for field in specification.fields where !known.contains(field.key) {
            refusals.add(
                Refusal(
                    origin: field.origin, id: specification.id, key: field.key,
                    expected: KnownKeys.expectation(known, near: field.key)))
        }
    }
}

/// The words of a message about a key that nobody knows.
package enum KnownKeys {
    /// All of `keys`, those most like `key` first.
    package static func expectation(_ keys: [String], near key: String) -> String {
        let near = NearWords.of(key, in: keys)
        return "one of the keys " + (near + keys.filter { !near.contains($0) }).joined(separator: ", ")
    }
}
