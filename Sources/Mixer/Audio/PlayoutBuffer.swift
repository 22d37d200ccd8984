import Media

/// Decoded samples on their way from packets of 2.5 to 120 ms to the blocks of the tick: a ring of fixed size. What does
/// not fit pushes out the oldest.
package struct PlayoutBuffer: ~Copyable {
    private let samples: UnsafeMutablePointer<Float>
    // Counted without end; the place in the ring is the remainder.
    private var written = 0
    private var taken = 0
    /// Samples that were pushed out, unheard.
    package private(set) var dropped = 0

    /// Samples it holds: 340 ms.
    package static let capacity = 16_384

    package init() {
        samples = .allocate(capacity: Self.capacity)
        samples.initialize(repeating: 0, count: Self.capacity)
    }

    deinit { samples.deallocate() }

    /// Samples to be read.
    package var count: Int { written - taken }

    /// Appends `count` samples.
    package mutating func write(_ source: UnsafePointer<Float>, count: Int) {
        let kept = min(count, Self.capacity)
        var source = source + (count - kept)
        var left = kept
        while left > 0 {
            let place = written % Self.capacity
            let piece = min(left, Self.capacity - place)
            (samples + place).update(from: source, count: piece)
            written += piece
            source += piece
            left -= piece
        }
        let excess = max(0, self.count - Self.capacity)
        taken += excess
        dropped += excess + (count - kept)
    }

    /// Takes out the oldest samples.
    ///
    /// - Returns: how many: `count`, or what there was.
    package mutating func read(_ count: Int, into sink: UnsafeMutablePointer<Float>) -> Int {
        let available = min(count, self.count)
        var sink = sink
        var left = available
        while left > 0 {
            let place = taken % Self.capacity
            let piece = min(left, Self.capacity - place)
            sink.update(from: samples + place, count: piece)
            taken += piece
            sink += piece
            left -= piece
        }
        return available
    }
}
