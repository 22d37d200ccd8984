import Media
import Mixer
import TestSupport

/// What a meeting's encoders give, tick by tick: pictures whose luma says their number, 25 a second, and a tone.
struct RecordedMeeting: ~Copyable {
    /// The meeting's clock when it begins: not 0, as in life.
    static let start = Interval.seconds(1_000)
    static let size = Size(width: 320, height: 180)
    static let pictures = MediaFileWriter.Pictures(codec: .h264, size: size, frameRate: 25)

    private var video: VideoEncoder
    private var opus: OpusEncoder
    private let canvas: Canvas
    private let storage: AudioBlockStorage
    private let bytes: UnsafeMutableRawBufferPointer
    /// Pictures so far.
    private(set) var count: Int

    init(codec: VideoCodec = .h264, gop: Double = 1) throws {
        let size = Self.size
        let video = try VideoEncoder(
            VideoEncoderSettings(
                codec: codec, size: size, frameRate: 25, bitrate: Bitrate(bitsPerSecond: 600_000), gop: gop,
                preset: "ultrafast"))
        let opus = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 48_000))
        self.video = video
        self.opus = opus
        canvas = Canvas(size: size)
        storage = AudioBlockStorage(capacity: 1)
        bytes = .allocate(byteCount: OpusEncoder.largestPacket, alignment: 16)
        count = 0
    }

    deinit { bytes.deallocate() }

    /// Gives 40 ms: a picture, and two blocks of sound with their packets. Luma is 16 + 8 n, over again each 25.
    mutating func tick(
        picture: (AccessUnit, Interval) throws -> Void,
        sound: (AudioBlock, UnsafeRawBufferPointer, Interval) throws -> Void
    ) throws {
        let time = Self.start + Interval.milliseconds(40) * count
        let number = count % 25
        canvas.withRaster { $0.fill(Colour(y: UInt8(16 + 8 * number))) }
        if let unit = video.encode(canvas, timestamp: Int64(count * 3600)) { try picture(unit, time) }
        for half in 0..<2 {
            _ = storage[0].buffer.update(from: Sound.tone(440, amplitude: 0.25, tick: count * 2 + half))
            let length = opus.encode(storage[0], into: bytes) ?? 0
            try sound(
                storage[0], UnsafeRawBufferPointer(rebasing: bytes[..<length]), time + AudioBlock.duration * half)
        }
        count += 1
    }

    /// Writes `ticks` ticks, with the sound in the form that was said when `writer` was opened.
    mutating func write(_ ticks: Int, to writer: inout MediaFileWriter, deadline: Instant = .distantFuture) throws {
        let (hasPictures, form) = (writer.pictures != nil, writer.sound)
        for _ in 0..<ticks {
            try tick(
                picture: { if hasPictures { try writer.write($0, at: $1, deadline: deadline) } },
                sound: { block, packet, time in
                    switch form {
                    case .opus: try writer.write(opus: packet, at: time, deadline: deadline)
                    case .samples: try writer.write(block, at: time, deadline: deadline)
                    case nil: break
                    }
                })
        }
    }
}
