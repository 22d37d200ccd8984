// Gains that change within a block, applied in place.

/// `samples[i] *= gain(i)`, the gain running in a straight line from `start` to `end` over `count` samples.
package func scale(_ samples: UnsafeMutablePointer<Float>, from start: Float, to end: Float, count: Int) {
    if start == end {
        for i in 0..<count { samples[i] *= end }
    } else {
        let step = (end - start) / Float(count)
        for i in 0..<Int32(truncatingIfNeeded: count) { samples[Int(i)] *= start + step * Float(i) }
    }
}

/// Fades from `old` to `samples` in place: `samples[i] = old[i] + (samples[i] - old[i]) * i / count`.
///
/// - Precondition: both hold `count` samples and do not overlap.
package func crossFade(from old: UnsafePointer<Float>, to samples: UnsafeMutablePointer<Float>, count: Int) {
    guard count > 0 else { return }
    let step = 1 / Float(count)
    for i in 0..<Int32(truncatingIfNeeded: count) {
        let before = old[Int(i)]
        samples[Int(i)] = before + (samples[Int(i)] - before) * (step * Float(i))
    }
}

/// Reverses a block in place. Played after itself, a block runs on without a step: the material to fade out with when a
/// source ends and nothing follows.
package func mirror(_ samples: UnsafeMutablePointer<Float>, count: Int) {
    var low = 0
    var high = count - 1
    while low < high {
        (samples[low], samples[high]) = (samples[high], samples[low])
        low += 1
        high -= 1
    }
}

/// Bends what is above `knee` smoothly below `ceiling`; samples below the knee stay as they are.
///
/// - Precondition: `0 < knee < ceiling`, and no sample is NaN.
package func bend(_ samples: UnsafeMutablePointer<Float>, knee: Float, ceiling: Float, count: Int) {
    let room = ceiling - knee
    for i in 0..<count {
        let sample = samples[i]
        let excess = Swift.max(0, abs(sample) - knee)
        let bent = Swift.min(abs(sample), knee) + room * excess / (excess + room)
        samples[i] = sample < 0 ? -bent : bent
    }
}
