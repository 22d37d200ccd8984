import Media

/// A line of limited rate with a queue in front: what does not fit into the queue is lost. Loss by chance comes on top.
struct Bottleneck {
    /// `nil`: as much as anybody sends.
    var rate: Bitrate?
    /// What the queue holds, as time.
    var queue = Interval.milliseconds(300)
    var latency = Interval.milliseconds(20)
    var loss = 0.0
    private var busyUntil = Instant.zero
    private var random: SeededGenerator

    init(rate: Bitrate? = nil, loss: Double = 0, seed: UInt64) {
        self.rate = rate
        self.loss = loss
        random = SeededGenerator(seed: seed)
    }

    /// When a packet comes out at the other end; `nil` if it is lost.
    mutating func send(_ bytes: Int, at now: Instant) -> Instant? {
        guard loss == 0 || Double.random(in: 0..<1, using: &random) >= loss else { return nil }
        guard let rate else { return now + latency }
        guard delay(at: now) <= queue else { return nil }
        let time = Interval(nanoseconds: Int64(bytes) * 8_000_000_000 / Int64(rate.bitsPerSecond))
        busyUntil = max(busyUntil, now) + time
        return busyUntil + latency
    }

    /// How long a packet would wait in the queue.
    func delay(at now: Instant) -> Interval { max(.zero, busyUntil - now) }

    /// What a sender report and its answer take.
    func roundTrip(at now: Instant) -> Interval { latency * 2 + delay(at: now) }
}
