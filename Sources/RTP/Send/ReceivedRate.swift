import Media

/// How much reaches a site per second, by the arrivals that its feedback tells of. In bits per second.
struct ReceivedRate: Sendable {
    private struct Sample {
        var bits = 0.0
        var seconds = 0.0

        var rate: Double { bits / max(seconds, 1e-3) }
    }

    private var samples = [Sample](repeating: Sample(), count: sampleCount)
    private var taken = 0
    private var start: Interval?
    private var bytes = 0

    private static let sampleLength = Interval.milliseconds(100)
    private static let sampleCount = 5
    private static let peakCount = 3

    /// Takes note of a packet. - Parameter arrival: on the peer's clock; any start, so long as it stays.
    mutating func add(_ size: Int, at arrival: Interval) {
        guard let start, arrival >= start else {
            self.start = arrival
            bytes = 0
            return
        }
        bytes += size
        let elapsed = arrival - start
        guard elapsed >= Self.sampleLength else { return }
        samples[taken % Self.sampleCount] = Sample(bits: 8 * Double(bytes), seconds: elapsed.seconds)
        taken += 1
        self.start = arrival
        bytes = 0
    }

    /// Over the last half second; `nil` until that has passed.
    var mean: Double? {
        guard taken >= Self.sampleCount else { return nil }
        var sum = Sample()
        for sample in samples { sum = Sample(bits: sum.bits + sample.bits, seconds: sum.seconds + sample.seconds) }
        return sum.rate
    }

    /// The most in a tenth of the last third of a second: while a queue grows, that is what the line carries, also
    /// where it was only a keyframe that made it grow.
    var peak: Double? {
        guard taken >= Self.sampleCount else { return nil }
        return (1...Self.peakCount).reduce(0) { max($0, samples[(taken - $1) % Self.sampleCount].rate) }
    }
}
