/// How packets' transit times are spread: a histogram that forgets, and its quantile.
///
/// Transit is arrival less timestamp. Its zero means nothing, so the buckets begin at the transit of the fastest packets
/// and move with it: a line that becomes slower or a clock that drifts doesn't make old entries wrong.
struct DelayHistogram: Sendable {
    /// 2.5 ms, in nanoseconds.
    static let width: Int64 = 2_500_000
    private static let count = 256
    /// The longest delay that is told from longer ones, in nanoseconds.
    static var range: Int64 { width * Int64(count) }
    /// The share of packets that are to be in time.
    static let quantile: Float = 0.96

    private var buckets = [Float](repeating: 0, count: count)
    /// The transit at the lower edge of the first bucket, in nanoseconds.
    private var origin: Int64 = 0
    /// The quantile in nanoseconds of transit; `nil` before the first packet.
    private(set) var transit: Int64?

    /// Takes note of a packet.
    /// - Parameters:
    ///   - transit: of the packet, in nanoseconds; not below `base`.
    ///   - base: the transit of the fastest packets.
    ///   - keep: the share of itself that the histogram keeps, below 1.
    mutating func add(transit: Int64, base: Int64, keep: Float) {
        move(to: base)
        let place = min(max(0, (transit &- origin) / Self.width), Int64(Self.count - 1))
        var total: Float = 0
        for index in 0..<Self.count {
            buckets[index] *= keep
            total += buckets[index]
        }
        buckets[Int(place)] += 1 - keep
        total += 1 - keep
        let wanted = total * Self.quantile
        var index = 0
        var below: Float = 0
        while index < Self.count - 1, below + buckets[index] < wanted {
            below += buckets[index]
            index += 1
        }
        let inside = buckets[index] > 0 ? min(1, (wanted - below) / buckets[index]) : 0
        self.transit = origin &+ Int64(index) * Self.width &+ Int64(inside * Float(Self.width))
    }

    /// Forgets everything.
    mutating func removeAll() {
        for index in 0..<Self.count { buckets[index] = 0 }
        transit = nil
    }

    private mutating func move(to base: Int64) {
        guard transit != nil else {
            origin = base
            return
        }
        let way = base &- origin
        // Down by whole buckets, so that the base is never below the first one.
        let steps = way >= 0 ? way / Self.width : (way &- (Self.width - 1)) / Self.width
        guard steps != 0 else { return }
        guard steps.magnitude < UInt64(Self.count) else {
            // Further than jitter reaches: another clock.
            removeAll()
            origin = base
            return
        }
        let distance = Int(steps.magnitude)
        if steps > 0 {
            var passed: Float = 0
            for index in 0..<distance { passed += buckets[index] }
            for index in 0..<(Self.count - distance) { buckets[index] = buckets[index + distance] }
            for index in (Self.count - distance)..<Self.count { buckets[index] = 0 }
            buckets[0] += passed
        } else {
            var passed: Float = 0
            for index in (Self.count - distance)..<Self.count { passed += buckets[index] }
            for index in stride(from: Self.count - 1, through: distance, by: -1) {
                buckets[index] = buckets[index - distance]
            }
            for index in 0..<distance { buckets[index] = 0 }
            buckets[Self.count - 1] += passed
        }
        origin &+= steps &* Self.width
    }
}
