/// The value of `--site`, `--uplink`, `--downlink` and `--program`: `id=gia-binh,name=Huyện ủy Gia Bình,audio=5004`.
///
/// Pairs are separated by commas. A comma inside a value is written `\,`, or the whole value stands in double quotes:
/// `name="Đảng ủy Khối, tỉnh"`; inside quotes `\"` is a quote. Blanks around keys and unquoted values don't count.
package struct KeyValueList: Hashable, Sendable {
    package struct Pair: Hashable, Sendable {
        package var key: String
        package var value: String
    }

    /// What is wrong with a list: the part at fault, its place among the parts (from 1), and what was expected.
    package struct Fault: Error, Hashable, Sendable {
        package var part: String
        package var place: Int
        package var expected: String
    }

    /// In the order they were written; no key twice.
    package let pairs: [Pair]

    /// - Throws: at the first part that isn't `KEY=VALUE`, has a key that was there before, or a quote left open.
    package init(_ text: String) throws(Fault) {
        var rest = Substring(text)
        var pairs: [Pair] = []
        var place = 0
        repeat {
            place += 1
            let start = rest
            guard let sign = rest.firstIndex(where: { $0 == "=" || $0 == "," }), rest[sign] == "=" else {
                throw Fault(
                    part: Self.part(of: start), place: place,
                    expected: "KEY=VALUE (a comma inside a value is written \"\\,\", or the value is quoted)")
            }
            let key = rest[..<sign].trimmed
            rest = rest[rest.index(after: sign)...].drop(while: { $0 == " " })
            guard !key.isEmpty else {
                throw Fault(
                    part: Self.part(of: start), place: place, expected: "KEY=VALUE, with a key before the \"=\"")
            }
            guard !pairs.contains(where: { $0.key == key }) else {
                throw Fault(part: Self.part(of: start), place: place, expected: "\"\(key)\" only once")
            }
            let value = rest.first == "\"" ? try Self.quoted(&rest, place) : Self.plain(&rest)
            pairs.append(Pair(key: key, value: value))
            if rest.isEmpty { break }
            rest = rest.dropFirst()  // the comma
        } while true
        self.pairs = pairs
    }

    /// Takes a value up to the next comma that isn't escaped.
    private static func plain(_ rest: inout Substring) -> String {
        var value = ""
        var kept = 0  // Escaped blanks and commas at the end aren't trimmed away.
        while let letter = rest.first, letter != "," {
            rest = rest.dropFirst()
            if letter == "\\", let next = rest.first, ",\"\\".contains(next) {
                value.append(next)
                rest = rest.dropFirst()
                kept = value.count
            } else {
                value.append(letter)
            }
        }
        while value.count > kept, value.last == " " { value.removeLast() }
        return value
    }

    /// Takes a value in double quotes, and what blanks follow it.
    private static func quoted(_ rest: inout Substring, _ place: Int) throws(Fault) -> String {
        let start = rest
        var value = ""
        rest = rest.dropFirst()
        while let letter = rest.first, letter != "\"" {
            rest = rest.dropFirst()
            if letter == "\\", let next = rest.first, "\"\\".contains(next) {
                value.append(next)
                rest = rest.dropFirst()
            } else {
                value.append(letter)
            }
        }
        guard !rest.isEmpty else {
            throw Fault(part: String(start), place: place, expected: "a closing double quote")
        }
        rest = rest.dropFirst().drop(while: { $0 == " " })
        guard rest.isEmpty || rest.first == "," else {
            throw Fault(part: String(rest), place: place, expected: "a comma after the closing double quote")
        }
        return value
    }

    private static func part(of rest: Substring) -> String { rest.prefix(while: { $0 != "," }).trimmed }
}

extension Substring {
    /// Without the blanks at both ends.
    fileprivate var trimmed: String {
        var text = drop(while: { $0 == " " })
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
