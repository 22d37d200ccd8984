/// What somebody may do at the API.
package enum Role: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Look.
    case viewer
    /// Run the meeting.
    case operate = "operator"
    /// Everything; read the audit log.
    case administrator

    package static func < (one: Role, other: Role) -> Bool {
        allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
    }
}

/// One person's way in.
package struct Access: Hashable, Sendable {
    /// As the audit log names him.
    package var name: String
    package var role: Role
    /// What his requests bring as `Authorization: Bearer TOKEN`.
    package var token: String

    package init(name: String, role: Role, token: String) {
        self.name = name
        self.role = role
        self.token = token
    }
}

/// One way in as the operator wrote it: `name=lan,role=operator,token=@lan.token`.
enum AccessSpecification {
    static let keys = ["name", "role", "token"]
    private static let sizeLimit = 4096

    /// - Returns: `nil` if anything was refused.
    static func read(_ reader: inout SpecificationReader) -> Access? {
        reader.refuseUnknown(besides: keys)
        let name = reader.read("name", as: .name)
        if !reader.has("name") { reader.refuse("name", expected: "name=NAME: who it is, for the audit log") }
        let role = reader.read("role", as: ValueForm<Role>.word)
        if !reader.has("role") { reader.refuse("role", expected: "role=viewer, operator or administrator") }
        let token = readToken(&reader)
        guard reader.refusals.isEmpty, let name, let role, let token else { return nil }
        return Access(name: name, role: role, token: token)
    }

    private static func readToken(_ reader: inout SpecificationReader) -> String? {
        guard let field = reader.specification["token"] else {
            reader.refuse("token", expected: "token=TOKEN, or token=@FILE, which no other user of the machine can read")
            return nil
        }
        guard field.value.hasPrefix("@") else { return reader.read("token", as: .token) }
        do {
            let path = reader.path(String(field.value.dropFirst()), in: field)
            let text = try TextFile.read(path: path, limit: sizeLimit)
            let token = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
            if let token = ValueForm<String>.token.parse(token) { return token }
            reader.refuse("token", expected: "a file whose first line is " + ValueForm<String>.token.expected)
        } catch {
            reader.refuse("token", expected: error.expected)
        }
        return nil
    }
}
