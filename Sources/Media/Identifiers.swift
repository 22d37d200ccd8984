/// The id of a site (điểm cầu): 1 to 32 of `a-z 0-9 - _ .`, starting with a letter or digit. It is the word that
/// operators type and that logs and statistics carry.
package struct SiteID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` if `text` is not a well-formed id.
    package init?(_ text: String) {
        guard Self.isWellFormed(text) else { return nil }
        rawValue = text
    }

    package var description: String { rawValue }
    package static func < (a: SiteID, b: SiteID) -> Bool { a.rawValue < b.rawValue }

    /// What a well-formed id looks like, for messages.
    package static let expectation = "1 to 32 of a-z, 0-9, '-', '_', '.', starting with a letter or a digit"

    fileprivate static func isWellFormed(_ text: String) -> Bool {
        let letters = text.utf8
        guard (1...32).contains(letters.count), let first = letters.first else { return false }
        func isWord(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isWord(first) && letters.allSatisfy { isWord($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    }
}

/// The id of a program: what a set of sites sees and hears. The same alphabet as a site's id.
package struct ProgramID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` if `text` is not a well-formed id.
    package init?(_ text: String) {
        guard SiteID.isWellFormed(text) else { return nil }
        rawValue = text
    }

    private init(trusted: String) { rawValue = trusted }
    /// The program every site is in unless it is named elsewhere.
    package static let room = ProgramID(trusted: "room")

    package var description: String { rawValue }
    package static func < (a: ProgramID, b: ProgramID) -> Bool { a.rawValue < b.rawValue }
}
