import Conference
import Media

/// How a value is written: what reads it, and the words that say what is expected when it can't be read.
package struct ValueForm<Value>: Sendable {
    package let expected: String
    package let parse: @Sendable (String) -> Value?

    package init(_ expected: String, _ parse: @escaping @Sendable (String) -> Value?) {
        self.expected = expected
        self.parse = parse
    }
}

extension ValueForm where Value == Int {
    package static func wholeNumber(_ range: ClosedRange<Int>, of unit: String = "") -> Self {
        Self("a whole number\(unit) from \(range.lowerBound) to \(range.upperBound)") { text in
            text.allSatisfy(\.isASCII) ? Int(text).flatMap { range.contains($0) ? $0 : nil } : nil
        }
    }

    /// A local port: RTCP has the next one, so the last is left out.
    package static let port = Self("a UDP port from 1 to 65534") { text in
        wholeNumber(1...65534).parse(text)
    }
}

extension ValueForm where Value == ClosedRange<Int> {
    /// Milliseconds: the least and the most that a jitter buffer holds.
    package static let delay = Self(ConferencePlan.delayExpectation) { text in
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let times = parts.compactMap { ValueForm<Int>.wholeNumber(ConferencePlan.delays).parse(String($0)) }
        guard parts.count == 2, times.count == 2, times[0] <= times[1] else { return nil }
        return ConferencePlan.isDelay(times[0]...times[1]) ? times[0]...times[1] : nil
    }
}

extension ValueForm where Value == Int {
    /// Milliseconds: what a packet of sound lasts.
    package static let packetTime = Self(ConferencePlan.packetTimeExpectation) { text in
        Int(text).flatMap { ConferencePlan.packetTimes.contains($0) ? $0 : nil }
    }
}

extension ValueForm where Value == Double {
    package static let gain = Self(ConferencePlan.gainExpectation) { text in
        Double(text).flatMap { ConferencePlan.gains.contains($0) ? $0 : nil }
    }

    /// Seconds.
    package static let gop = Self("a time from 0.5s to 60s, such as 4s or 500ms") { text in
        let scale = text.hasSuffix("ms") ? 1e-3 : 1
        let digits = text.hasSuffix("ms") ? text.dropLast(2) : text.hasSuffix("s") ? text.dropLast() : text[...]
        return Double(digits).map { $0 * scale }.flatMap { (0.5...60).contains($0) ? $0 : nil }
    }
}

extension ValueForm where Value == Bool {
    package static let truth = Self("true or false") { text in
        switch text {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }
}

extension ValueForm where Value == Size {
    package static let size = Self("a size in pixels such as 1280x720, a side at most \(Size.sides.upperBound)") {
        Size($0)
    }
}

extension ValueForm where Value == Bitrate {
    package static let bitrate = Self("a bitrate such as 1500k, 1.5M or 1500000") { Bitrate($0) }
}

extension ValueForm where Value == HostPort {
    /// - Parameter last: the highest port; `to=` leaves room for the video's ports above the audio's.
    package static func hostPort(last: Int = 65534) -> Self {
        Self("HOST:PORT, an IPv4 address or a host name, and a port from 1 to \(last)") { text in
            guard let colon = text.lastIndex(of: ":"), let host = HostName.parse(String(text[..<colon])),
                let port = ValueForm<Int>.wholeNumber(1...last).parse(String(text[text.index(after: colon)...]))
            else { return nil }
            return HostPort(host: host, port: port)
        }
    }
}

extension ValueForm where Value == SourceRule {
    package static let source = Self("any, an IPv4 address or a host name") { text in
        text == "any" ? .any : HostName.parse(text).map(SourceRule.host)
    }
}

extension ValueForm where Value == String {
    /// A name that people read; it is drawn on pictures and printed on terminals.
    package static let name = Self("1 to 80 characters, none of them a control character") { text in
        let isPrintable = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return (1...80).contains(text.count) && text.utf8.count <= 400 && isPrintable ? text : nil
    }

    package static let path = Self("a path") { $0.isEmpty ? nil : $0 }

    package static let address = Self("an IPv4 address of this machine, or 0.0.0.0 for all of them") { text in
        HostName.address(text) == nil ? nil : text
    }

    package static let token = Self("8 to 256 letters, digits or other ASCII signs, no blanks") { text in
        (8...256).contains(text.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
    }

    /// The name of a libavcodec encoder; whether this machine has it is seen when it is opened.
    package static let encoder = Self("the name of an encoder of libavcodec, such as libx264") { text in
        let isWord = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        return !text.isEmpty && isWord ? text : nil
    }

    private static var presets: [String] {
        ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]
    }
    /// An x264 preset, or `auto`.
    package static let preset = Self("auto or one of " + presets.joined(separator: ", ")) { text in
        text == "auto" || presets.contains(text) ? text : nil
    }
}

extension ValueForm where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One of the words of an enumeration.
    package static var word: Self {
        Self("one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) { Value(rawValue: $0) }
    }
}

/// The form of an IPv4 address or a host name (RFC 1123 section 2.1); whether it exists is seen when it is used.
package enum HostName {
    /// `text` if it is well-formed. A name of digits and dots only must be an IPv4 address.
    package static func parse(_ text: String) -> String? {
        guard (1...253).contains(text.utf8.count) else { return nil }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isWord = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
        guard isWord else { return nil }
        return labels.last!.allSatisfy(\.isNumber) ? (address(text) == nil ? nil : text) : text
    }

    /// The four bytes of an IPv4 address; `nil` for anything else.
    package static func address(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { $0.count <= 3 && $0.allSatisfy(\.isNumber) ? UInt8($0) : nil }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Whether only this machine can come from, or go to, `host`.
    package static func isLoopback(_ host: String) -> Bool { host == "localhost" || address(host)?.first == 127 }

    /// Whether a connection from `address` comes from this machine; it may be IPv6, with IPv4 in it.
    package static func isOfThisMachine(_ address: String) -> Bool {
        let mapped = "::ffff:"
        let inner = address.hasPrefix(mapped) ? String(address.dropFirst(mapped.count)) : address
        return address == "::1" || Self.address(inner)?.first == 127
    }
}
