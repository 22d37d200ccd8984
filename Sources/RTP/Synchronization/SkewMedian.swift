import Media

/// The skew of sound and picture over the last three seconds: the median of means over a tenth of a second each, since
/// single pictures wait for a tick, and now and then one is late.
struct SkewMedian: Sendable {
    private static let capacity = 31
    private static let period = Interval.milliseconds(100)
    /// A skew beyond this is as wrong as any: sums of them stay small.
    private static let largest: Int64 = 10_000_000_000

    /// How many periods are in it.
    private(set) var count = 0
    /// Whether it covers all of the time it can.
    var isFull: Bool { count == Self.capacity }
    /// The median; meaningful once `count` is positive.
    private(set) var value = Interval.zero

    private var means = InlineArray<31, Int64>(repeating: 0)
    private var next = 0
    private var periodStart: Instant?
    private var sum: Int64 = 0
    private var summands: Int64 = 0

    mutating func add(_ skew: Interval, at now: Instant) {
        if let start = periodStart, now - start >= Self.period {
            means[next] = sum / max(1, summands)
            next = (next + 1) % Self.capacity
            count = min(count + 1, Self.capacity)
            value = median()
            periodStart = nil
        }
        if periodStart == nil {
            periodStart = now
            sum = 0
            summands = 0
        }
        sum += max(-Self.largest, min(Self.largest, skew.nanoseconds))
        summands += 1
    }

    mutating func reset() { self = SkewMedian() }

    private func median() -> Interval {
        var sorted = means
        for index in 1..<max(1, count) {
            var place = index
            while place > 0, sorted[place - 1] > sorted[place] {
                sorted.swapAt(place - 1, place)
                place -= 1
            }
        }
        return Interval(nanoseconds: sorted[count / 2])
    }
}
