import Media

/// A gain between 0 and 1 that moves in a straight line, so that sound starts and stops without a click. Its state runs
/// on over pieces of any length.
struct Envelope {
    private(set) var value: Float = 0

    /// What a start or a stop takes: 5 ms.
    static let quick = 240
    /// What it takes to give up a concealment: 20 ms.
    static let slow = 960

    /// Moves towards `target` at the pace of a whole turn in `length` samples, and applies itself on the way.
    mutating func apply(
        to samples: UnsafeMutablePointer<Float>, count: Int, target: Float, length: Int
    ) {
        let way = Int((abs(target - value) * Float(length)).rounded(.up))
        let moving = min(way, count)
        if moving > 0 {
            let end = moving == way ? target : value + (target - value) * (Float(moving) / Float(way))
            scale(samples, from: value, to: end, count: moving)
            value = end
        }
        if value != 1, moving < count { scale(samples + moving, from: value, to: value, count: count - moving) }
    }
}
