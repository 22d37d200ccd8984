/// All that a kind of meeting asks for, as one command: `ctl preset giao-ban`.
package struct Preset: Hashable, Sendable {
    package var id: String
    /// For people: "Giao ban".
    package var name: String
    package var commands: [ControlRequest]
}

/// One preset as the config file has it: `{id: quan-triet, name: Quán triệt, do: "layout lecture; lecturer trung-uong"}`.
enum PresetSpecification {
    static let keys = ["id", "name", "do"]

    /// - Returns: `nil` if anything was refused.
    static func read(_ reader: inout SpecificationReader) -> Preset? {
        reader.refuseUnknown(besides: keys)
        let id = reader.read("id", as: .presetID)
        if !reader.has("id") { reader.refuse("id", expected: "id=ID: \(ValueForm<String>.presetID.expected)") }
        let name = reader.read("name", as: .name)
        guard let field = reader.specification["do"] else {
            reader.refuse("do", expected: "do: \"COMMAND; COMMAND\", in the words of mcu-server ctl")
            return nil
        }
        do {
            let commands = try ControlRequest.list(field.value)
            if commands.isEmpty { reader.refuse("do", expected: "at least one command") }
            if commands.contains(where: { [.preset, .keyframe].contains($0.verb) }) {
                reader.refuse("do", expected: "commands that arrange something: no preset or keyframe")
            }
            guard reader.refusals.isEmpty, let id else { return nil }
            return Preset(id: id, name: name ?? id, commands: commands)
        } catch {
            reader.refuse(field, reason: error.reason)
            return nil
        }
    }
}

extension ValueForm where Value == String {
    static let presetID = Self("1 to 32 letters a-z, digits and -") { text in
        let isPlain = text.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
        return isPlain && (1...32).contains(text.utf8.count) ? text : nil
    }
}
