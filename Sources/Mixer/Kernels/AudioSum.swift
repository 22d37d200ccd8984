// Sums over samples. Weights run in a straight line from the first sample of a block to the first of the next, so that
// no change of gain is a step. Counts are checked by the callers, once a block.

/// `sum[i] += samples[i] * weight(i)`, the weight running from `start` to `end` over `count` samples.
///
/// - Precondition: both hold `count` samples and do not overlap.
package func addWeighted(
    _ samples: UnsafePointer<Float>, from start: Float, to end: Float, into sum: UnsafeMutablePointer<Float>, count: Int
) {
    if start == end {
        for i in 0..<count { sum[i] += samples[i] * end }
    } else {
        let step = (end - start) / Float(count)
        for i in 0..<Int32(truncatingIfNeeded: count) {
            sum[Int(i)] += samples[Int(i)] * (start + step * Float(i))
        }
    }
}

/// `difference[i] = total[i] - samples[i] * weight(i)`: a mix without one of its sources, the exact opposite of
/// `addWeighted` with the same weights.
///
/// - Precondition: all hold `count` samples; `difference` overlaps none of the others.
package func subtractWeighted(
    _ samples: UnsafePointer<Float>, from start: Float, to end: Float, of total: UnsafePointer<Float>,
    into difference: UnsafeMutablePointer<Float>, count: Int
) {
    if start == end {
        for i in 0..<count { difference[i] = total[i] - samples[i] * end }
    } else {
        let step = (end - start) / Float(count)
        for i in 0..<Int32(truncatingIfNeeded: count) {
            difference[Int(i)] = total[Int(i)] - samples[Int(i)] * (start + step * Float(i))
        }
    }
}
