import Media

/// One site's sound from packets to blocks: decoder, fades between sound, concealment and silence, time-stretch, drift
/// correction and playout buffer. The jitter buffer decides what to play and how fast; this plays it. Each tick:
///
///     source.setPace(speed:correction:), as the jitter buffer says
///     while source.isShort { play, recover, conceal, skip or rest, as it says; release where it is dry }
///     source.read(into: mixer.input(index))
///
/// Takes no memory after `init`, but for what libavcodec takes for itself.
package struct AudioSource: ~Copyable {
    package private(set) var codec: AudioCodec
    package private(set) var counters = AudioSourceCounters()
    private var decoder: AudioDecoder
    private var playout = PlayoutBuffer()
    private var envelope = Envelope()
    private var stretch: TimeStretch
    private var drift: DriftCorrection
    // Samples invented since the last that were heard.
    private var concealed = 0
    private let scratch: UnsafeMutableBufferPointer<Float>
    // What would have come next where something is left out: the next samples are faded in from it.
    private let tail: UnsafeMutablePointer<Float>
    private var tailCount = 0
    // What came out of the time-stretch, and what of the resampler.
    private let stretched: UnsafeMutablePointer<Float>
    private let corrected: UnsafeMutablePointer<Float>

    /// Concealment longer than this, in samples, is given up: 100 ms.
    package static let longestConcealment = 4_800

    package init(codec: AudioCodec) throws(AudioCodecError) {
        let decoder = try AudioDecoder(codec)
        let stretch = try TimeStretch()
        let drift = try DriftCorrection()
        self.decoder = decoder
        self.drift = drift
        self.stretch = stretch
        self.codec = codec
        stretched = .allocate(capacity: DriftCorrection.largestPiece)
        stretched.initialize(repeating: 0, count: DriftCorrection.largestPiece)
        corrected = .allocate(capacity: DriftCorrection.room)
        corrected.initialize(repeating: 0, count: DriftCorrection.room)
        scratch = .allocate(capacity: OpusDecoder.longestPacket)
        scratch.initialize(repeating: 0)
        tail = .allocate(capacity: Envelope.quick)
        tail.initialize(repeating: 0, count: Envelope.quick)
    }

    deinit {
        scratch.deallocate()
        tail.deallocate()
        stretched.deallocate()
        corrected.deallocate()
    }

    /// Samples that were decoded and are not played yet.
    package var buffered: Int { playout.count + stretch.held }
    /// Whether the next block needs more than is there.
    package var isShort: Bool { playout.count < AudioBlock.count }
    /// Whether nothing is heard: the site has not begun, rests, or its loss was given up.
    package var isSilent: Bool { envelope.value == 0 }

    /// Plays what follows at another pace.
    ///
    /// - Parameters:
    ///   - speed: how many times as fast, by the time-stretch; 1 ends it.
    ///   - correction: parts per million by which the sender's clock is faster than ours.
    package mutating func setPace(speed: Float, correction: Int) {
        drift.correction = correction
        if speed != 1, !isSilent { stretch.start(speed: speed) } else { release() }
    }

    /// Plays what the time-stretch holds back, and ends it: there is nothing that could follow yet.
    ///
    /// - Returns: whether there was anything.
    @discardableResult
    package mutating func release() -> Bool {
        guard stretch.isActive else { return false }
        stretch.stop()
        let moved = collect()
        let change = stretch.change
        if change > 0 { counters.inserted += change } else { counters.removed -= change }
        return moved > 0
    }

    /// Plays a packet. A bad one is concealed.
    package mutating func play(_ packet: UnsafeRawBufferPointer) {
        append(decoder.decode(packet, into: scratch), isInvented: packet.isEmpty, otherwise: AudioBlock.count)
    }

    /// Plays what a lost packet of `duration` samples held, as far as the packet after it tells. That packet is to be
    /// played next. Where it doesn't tell, the loss is concealed.
    package mutating func recover(fromNext following: UnsafeRawBufferPointer, duration: Int) {
        guard codec == .opus, OpusDecoder.hasRedundancy(following) else { return conceal(duration) }
        let result = decoder.recover(fromNext: following, duration: duration, into: scratch)
        if case .samples(let count) = result {
            counters.recovered += 1
            counters.recoveredSamples += count
        }
        append(result, isInvented: false, otherwise: duration)
    }

    /// Invents `duration` samples for a loss; after `longestConcealment` they fade to silence.
    package mutating func conceal(_ duration: Int) {
        // Pieces of a length that any decoder takes, whatever is asked for.
        var left = min(max(duration, OpusDecoder.grain), PlayoutBuffer.capacity)
        while left > 0 {
            let piece = min(left, AudioBlock.count)
            if envelope.value == 0 {
                scratch.baseAddress?.update(repeating: 0, count: piece)
                write(piece)
                left -= piece
                continue
            }
            guard case .samples(let count) = decoder.conceal(piece, into: scratch) else { return rest(left) }
            appendInvented(count)
            left -= max(count, 1)
        }
    }

    /// Leaves a packet out, to lose delay: it is decoded, and the sound before it faded into the sound after it.
    package mutating func skip(_ packet: UnsafeRawBufferPointer) {
        guard case .samples(let count) = decoder.decode(packet, into: scratch), let start = scratch.baseAddress else {
            counters.refused += 1
            return
        }
        counters.skipped += count
        // After one that is left out already, what would have followed the sound is known better from the first.
        guard tailCount == 0, envelope.value > 0 else { return }
        tailCount = min(count, Envelope.quick)
        scale(start, from: envelope.value, to: envelope.value, count: tailCount)
        tail.update(from: start, count: tailCount)
    }

    /// Plays `duration` samples of silence; what was heard fades out first, which takes 5 ms at least.
    package mutating func rest(_ duration: Int) {
        var left = min(max(duration, 0), PlayoutBuffer.capacity)
        release()
        if envelope.value > 0, let start = scratch.baseAddress,
            case .samples(let count) = decoder.conceal(Envelope.quick, into: scratch)
        {
            envelope.apply(to: start, count: count, target: 0, length: Envelope.quick)
            write(count)
            left -= count
        }
        envelope = Envelope()
        while left > 0 {
            let piece = min(left, AudioBlock.count)
            scratch.baseAddress?.update(repeating: 0, count: piece)
            write(piece)
            left -= piece
        }
        concealed = 0
    }

    /// Changes the codec: the old sound is faded into the new. Not for the hot path.
    package mutating func change(to codec: AudioCodec) throws(AudioCodecError) {
        guard codec != self.codec else { return }
        let next = try AudioDecoder(codec)
        if envelope.value > 0, tailCount == 0, let start = scratch.baseAddress,
            case .samples(let count) = decoder.conceal(Envelope.quick, into: scratch)
        {
            tailCount = min(count, Envelope.quick)
            tail.update(from: start, count: tailCount)
        }
        decoder = next
        self.codec = codec
    }

    /// Takes the next block out. What is missing is concealed, so that a block is always whole.
    package mutating func read(into block: UnsafeMutableBufferPointer<Float>) {
        precondition(block.count >= AudioBlock.count, "room for less than a block")
        while isShort {
            if !release() { conceal(AudioBlock.count - playout.count) }
        }
        if let start = block.baseAddress { counters.played += playout.read(AudioBlock.count, into: start) }
    }

    private mutating func append(_ result: AudioDecoding, isInvented: Bool, otherwise duration: Int) {
        switch result {
        case .samples(let count) where isInvented: appendInvented(count)
        case .samples(let count):
            counters.decoded += 1
            concealed = 0
            if let start = scratch.baseAddress {
                envelope.apply(to: start, count: count, target: 1, length: Envelope.quick)
            }
            write(count)
        case .refused:
            counters.refused += 1
            conceal(duration)
        }
    }

    private mutating func appendInvented(_ count: Int) {
        counters.concealed += count
        concealed += count
        let isGivenUp = concealed > Self.longestConcealment
        if let start = scratch.baseAddress {
            envelope.apply(
                to: start, count: count, target: isGivenUp ? 0 : envelope.value, length: Envelope.slow)
        }
        write(count)
    }

    private mutating func write(_ count: Int) {
        guard let start = scratch.baseAddress, count > 0 else { return }
        if tailCount > 0 {
            let overlap = min(tailCount, count)
            crossFade(from: tail, to: start, count: overlap)
            tailCount = 0
        }
        pass(start, count: count)
    }

    // On through the time-stretch, if it is at work, and the resampler.
    private mutating func pass(_ samples: UnsafePointer<Float>, count: Int) {
        var (samples, left) = (samples, count)
        while left > 0 {
            let piece = min(left, AudioBlock.count)
            if stretch.isActive {
                stretch.write(samples, count: piece)
                _ = collect()
            } else {
                correct(samples, count: piece)
            }
            samples += piece
            left -= piece
        }
    }

    private mutating func collect() -> Int {
        var moved = 0
        while true {
            let count = stretch.read(into: stretched, room: AudioBlock.count)
            if count == 0 { return moved }
            correct(stretched, count: count)
            moved += count
        }
    }

    private mutating func correct(_ samples: UnsafePointer<Float>, count: Int) {
        playout.write(corrected, count: drift.convert(samples, count: count, into: corrected))
    }
}
