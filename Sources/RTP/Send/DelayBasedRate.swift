import Media

/// The rate that keeps queues on the way to a site short: additive increase, multiplicative decrease, driven by the
/// trend of the delay (draft-ietf-rmcat-gcc-02 section 5.5). In bits per second.
struct DelayBasedRate: Sendable {
    private enum State {
        case increase
        case hold
    }

    private(set) var rate: Double
    private let range: ClosedRange<Double>
    private var state = State.increase
    /// What the site received while the last queues built up, and how much that varies, relative.
    private var capacity: (mean: Double, variance: Double)?
    private var lastUpdate: Instant?
    private var lastDecrease: Instant?

    /// Down to this part of what arrives: the queue has to drain too.
    private static let decrease = 0.85
    /// Arrivals say nothing of the line while the picture stands still: no decrease goes below half of the rate.
    private static let deepest = 0.5
    private static let growthPerSecond = 1.08
    /// Bits added per response time when the rate is near what the line is known to carry: half a packet.
    private static let step = 4800.0

    init(rate: Double, range: ClosedRange<Double>) {
        self.rate = rate
        self.range = range
    }

    /// - Parameter received: what reached the site.
    mutating func update(_ usage: DelayTrend.Usage, received: ReceivedRate, roundTrip: Interval?, at now: Instant) {
        let elapsed = min((now - (lastUpdate ?? now)).seconds, 1)
        lastUpdate = now
        switch usage {
        case .over: reduce(received: received.peak, roundTrip: roundTrip, at: now)
        // A queue that drains says nothing of how fast it may be filled again.
        case .under: state = .hold
        case .normal:
            if state == .hold {
                state = .increase
            } else {
                grow(elapsed, received: received.mean, roundTrip: roundTrip)
            }
        }
    }

    private mutating func reduce(received: Double?, roundTrip: Interval?, at now: Instant) {
        state = .hold
        guard let received else { return }
        // One decrease per response of the line.
        let response = (roundTrip ?? .milliseconds(100)) + .milliseconds(200)
        if let lastDecrease, now - lastDecrease < response { return }
        lastDecrease = now
        learn(received)
        clamp(min(rate, max(Self.decrease * received, Self.deepest * rate)))
    }

    private mutating func grow(_ elapsed: Double, received: Double?, roundTrip: Interval?) {
        // Above what was tried the line is unknown: twice as much is as far as a guess goes.
        guard let received, rate < 2 * received else { return }
        if let capacity, received > capacity.mean + 3 * deviation { self.capacity = nil }
        if let capacity, rate >= capacity.mean - 3 * deviation {
            let response = (roundTrip ?? .milliseconds(100)).seconds + 0.1
            clamp(rate + Self.step * elapsed / response)
        } else {
            clamp(rate * (1 + (Self.growthPerSecond - 1) * elapsed))
        }
    }

    private mutating func learn(_ received: Double) {
        if let known = capacity, abs(received - known.mean) > 3 * deviation { capacity = nil }
        guard let known = capacity else {
            capacity = (received, 0.005)
            return
        }
        let mean = 0.95 * known.mean + 0.05 * received
        let error = (received - known.mean) / known.mean
        capacity = (mean, min(max(0.95 * known.variance + 0.05 * error * error, 0.0008), 0.005))
    }

    private var deviation: Double { capacity.map { $0.mean * $0.variance.squareRoot() } ?? 0 }

    private mutating func clamp(_ rate: Double) {
        self.rate = min(max(rate, range.lowerBound), range.upperBound)
    }
}
