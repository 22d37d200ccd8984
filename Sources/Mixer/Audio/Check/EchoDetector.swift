import CFFmpeg
import Glibc
import Media

/// Finds what was sent to a site in what comes from it: its loudspeaker heard by its microphone.
///
/// The two are correlated at 4 kHz in frames of 128 ms, each with the sent frames of the 1.6 s before it, and the
/// cross-spectra are added up. What is received counts by its phase only, so that the site's own talkers, however loud, are
/// noise of unit size (the phase transform of Knapp and Carter, "The generalized correlation method for estimation of
/// time delay", 1976; on the received side alone). An echo is a peak far above all other lags that is there in both
/// halves of the frames. Five seconds find one 25 dB down under a talker as loud as what is sent, ten seconds 30 dB.
///
/// Takes all its memory (190 KB) when it is made, and about 0.1 ms every 64 ms.
package struct EchoDetector: ~Copyable {
    /// The longest delay that is looked for.
    package static let longestDelay = Interval.milliseconds(1_500)

    private var sentFrame = EchoFrame()
    private var receivedFrame = EchoFrame()
    private let spectra = EchoSpectra()
    private let forward = FourierTransform(count: EchoFrame.count, .forward)
    private let window: UnsafeMutablePointer<Float>
    private var frames = 0
    private var sentFrames = 0

    /// Frames taken for one half before it is the other's turn: 1 s.
    private static let framesPerTurn = 16
    /// A sent frame below this says nothing: -60 dBov.
    private static let leastSent: Float = 1e-6
    /// Sent sound that it takes to tell.
    private static let leastSeconds = 2.0

    package init() {
        window = .allocate(capacity: EchoFrame.count)
        for i in 0..<EchoFrame.count {
            window[i] = Float(0.5 - 0.5 * cos(2 * Double.pi * Double(i) / Double(EchoFrame.count)))
        }
    }

    deinit { window.deallocate() }

    /// Takes the blocks of one tick: what the site was sent, and what came from it, silence if nothing did. Their samples
    /// must be finite.
    package mutating func take(sent: AudioBlock, received: AudioBlock) {
        sentFrame.take(sent)
        receivedFrame.take(received)
        guard sentFrame.isFull else { return }
        analyse()
        sentFrame.advance()
        receivedFrame.advance()
    }

    /// What was found so far. It takes about a millisecond: not for the audio thread.
    package var finding: EchoFinding {
        let sentSeconds = Double(sentFrames) * EchoFrame.hopSeconds
        guard sentSeconds >= Self.leastSeconds else { return EchoFinding(sentSeconds: sentSeconds) }
        guard let peak = EchoSearch(spectra).peak() else { return EchoFinding(state: .none, sentSeconds: sentSeconds) }
        return EchoFinding(
            state: .heard, delayMs: peak.delay.milliseconds, attenuationDb: peak.attenuation, sentSeconds: sentSeconds)
    }

    // One transform serves both frames: the sent one is its real part, the received one its imaginary part.
    private mutating func analyse() {
        let (sent, received) = (sentFrame.samples, receivedFrame.samples)
        for i in 0..<EchoFrame.count {
            forward.input[i].re = sent[i] * window[i]
            forward.input[i].im = received[i] * window[i]
        }
        forward.run()
        spectra.take(forward.output, half: frames / Self.framesPerTurn % 2)
        frames += 1
        if energy(of: sent, count: EchoFrame.count) > Self.leastSent * Float(EchoFrame.count) { sentFrames += 1 }
    }
}

/// 128 ms of a sound at 4 kHz, of which half is new at each turn.
struct EchoFrame: ~Copyable {
    static let count = 512
    static let hop = 256
    static let sampleRate = 4_000
    static let hopSeconds = Double(hop) / Double(sampleRate)

    let samples: UnsafeMutablePointer<Float>
    private var filled = EchoFrame.hop
    private var downsampler = Downsampler()

    init() {
        samples = .allocate(capacity: Self.count + Downsampler.blockCount)
        samples.initialize(repeating: 0, count: Self.count + Downsampler.blockCount)
    }

    deinit { samples.deallocate() }

    var isFull: Bool { filled >= Self.count }

    mutating func take(_ block: AudioBlock) {
        downsampler.convert(block, into: samples + filled)
        filled += Downsampler.blockCount
    }

    mutating func advance() {
        samples.update(from: samples + Self.hop, count: filled - Self.hop)
        filled -= Self.hop
    }
}
