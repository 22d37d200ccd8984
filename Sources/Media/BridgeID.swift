/// The id of a running bridge: 64 random bits, new at each start. By it a bridge knows its own pictures and sound when they
/// come back to it through others.
package struct BridgeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A new id, from the system's generator of random numbers.
    package static func random() -> BridgeID { BridgeID(rawValue: .random(in: .min ... .max)) }

    /// 16 hexadecimal digits.
    package var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    package static func < (a: BridgeID, b: BridgeID) -> Bool { a.rawValue < b.rawValue }
}
