import Foundation
import Yams

/// The config file: YAML with the flags' own words as keys.
///
/// ```yaml
/// layout: 3x3
/// video-bitrate: 1500k
/// sites:
///   - id: gia-binh
///     name: Huyện ủy Gia Bình
///     audio: 5004
///     video: 5006
///     to: 10.20.3.10:5004
///   - "id=que-vo,sdp=que-vo.sdp"        # a string is read as --site reads it
/// uplinks:
///   - {id: trung-uong, audio: 5104, video: 5106, to: 10.0.0.2:7004}
/// programs:
///   - {id: return, to: [trung-uong], layout: speaker, sound: all}
/// ```
///
/// Values are taken as they are written, not as YAML would type them, and read by what reads the flags: `fps: 30` is
/// `--fps 30`, and `no` stays a word. So a file and flags can't differ in meaning.
package struct ConfigurationFile {
    /// A larger file is no configuration.
    package static let sizeLimit = 1 << 20

    private let path: String
    private var refusals = Refusals()
    private var layer = ConfigurationLayer()

    private init(path: String) { self.path = path }

    /// Reads the file at `path`.
    ///
    /// - Throws: all that is wrong with its form; values are read later, by `PlanBuilder`.
    package static func read(path: String) throws(Refusals) -> ConfigurationLayer {
        let text: String
        do {
            text = try TextFile.read(path: path, limit: sizeLimit)
        } catch {
            throw Refusals([Refusal(origin: .file(path: path, line: nil), expected: error.expected)])
        }
        return try parse(text, path: path)
    }

    /// Reads the text of a file.
    ///
    /// - Parameter path: its name, for messages; and where the SDP files it names are looked for.
    package static func parse(_ text: String, path: String) throws(Refusals) -> ConfigurationLayer {
        var file = ConfigurationFile(path: path)
        do {
            if let root = try compose(yaml: text) { file.readRoot(root) }
        } catch let error as YamlError {
            file.refuse(error)
        } catch {
            file.refuse(line: 1, expected: "YAML (\(error))")
        }
        guard file.refusals.isEmpty else { throw file.refusals }
        return file.layer
    }

    private mutating func readRoot(_ root: Node) {
        guard let mapping = root.mapping else {
            // A file of comments only is an empty configuration.
            if root.scalar?.string != "" {
                refuse(line: line(of: root), expected: "\"KEY: VALUE\" lines, such as \"layout: 3x3\"")
            }
            return
        }
        for (keyNode, value) in mapping {
            guard let key = keyNode.scalar?.string else {
                refuse(line: line(of: keyNode), expected: "a key")
                continue
            }
            if let collection = Specification.Collection(rawValue: key) {
                readList(value, of: collection, line: line(of: keyNode))
            } else if let general = GeneralKey(rawValue: key) {
                guard let text = scalar(value) else {
                    refuse(line: line(of: keyNode), key: key, value: kind(of: value), expected: "a single value")
                    continue
                }
                layer.settings[general] = Field(
                    key: key, value: text, origin: .file(path: path, line: line(of: keyNode)))
            } else {
                let known = Specification.Collection.allCases.map(\.rawValue) + GeneralKey.allCases.map(\.rawValue)
                refuse(
                    line: line(of: keyNode), key: key, expected: KnownKeys.expectation(known, near: key))
            }
        }
    }

    private mutating func readList(_ node: Node, of collection: Specification.Collection, line listLine: Int) {
        guard let items = node.sequence else {
            refuse(
                line: listLine, key: collection.rawValue, value: kind(of: node),
                expected: "a list, each \(collection.item) after a \"-\"")
            return
        }
        for (index, item) in items.enumerated() {
            let name = "\(collection.item) no. \(index + 1)"
            let origin = Origin.file(path: path, line: line(of: item), item: name)
            if let text = item.scalar?.string {
                do {
                    layer.specifications.append(
                        try Specification(collection: collection, origin: origin, text: text))
                } catch {
                    refusals.add(error)
                }
            } else if let mapping = item.mapping {
                layer.specifications.append(
                    Specification(collection: collection, origin: origin, fields: fields(of: mapping, name)))
            } else {
                refusals.add(
                    Refusal(origin: origin, value: kind(of: item), expected: "\"KEY: VALUE\" lines or \"KEY=VALUE,…\""))
            }
        }
    }

    private mutating func fields(of mapping: Node.Mapping, _ item: String) -> [Field] {
        var fields: [Field] = []
        let id = mapping["id"]?.scalar?.string
        for (keyNode, value) in mapping {
            let origin = Origin.file(path: path, line: line(of: keyNode), item: item)
            guard let key = keyNode.scalar?.string, let text = scalar(value) ?? words(value) else {
                refusals.add(
                    Refusal(
                        origin: origin, id: id, key: keyNode.scalar?.string ?? "", value: kind(of: value),
                        expected: "a single value"))
                continue
            }
            fields.append(Field(key: key, value: text, origin: origin))
        }
        return fields
    }

    /// A single value as it is written; `nil` for lists, maps, and for nothing at all, which is most likely forgotten.
    private func scalar(_ node: Node) -> String? {
        guard let scalar = node.scalar, !(scalar.style == .plain && ["", "~", "null"].contains(scalar.string)) else {
            return nil
        }
        return scalar.string
    }

    /// `[a, b]` as the flags write it: `a+b`.
    private func words(_ node: Node) -> String? {
        guard let items = node.sequence, !items.isEmpty else { return nil }
        let words = items.compactMap(scalar)
        return words.count == items.count ? words.joined(separator: "+") : nil
    }

    private func kind(of node: Node) -> String {
        switch node {
        case .mapping: "a map"
        case .sequence: "a list"
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : scalar.string
        case .alias: "an alias"
        }
    }

    private func line(of node: Node) -> Int { node.mark?.line ?? 1 }

    private mutating func refuse(line: Int, key: String? = nil, value: String? = nil, expected: String) {
        refusals.add(
            Refusal(origin: .file(path: path, line: line), key: key, value: value, expected: expected))
    }

    private mutating func refuse(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            refuse(line: mark.line, expected: "YAML (\(problem))")
        case .reader(let problem, let offset, _, let yaml):
            // The error's own words quote the line, which may hold a key.
            let before = yaml.utf8.prefix(offset ?? 0)
            refuse(line: 1 + before.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }, expected: "YAML (\(problem))")
        case .duplicatedKeysInMapping(let duplicates, let context):
            refuse(line: context.mark.line, key: "\(duplicates)", expected: "each key only once")
        default:
            refuse(line: 1, expected: "YAML (\(error))")
        }
    }
}
