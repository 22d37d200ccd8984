/// A rate of bits.
package struct Bitrate: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var bitsPerSecond: Int

    package init(bitsPerSecond: Int) { self.bitsPerSecond = bitsPerSecond }

    /// The least that encoders of pictures are opened with.
    package static let leastPicture = Bitrate(bitsPerSecond: 8_000)

    /// Reads `1500k`, `1.5M` or `1500000`; `nil` for anything else.
    package init?(_ text: String) {
        var digits = Substring(text)
        var scale = 1.0
        if let unit = digits.last, "kKmM".contains(unit) {
            scale = unit == "k" || unit == "K" ? 1e3 : 1e6
            digits = digits.dropLast()
        }
        guard let value = Double(digits), value > 0, value * scale < 1e10 else { return nil }
        bitsPerSecond = Int((value * scale).rounded())
    }

    package static func < (a: Bitrate, b: Bitrate) -> Bool { a.bitsPerSecond < b.bitsPerSecond }

    package var description: String {
        bitsPerSecond % 1000 == 0 ? "\(bitsPerSecond / 1000)k" : "\(bitsPerSecond)"
    }
}
