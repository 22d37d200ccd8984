// What a block holds: its energy and its peak.

/// The sum of the squares of `count` samples.
package func energy(of samples: UnsafePointer<Float>, count: Int) -> Float {
    // Lanes of our own, since the compiler may not reorder a sum of floats by itself.
    var even = SIMD8<Float>(repeating: 0)
    var odd = SIMD8<Float>(repeating: 0)
    let raw = UnsafeRawPointer(samples)
    var i = 0
    while i &+ 16 <= count {
        let a = raw.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self)
        let b = raw.loadUnaligned(fromByteOffset: i &* 4 &+ 32, as: SIMD8<Float>.self)
        even += a * a
        odd += b * b
        i &+= 16
    }
    let lanes = even + odd
    var sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + (lanes[4] + lanes[5]) + (lanes[6] + lanes[7])
    while i < count {
        sum += samples[i] * samples[i]
        i &+= 1
    }
    return sum
}

/// The largest magnitude among `count` samples; infinity if one of them is infinite or not a number.
package func peak(of samples: UnsafePointer<Float>, count: Int) -> Float {
    // Without its sign bit a float orders like an integer, NaN above infinity; and a maximum of integers vectorises.
    let largest = samples.withMemoryRebound(to: Int32.self, capacity: count) { bits in
        var largest: Int32 = 0
        for i in 0..<count {
            let magnitude = bits[i] & 0x7FFF_FFFF
            largest = magnitude > largest ? magnitude : largest
        }
        return largest
    }
    let peak = Float(bitPattern: UInt32(bitPattern: largest))
    return peak.isFinite ? peak : .infinity
}

/// Zeroes what is no number or infinite, and holds the rest within `limit`.
package func sanitize(_ samples: UnsafeMutablePointer<Float>, limit: Float, count: Int) {
    for i in 0..<count {
        let sample = samples[i]
        samples[i] = sample.isFinite ? Swift.max(-limit, Swift.min(limit, sample)) : 0
    }
}
