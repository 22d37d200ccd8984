/// One `key=value` with where it was written.
package struct Field: Hashable, Sendable, CustomStringConvertible {
    package var key: String
    package var value: String
    package var origin: Origin

    package init(key: String, value: String, origin: Origin) {
        self.key = key
        self.value = value
        self.origin = origin
    }

    /// Without the secret that it may hold.
    package var description: String { "\(key)=\(Secret.shown(value, of: key))" }
}

/// One site, link or program as the operator wrote it, unread.
package struct Specification: Hashable, Sendable {
    /// The lists a configuration has. The raw value is the config file's key.
    package enum Collection: String, Hashable, Sendable, CaseIterable {
        case sites, uplinks, downlinks, programs, access, presets

        /// One of it, in messages.
        package var item: String { self == .access ? rawValue : String(rawValue.dropLast()) }
        /// Presets have none: they are in the config file only.
        package var flag: String { "--" + item }
        /// Whether its members are sites or links.
        package var isOfSites: Bool { [.sites, .uplinks, .downlinks].contains(self) }
    }

    package var collection: Collection
    /// Where it starts.
    package var origin: Origin
    package var fields: [Field]

    package init(collection: Collection, origin: Origin, fields: [Field]) {
        self.collection = collection
        self.origin = origin
        self.fields = fields
    }

    /// Reads what a flag says, or what a string in the config file's list says: a `KeyValueList`.
    package init(collection: Collection, origin: Origin, text: String) throws(Refusal) {
        do {
            let pairs = try KeyValueList(text).pairs
            let fields = pairs.map { Field(key: $0.key, value: $0.value, origin: origin) }
            self.init(collection: collection, origin: origin, fields: fields)
        } catch {
            // Where a list breaks, what stands there may be the rest of a key.
            let part = Secret.isNamed(in: text) ? Secret.mark : error.part
            throw Refusal(origin: origin, id: nil, key: "part \(error.place)", value: part, expected: error.expected)
        }
    }

    package subscript(key: String) -> Field? { fields.first { $0.key == key } }
    package var id: String? { self["id"]?.value }

    /// This one with the fields of `other` put over its own.
    package func overridden(by other: Specification) -> Specification {
        var merged = self
        for field in other.fields {
            if let index = merged.fields.firstIndex(where: { $0.key == field.key }) {
                merged.fields[index] = field
            } else {
                merged.fields.append(field)
            }
        }
        return merged
    }
}

/// What one place says: the flags, the environment, the file, or our defaults.
package struct ConfigurationLayer: Hashable, Sendable {
    package var settings: [GeneralKey: Field]
    package var specifications: [Specification]

    package init(settings: [GeneralKey: Field] = [:], specifications: [Specification] = []) {
        self.settings = settings
        self.specifications = specifications
    }

    /// What holds when nobody says otherwise.
    package static var standard: ConfigurationLayer {
        var layer = ConfigurationLayer()
        for key in GeneralKey.allCases {
            layer.settings[key] = key.standard.map { Field(key: key.rawValue, value: $0, origin: .standard) }
        }
        return layer
    }

    /// What the `MCU_*` variables say: `MCU_` and the key in capitals with `_` for `-`. Empty ones count as unset.
    package init(environment: [String: String]) {
        self.init()
        for key in GeneralKey.allCases {
            guard let value = environment[key.variable], !value.isEmpty else { continue }
            settings[key] = Field(key: key.rawValue, value: value, origin: .environment(key.variable))
        }
    }

    /// This layer with `upper` put over it. A site, link or program that both name by the same id is one: what `upper`
    /// says of it wins, key by key; the others of `upper` come after ours.
    package func overridden(by upper: ConfigurationLayer) -> ConfigurationLayer {
        var merged = self
        merged.settings.merge(upper.settings) { $1 }
        for specification in upper.specifications {
            let same = specifications.firstIndex {
                $0.collection == specification.collection && $0.id != nil && $0.id == specification.id
            }
            if let same {
                merged.specifications[same] = merged.specifications[same].overridden(by: specification)
            } else {
                merged.specifications.append(specification)
            }
        }
        return merged
    }
}
