import Media

/// Events and their amount per second, over windows of one second.
package struct RateMeter {
    private var windowStart: Instant?
    private var events = 0
    private var amount = 0
    /// Of the last whole window.
    private var lastEventsPerSecond = 0.0
    private var lastAmountPerSecond = 0.0
    private var lastWindowEnd = Instant.zero

    private static let window = Interval.seconds(1)

    package init() {}

    package mutating func add(_ amount: Int, at now: Instant) {
        guard let start = windowStart else {
            windowStart = now
            return
        }
        events += 1
        self.amount += amount
        let elapsed = now - start
        guard elapsed >= Self.window else { return }
        lastEventsPerSecond = Double(events) / elapsed.seconds
        lastAmountPerSecond = Double(self.amount) / elapsed.seconds
        lastWindowEnd = now
        windowStart = now
        events = 0
        self.amount = 0
    }

    /// Events per second; 0 when nothing came for three windows.
    package func eventsPerSecond(at now: Instant) -> Double {
        now - lastWindowEnd > Self.window * 3 ? 0 : lastEventsPerSecond
    }

    /// Amount per second; 0 when nothing came for three windows.
    package func amountPerSecond(at now: Instant) -> Double {
        now - lastWindowEnd > Self.window * 3 ? 0 : lastAmountPerSecond
    }
}
