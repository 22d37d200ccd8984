import CSonic
import Media

/// Sound played faster or slower at the same pitch, by libsonic: periods of the voice are left out or doubled, each with
/// a cross-fade (PICOLA).
///
/// While it stretches it holds back what it looks ahead in, 31 ms at most. `stop` gives that out, so that every sample
/// is heard once and sound goes on from it without a step. Where it isn't stretching it is not asked and costs nothing.
/// The library counts in 16 bits and takes memory when its buffers grow: they grow in `init`.
package struct TimeStretch: ~Copyable {
    private let stream: sonicStream
    private let scratch: UnsafeMutablePointer<Float>
    /// Samples written and read since it began.
    private var written = 0
    private var read = 0
    /// How many of the samples written those read stand for, about.
    private var consumed: Float = 0
    private var speed: Float = 1

    /// The largest piece that is written at once.
    package static let largestPiece = AudioBlock.count
    /// What it looks ahead in at most: two periods of 65 Hz, and some samples of its own search.
    package static let longestHold = 1_488
    /// The library counts in 16 bits and wraps around; decoders go beyond full scale.
    private static let scale: Float = 0.5

    package init() throws(AudioCodecError) {
        guard let stream = sonicCreateStream(Int32(AudioBlock.sampleRate), 1) else { throw .noTimeStretch }
        self.stream = stream
        scratch = .allocate(capacity: Self.largestPiece)
        scratch.initialize(repeating: 0, count: Self.largestPiece)
        // A slow stretch of more than is ever written between two reads makes both buffers as large as they get.
        sonicSetSpeed(stream, 0.6)
        for _ in 0..<8 { _ = sonicWriteFloatToStream(stream, scratch, Int32(Self.largestPiece)) }
        sonicSetSpeed(stream, 1)
        _ = sonicWriteFloatToStream(stream, scratch, 0)
        while sonicReadFloatFromStream(stream, scratch, Int32(Self.largestPiece)) > 0 {}
    }

    deinit {
        sonicDestroyStream(stream)
        scratch.deallocate()
    }

    /// Whether it stretches: sound has to go through it until `stop`.
    package private(set) var isActive = false

    /// Samples inside, about: they have been written and not been read.
    package var held: Int {
        isActive ? min(max(0, written - Int(consumed)), Self.longestHold) + Int(sonicSamplesAvailable(stream)) : 0
    }

    /// Begins, or goes on at another speed.
    ///
    /// - Parameter speed: how many times as fast, 0.5 to 2.
    package mutating func start(speed: Float) {
        if !isActive { (written, read, consumed, isActive) = (0, 0, 0, true) }
        guard speed != self.speed else { return }
        self.speed = min(max(speed, 0.5), 2)
        sonicSetSpeed(stream, self.speed)
    }

    /// Takes `count` samples, `largestPiece` at most.
    package mutating func write(_ samples: UnsafePointer<Float>, count: Int) {
        precondition(isActive && count <= Self.largestPiece, "a piece of sound that the time-stretch can't take")
        for index in 0..<count { scratch[index] = max(-1, min(1, samples[index] * Self.scale)) }
        if sonicWriteFloatToStream(stream, scratch, Int32(count)) != 0 { written += count }
    }

    /// Takes out what is ready.
    ///
    /// - Returns: how many samples: `room`, or what there was.
    package mutating func read(into samples: UnsafeMutablePointer<Float>, room: Int) -> Int {
        let count = Int(sonicReadFloatFromStream(stream, samples, Int32(clamping: room)))
        for index in 0..<count { samples[index] *= 1 / Self.scale }
        read += count
        consumed += Float(count) * speed
        return count
    }

    /// Ends: what is held back is ready now and must be read until there is no more.
    package mutating func stop() {
        speed = 1
        sonicSetSpeed(stream, 1)
        _ = sonicWriteFloatToStream(stream, scratch, 0)
        isActive = false
    }

    /// Samples added since it began, less those taken away; meaningful when all is read.
    package var change: Int { read - written }
}
