/// What no message shows: the keys of SRTP, and the token.
///
/// A key reaches a message in more ways than by its own value: in a list whose comma was forgotten, in a suite's place,
/// behind the "@" of a file. So every value and every reason of a `Refusal` goes through here.
package enum Secret {
    /// What stands for a secret.
    package static let mark = "…"

    /// `value` as a message may show it.
    ///
    /// - Parameter key: whose value it is.
    package static func shown(_ value: String, of key: String?) -> String {
        switch key {
        case "token": mark
        // The name of a file helps to put it right; anything else in a key's place is a key.
        case "srtp-in", "srtp-out": value.hasPrefix("@") && !holdsKey(value) ? value : mark
        case "srtp": holdsKey(value) ? mark : value
        default:
            // Named, but without a sign: "srtp-in KEY".
            isNamed(in: value) && holdsKey(redacted(value)) ? mark : redacted(value)
        }
    }

    /// `key` as a message may show it. No key of ours is that long, or has such signs in it.
    package static func shown(key: String) -> String {
        if holdsKey(key) { return mark }
        guard isNamed(in: key) else { return key }
        let name = key.prefix { $0.isLetter || $0 == "-" || $0 == "_" }.prefix(12)
        return name.count == key.count ? key : name + mark
    }

    /// `text` with a mark for whatever follows a key's name and its sign, up to the next comma.
    package static func redacted(_ text: String) -> String {
        var shown = ""
        var rest = text[...]
        while let sign = sign(in: rest) {
            shown += rest[...sign] + mark
            rest = rest[rest.index(after: sign)...].drop { $0 != "," }
        }
        return shown + rest
    }

    /// Whether a list of `KEY=VALUE` has a key in it, or the beginning of one.
    package static func isNamed(in list: String) -> Bool { list.lowercased().contains("srtp") }

    /// The "=" or ":" between the name of a key and the key: `srtp-in=`, `srtp_out :`, `inline:`.
    private static func sign(in text: Substring) -> Substring.Index? {
        var word = text[text.startIndex..<text.startIndex]
        for index in text.indices {
            let letter = text[index]
            if letter == "=" || letter == ":" {
                let name = word.lowercased()
                if name.contains("srtp") || name.hasSuffix("inline") { return index }
            }
            switch letter {
            case _ where letter.isLetter || letter == "-" || letter == "_":
                word = text[(word.endIndex == index ? word.startIndex : index)...index]
            case " ": break  // may stand between the name and its sign
            default: word = text[index..<index]
            }
        }
        return nil
    }

    /// Whether so many letters of base 64 stand together that they may be a key; the shortest has 38.
    private static func holdsKey(_ text: String) -> Bool {
        var run = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                run += 1
            default: run = 0
            }
            if run >= 32 { return true }
        }
        return false
    }
}
