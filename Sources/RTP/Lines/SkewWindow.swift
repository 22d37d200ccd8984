import Media

/// How much later the second line brought the same packet than the first, over the last packets that came by both.
struct SkewWindow {
    /// Of so many packets: five seconds of sound.
    private static let capacity = 256
    /// Buckets of 2 ms from -1 s to 1 s; what lies beyond counts at the edge.
    private static let bucketWidth: Int64 = 2_000_000
    private static let center = 500
    /// The share of gaps that are to be filled.
    private static let quantile = 97
    /// How often the figures are taken anew.
    private static let stride = 16

    /// The median; positive when the second line is behind. `nil` before a packet came by both.
    private(set) var median: Interval?
    /// The largest, either way.
    private(set) var largest = Interval.zero
    /// How long the faster line's gaps must be waited for, so that the slower one fills nearly all that it can within
    /// `LineMerger.longestWait`. Zero if it is further behind than that most of the time: waiting would be in vain.
    private(set) var wait = Interval.zero

    /// Whether enough packets came by both lines to go by.
    var isKnown: Bool { count >= Self.stride }

    private var ring = [Int16](repeating: 0, count: capacity)
    private var buckets = [UInt16](repeating: 0, count: 2 * center + 1)
    private var count = 0
    private var next = 0

    mutating func add(_ skew: Interval) {
        let steps = (skew.nanoseconds.magnitude + UInt64(Self.bucketWidth) / 2) / UInt64(Self.bucketWidth)
        let distance = Int(min(steps, UInt64(Self.center)))
        let bucket = skew < .zero ? Self.center - distance : Self.center + distance
        if count == Self.capacity {
            buckets[Int(ring[next])] -= 1
        } else {
            count += 1
        }
        ring[next] = Int16(bucket)
        buckets[bucket] += 1
        next = (next + 1) % Self.capacity
        if count <= Self.stride || next % Self.stride == 0 { measure() }
    }

    /// A line is dead: when it comes back it may be another.
    mutating func reset() {
        for index in buckets.indices { buckets[index] = 0 }
        count = 0
        next = 0
        median = nil
        largest = .zero
        wait = .zero
    }

    private mutating func measure() {
        var below = 0
        var middle = Self.center
        var furthest = 0
        for bucket in buckets.indices where buckets[bucket] > 0 {
            if below * 2 < count { middle = bucket }
            below += Int(buckets[bucket])
            furthest = max(furthest, abs(bucket - Self.center))
        }
        median = Self.interval(middle - Self.center)
        largest = Self.interval(furthest)
        wait = measureWait()
    }

    private func measureWait() -> Interval {
        let limit = Int(LineMerger.longestWait.nanoseconds / Self.bucketWidth)
        var usable = Int(buckets[Self.center])
        for distance in 1...limit { usable += both(distance) }
        guard usable * 2 >= count else { return .zero }
        var covered = Int(buckets[Self.center])
        var distance = 0
        while covered * 100 < usable * Self.quantile {
            distance += 1
            covered += both(distance)
        }
        // The bucket's upper edge, but nothing where the lines are one as fast as the other.
        return distance == 0 ? .zero : min(LineMerger.longestWait, Self.interval(distance + 1))
    }

    private func both(_ distance: Int) -> Int {
        Int(buckets[Self.center + distance]) + Int(buckets[Self.center - distance])
    }

    private static func interval(_ buckets: Int) -> Interval { Interval(nanoseconds: Int64(buckets) * bucketWidth) }
}
