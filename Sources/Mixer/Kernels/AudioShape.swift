// The shape of a wave: where it is cut off.

/// One step of 16 bits: samples within it are the same.
private let step: Float = 1 / 32_768
/// At this and above, samples are at full scale: -0.1 dBFS.
private let fullScale: Float = 0.989
/// Flat tops below this are no clipping anybody hears.
private let leastTop: Float = 0.2
/// Samples in a row that it takes.
private let leastRun = 3

/// How many of `count` samples are cut off: three or more in a row at full scale, or flat tops with steep sides, such as
/// a preamplifier leaves that was overdriven before it was turned down. The top of a low tone is flat too, but not its
/// sides.
package func clippedSamples(in samples: UnsafePointer<Float>, count: Int) -> Int {
    var clipped = 0
    var i = 0
    while i < count {
        let sample = samples[i]
        guard abs(sample) >= leastTop else {
            i += 1
            continue
        }
        let start = i
        if abs(sample) >= fullScale {
            while i < count, samples[i] * sample > 0, abs(samples[i]) >= fullScale { i += 1 }
            if i - start >= leastRun { clipped += i - start }
        } else {
            while i < count, abs(samples[i] - sample) <= step { i += 1 }
            if i - start >= leastRun, isSteep(samples, start, -1, count), isSteep(samples, i - 1, 1, count) {
                clipped += i - start
            }
        }
    }
    return clipped
}

// Whether the wave falls away from its top on one side. What is beyond the block is taken to.
private func isSteep(_ samples: UnsafePointer<Float>, _ index: Int, _ direction: Int, _ count: Int) -> Bool {
    let beside = index + direction
    guard beside >= 0, beside < count else { return true }
    let top = samples[index]
    return abs(samples[beside] - top) > 8 * step && abs(samples[beside]) < abs(top)
}
