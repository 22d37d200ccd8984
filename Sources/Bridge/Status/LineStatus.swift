/// The two lines of a site (SMPTE ST 2022-7).
package struct LinesStatus: Codable, Hashable, Sendable {
    package var lines: [LineStatus]
    /// How much later the second line is, in the middle; negative: the first is.
    package var skewMs: Double?
    package var largestSkewMs: Double

    package init(lines: [LineStatus] = [], skewMs: Double? = nil, largestSkewMs: Double = 0) {
        self.lines = lines
        self.skewMs = skewMs
        self.largestSkewMs = largestSkewMs
    }

    private enum CodingKeys: String, CodingKey {
        case lines
        case skewMs = "skew_ms"
        case largestSkewMs = "largest_skew_ms"
    }
}

/// One of them.
package struct LineStatus: Codable, Hashable, Sendable {
    package var alive: Bool
    package var packets: Int
    /// Packets that did not come by this line, whether or not by the other.
    package var lost: Int
    /// Packets that came by this line only.
    package var onlyHere: Int

    package init(alive: Bool = false, packets: Int = 0, lost: Int = 0, onlyHere: Int = 0) {
        self.alive = alive
        self.packets = packets
        self.lost = lost
        self.onlyHere = onlyHere
    }

    private enum CodingKeys: String, CodingKey {
        case alive, packets, lost
        case onlyHere = "only_here"
    }
}
