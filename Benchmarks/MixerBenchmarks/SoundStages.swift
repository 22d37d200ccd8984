import Benchmark
import Media
import Mixer
import SyntheticMedia

/// A conference's sound: all sites send, the four loudest are mixed, and each site hears the others.
final class MixingStage {
    private var mixer = AudioMixer(loudest: 4)
    private var encoding = SharedEncoding()
    private let sources: [Int]
    private let voices: AudioBlockStorage
    private var tick = 0

    /// So many voices, in different phases, are enough for any number of sites.
    private static let voiceCount = 8
    private static let blocks = 50

    init(sites: Int) throws {
        let room = mixer.addProgram()
        var sources: [Int] = []
        for _ in 0..<sites {
            let source = mixer.addSource()
            sources.append(source)
            let listener = mixer.addListener(program: room, source: source)
            try encoding.addListener(listener, format: AudioFormat(codec: .opus))
        }
        self.sources = sources
        voices = AudioBlockStorage(capacity: Self.voiceCount * Self.blocks)
        for index in 0..<Self.voiceCount {
            let voice = Voice(index, amplitude: index < 4 ? 0.2 : 0.01)
            for tick in 0..<Self.blocks {
                _ = voices[index * Self.blocks + tick].buffer.update(from: voice.block(tick).buffer)
            }
        }
    }

    /// What decoders do at the beginning of a tick.
    func fill() {
        for (site, source) in sources.enumerated() {
            let voice = site < 4 ? site : 4 + site % (Self.voiceCount - 4)
            let block = voices[voice * Self.blocks + (tick + site) % Self.blocks]
            _ = mixer.input(source).update(from: block.buffer)
        }
        tick += 1
    }

    func mix() { mixer.mix() }
    func encode() { encoding.encode(mixer) }
}

/// One Opus encoder and one decoder, with speech.
final class SoundStage {
    private let voice = Voice(2)
    private let packets: [[UInt8]]
    private var encoder: OpusEncoder
    private var decoder: OpusDecoder
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: OpusEncoder.largestPacket, alignment: 16)
    private let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
    private var tick = 0

    init() throws {
        encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 48_000))
        decoder = try OpusDecoder()
        var recorder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 32_000))
        let voice = Voice(2)
        packets = (0..<50).map { tick in
            [UInt8](unsafeUninitializedCapacity: OpusEncoder.largestPacket) { bytes, count in
                count = recorder.encode(voice.block(tick), into: UnsafeMutableRawBufferPointer(bytes)) ?? 0
            }
        }
    }

    deinit {
        bytes.deallocate()
        samples.deallocate()
    }

    func encode() {
        blackHole(encoder.encode(voice.block(tick), into: bytes))
        tick += 1
    }

    func decode() {
        packets[tick % packets.count].withUnsafeBytes { blackHole(decoder.decode($0, into: samples)) }
        tick += 1
    }
}
