import Media

/// Whether a queue builds up on the way to the site: the delay gradient, its trend line and the over-use detector of
/// draft-ietf-rmcat-gcc-02 sections 5.2 to 5.4, with a line fitted by least squares in place of the Kalman filter.
package struct DelayTrend: Sendable {
    package enum Usage: Equatable, Sendable {
        /// A queue drains.
        case under
        case normal
        /// A queue grows.
        case over
    }

    /// Packets that left together: what delays one of them against the other is not the line.
    private struct Group {
        var firstSent: Instant
        var lastSent: Instant
        var firstArrival: Interval
        var lastArrival: Interval
    }

    package private(set) var usage = Usage.normal
    private var group: Group?
    private var earlier: Group?
    /// Milliseconds.
    private var accumulatedDelay = 0.0
    private var smoothedDelay = 0.0
    private var points = [(x: Double, y: Double)](repeating: (0, 0), count: window)
    private var pointCount = 0
    private var firstArrival = Interval.zero
    private var threshold = 12.5
    private var lastTrend = 0.0
    private var lastUpdate: Interval?
    private var timeOver = 0.0
    private var overCount = 0

    /// Packets this close together are one group.
    private static let burst = Interval.milliseconds(5)
    /// Groups that the line is fitted to.
    private static let window = 20
    private static let smoothing = 0.9
    private static let gain = 4.0
    /// The threshold follows the trend, down faster than up, so that competing TCP does not starve us (section 5.4).
    private static let (riseRate, fallRate) = (0.0087, 0.039)
    private static let thresholdRange = 6.0...600.0
    /// A trend further above the threshold than this is a spike: the threshold does not follow it.
    private static let spike = 15.0
    /// The trend is over the threshold for this long before it counts, in milliseconds.
    private static let patience = 10.0

    package init() {}

    /// Takes note of a packet that arrived.
    /// - Parameters:
    ///   - sentAt: on our clock.
    ///   - arrival: on the peer's clock; any start, so long as it stays.
    package mutating func add(sentAt: Instant, arrival: Interval) {
        guard var group else {
            group = Group(firstSent: sentAt, lastSent: sentAt, firstArrival: arrival, lastArrival: arrival)
            firstArrival = arrival
            return
        }
        // Sent before the group began: overtaken on the way, it says nothing of the queue.
        guard sentAt >= group.firstSent else { return }
        if belongs(sentAt, arrival, to: group) {
            group.lastSent = max(group.lastSent, sentAt)
            group.lastArrival = max(group.lastArrival, arrival)
            self.group = group
            return
        }
        if let earlier { compare(group, with: earlier) }
        earlier = group
        self.group = Group(firstSent: sentAt, lastSent: sentAt, firstArrival: arrival, lastArrival: arrival)
    }

    private func belongs(_ sentAt: Instant, _ arrival: Interval, to group: Group) -> Bool {
        if sentAt - group.firstSent <= Self.burst { return true }
        // A line that lets packets through in bursts delays the first ones only.
        let sendDelta = sentAt - group.lastSent
        let arrivalDelta = arrival - group.lastArrival
        return arrivalDelta <= Self.burst && arrivalDelta < sendDelta
            && arrival - group.firstArrival < Interval.milliseconds(100)
    }

    private mutating func compare(_ group: Group, with earlier: Group) {
        let sent = (group.lastSent - earlier.lastSent).milliseconds
        let arrived = (group.lastArrival - earlier.lastArrival).milliseconds
        // A pause of the stream, or a clock that was set: the trend begins anew.
        guard abs(arrived - sent) < 3000, arrived >= 0 else {
            let keptThreshold = threshold
            self = DelayTrend()
            threshold = keptThreshold
            return
        }
        accumulatedDelay += arrived - sent
        smoothedDelay = Self.smoothing * smoothedDelay + (1 - Self.smoothing) * accumulatedDelay
        points[pointCount % Self.window] = ((group.lastArrival - firstArrival).milliseconds, smoothedDelay)
        pointCount += 1
        let trend = pointCount < Self.window ? 0 : slope
        detect(trend, elapsed: sent, at: group.lastArrival)
    }

    /// Milliseconds of delay per millisecond, by least squares.
    private var slope: Double {
        var sum = (x: 0.0, y: 0.0)
        for point in points { sum = (sum.x + point.x, sum.y + point.y) }
        let mean = (x: sum.x / Double(Self.window), y: sum.y / Double(Self.window))
        var product = 0.0
        var square = 0.0
        for point in points {
            product += (point.x - mean.x) * (point.y - mean.y)
            square += (point.x - mean.x) * (point.x - mean.x)
        }
        return square > 0 ? product / square : 0
    }

    private mutating func detect(_ trend: Double, elapsed: Double, at arrival: Interval) {
        let modified = Double(min(pointCount, 60)) * trend * Self.gain
        if modified > threshold {
            timeOver += overCount == 0 ? elapsed / 2 : elapsed
            overCount += 1
            if timeOver > Self.patience, overCount > 1, trend >= lastTrend {
                timeOver = 0
                overCount = 0
                usage = .over
            }
        } else {
            timeOver = 0
            overCount = 0
            usage = modified < -threshold ? .under : .normal
        }
        lastTrend = trend
        adapt(to: abs(modified), at: arrival)
    }

    private mutating func adapt(to trend: Double, at arrival: Interval) {
        let elapsed = min((arrival - (lastUpdate ?? arrival)).milliseconds, 100)
        lastUpdate = arrival
        guard trend <= threshold + Self.spike else { return }
        let rate = trend < threshold ? Self.fallRate : Self.riseRate
        let adapted = threshold + rate * (trend - threshold) * max(0, elapsed)
        threshold = min(max(adapted, Self.thresholdRange.lowerBound), Self.thresholdRange.upperBound)
    }
}
