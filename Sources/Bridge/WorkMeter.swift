import Media

/// What the last second of a repeated work looked like: how often, how long, how many bytes came of it.
struct WorkMeter {
    /// Of the last whole window of a second; 0 before the first.
    private(set) var framesPerSecond = 0.0
    private(set) var bitsPerSecond = 0.0
    private(set) var mean = Interval.zero
    private(set) var longest = Interval.zero
    /// Of the pictures' quantizers, where the encoder tells them.
    private(set) var quantizer: Double?

    private var window = Window(start: nil)

    private struct Window {
        var start: Instant?
        var frames = 0
        var bytes = 0
        var total = Interval.zero
        var longest = Interval.zero
        var quantizers = 0
        var quantized = 0
    }

    mutating func add(bytes: Int, took: Interval, quantizer: Int? = nil, at now: Instant) {
        guard let start = window.start else {
            window.start = now
            return
        }
        window.frames += 1
        window.bytes += bytes
        window.total = window.total + took
        window.longest = max(window.longest, took)
        if let quantizer {
            window.quantizers += quantizer
            window.quantized += 1
        }
        let elapsed = now - start
        guard elapsed >= .seconds(1) else { return }
        framesPerSecond = Double(window.frames) / elapsed.seconds
        bitsPerSecond = Double(8 * window.bytes) / elapsed.seconds
        mean = window.total / window.frames
        longest = window.longest
        self.quantizer = window.quantized > 0 ? Double(window.quantizers) / Double(window.quantized) : nil
        window = Window(start: now)
    }
}
