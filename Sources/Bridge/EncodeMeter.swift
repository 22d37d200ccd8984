import Media

/// What an encode group's last second looked like.
struct EncodeMeter {
    private(set) var framesPerSecond = 0.0
    private(set) var bitsPerSecond = 0.0
    private(set) var encodeMean = Interval.zero
    private(set) var encodeMax = Interval.zero

    private var start: Instant?
    private var frames = 0
    private var bytes = 0
    private var total = Interval.zero
    private var longest = Interval.zero

    mutating func add(bytes: Int, took: Interval, at now: Instant) {
        guard let start else {
            start = now
            return
        }
        frames += 1
        self.bytes += bytes
        total = total + took
        longest = max(longest, took)
        let elapsed = now - start
        guard elapsed >= .seconds(1) else { return }
        framesPerSecond = Double(frames) / elapsed.seconds
        bitsPerSecond = Double(8 * self.bytes) / elapsed.seconds
        encodeMean = total / frames
        encodeMax = longest
        (self.start, frames, self.bytes, total, longest) = (now, 0, 0, .zero, .zero)
    }
}
