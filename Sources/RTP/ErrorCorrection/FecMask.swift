/// Which packets an FEC packet protects (RFC 5109 section 7.4): up to 48, named by their distance from the SN base. The
/// leftmost bit on the wire is the SN base itself, so it is the leftmost here.
package struct FecMask: Equatable, Sendable {
    /// How many sequence numbers a mask spans at most.
    package static let span = 48

    private var bits: UInt64 = 0

    package init() {}

    init(short: UInt16) { bits = UInt64(short) << 48 }

    init(upper: UInt16, lower: UInt32) { bits = UInt64(upper) << 48 | UInt64(lower) << 16 }

    package var isEmpty: Bool { bits == 0 }
    /// How many packets it names.
    package var count: Int { bits.nonzeroBitCount }
    /// The distance of the first packet it names; `span` or more if there is none.
    package var first: Int { bits.leadingZeroBitCount }
    /// The distance of the last packet it names, -1 if there is none.
    package var last: Int { 63 - bits.trailingZeroBitCount }
    /// Whether it fits into the 16 bits of a packet without the L bit.
    var isShort: Bool { bits << 16 == 0 }
    var upper: UInt16 { UInt16(truncatingIfNeeded: bits >> 48) }
    var lower: UInt32 { UInt32(truncatingIfNeeded: bits >> 16) }

    package func contains(_ distance: Int) -> Bool {
        distance >= 0 && distance < Self.span && bits & Self.bit(distance) != 0
    }

    /// - Precondition: `0 <= distance < span`.
    package mutating func insert(_ distance: Int) {
        precondition(distance >= 0 && distance < Self.span, "a mask reaches \(Self.span) packets, not \(distance)")
        bits |= Self.bit(distance)
    }

    /// Takes the packet out if it is named.
    package mutating func remove(_ distance: Int) {
        guard contains(distance) else { return }
        bits &= ~Self.bit(distance)
    }

    private static func bit(_ distance: Int) -> UInt64 { 1 << UInt64(63 - distance) }
}
