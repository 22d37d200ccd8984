/// The share of packets lost lately, of some 250 packets: 5 s at 20 ms each.
struct LossShare: Sendable {
    private static let weight: Float = 1 / 256
    /// Above this share loss is no accident any more; it is one again below half of that.
    private static let threshold: Float = 0.02

    private(set) var value: Float = 0
    /// Whether so much is lost that it pays to wait for repair.
    private(set) var isHigh = false

    /// A packet came to be played after `lost` that never came.
    mutating func add(lost: Int) {
        // After a thousand in a row, more changes nothing.
        for _ in 0..<min(max(0, lost), 1000) { value += (1 - value) * Self.weight }
        value -= value * Self.weight
        if value > Self.threshold { isHigh = true } else if value < Self.threshold / 2 { isHigh = false }
    }
}
