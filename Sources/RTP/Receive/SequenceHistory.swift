/// Which of the 64 sequence numbers that went by last did arrive: tells a duplicate from a latecomer.
package struct SequenceHistory: Equatable, Sendable {
    /// Bit 0 is the newest.
    private var bits: UInt64 = 0

    package init() {}

    /// `count` further sequence numbers went by; `arrived` says whether the packets were there.
    package mutating func pass(_ count: Int, arrived: Bool) {
        guard count > 0 else { return }
        bits = count < 64 ? bits << UInt64(count) : 0
        if arrived { bits |= count < 64 ? (1 << UInt64(count)) - 1 : .max }
    }

    /// Whether the packet `distance` before the one expected next (1 is the newest) is known to have arrived.
    package func hasArrived(before distance: Int64) -> Bool {
        (1...64).contains(distance) && bits & (1 << UInt64(distance - 1)) != 0
    }
}
