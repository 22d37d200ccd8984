// Sums of samples and of products of samples, in lanes of our own: the compiler may not reorder a sum of floats by itself.

/// The sum of `count` samples.
package func sum(of samples: UnsafePointer<Float>, count: Int) -> Float {
    var lanes = SIMD8<Float>(repeating: 0)
    let raw = UnsafeRawPointer(samples)
    var i = 0
    while i &+ 8 <= count {
        lanes += raw.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self)
        i &+= 8
    }
    var sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + (lanes[4] + lanes[5]) + (lanes[6] + lanes[7])
    while i < count {
        sum += samples[i]
        i &+= 1
    }
    return sum
}

/// The sum of `a[i] * b[i]` over `count` samples.
package func product(of a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
    var lanes = SIMD8<Float>(repeating: 0)
    let (rawA, rawB) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    var i = 0
    while i &+ 8 <= count {
        lanes +=
            rawA.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self)
            * rawB.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self)
        i &+= 8
    }
    var sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + (lanes[4] + lanes[5]) + (lanes[6] + lanes[7])
    while i < count {
        sum += a[i] * b[i]
        i &+= 1
    }
    return sum
}

/// Adds a received spectrum, correlated with one that was sent before, to what was gathered: `conj(sent) * received` to
/// the cross-spectrum, `|sent|² * weight` and `|sent|²` to the sums that it is normalised by.
///
/// - Precondition: all hold `count` bins, and none that is written overlaps another.
func addCrossSpectrum(
    sent: SplitSpectrum, received: SplitSpectrum, weight: UnsafePointer<Float>, into cross: SplitSpectrum,
    weightedPower: UnsafeMutablePointer<Float>, power: UnsafeMutablePointer<Float>, count: Int
) {
    for i in 0..<count {
        let (a, b) = (sent.real[i], sent.imaginary[i])
        let (c, d) = (received.real[i], received.imaginary[i])
        let square = a * a + b * b
        cross.real[i] += a * c + b * d
        cross.imaginary[i] += a * d - b * c
        weightedPower[i] += square * weight[i]
        power[i] += square
    }
}

/// A spectrum as two rows: views into memory of somebody else's.
struct SplitSpectrum {
    let real: UnsafeMutablePointer<Float>
    let imaginary: UnsafeMutablePointer<Float>
}
