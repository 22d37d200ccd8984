import Console
import Media
import Mixer
import RTP
import SyntheticMedia

/// What the sites of a capacity run send, made once: recordings that cameras share, and a voice.
struct CameraRecordings: Sendable {
    let cameras: [RecordedVideo]
    /// Dark and bright in turn: site 1's, by which delay is measured.
    let flash: RecordedVideo
    /// Opus packets of a second of speech, and of a quiet room.
    let voice: [[UInt8]]
    let quiet: [[UInt8]]

    /// Pictures that the flash is dark, then bright.
    static let flashLength = 15

    /// Of different lengths, so that not all keyframes come at once.
    private static let lengths = [53, 59, 61, 67]

    init(_ scenario: CapacityScenario) throws {
        let (size, bitrate) = (scenario.cameraSize, scenario.cameraBitrate)
        cameras = try Self.lengths.enumerated().map { index, count in
            try RecordedVideo(MovingScene(index), size: size, count: count, bitrate: bitrate)
        }
        let scene = MovingScene(9)
        flash = try RecordedVideo(size: size, count: 4 * Self.flashLength, bitrate: bitrate) {
            raster, step in
            raster.fill(step / Self.flashLength % 2 == 0 ? .background : Colour(y: 200, cb: 128, cr: 128))
            // The rest moves, so that there is something to encode.
            let lower = Rectangle(
                x: 0, y: raster.size.height / 4 * 2, width: raster.size.width, height: raster.size.height / 2)
            scene.paint(raster.part(lower), step: step)
        }
        voice = try Self.speech(amplitude: 0.1)
        quiet = try Self.speech(amplitude: 0.0003)
    }

    private static func speech(amplitude: Float) throws -> [[UInt8]] {
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 32_000))
        let voice = Voice(3, amplitude: amplitude)
        var room = [UInt8](repeating: 0, count: 1500)
        return (0..<50).compactMap { tick in
            room.withUnsafeMutableBytes { encoder.encode(voice.block(tick), into: $0) }.map { Array(room.prefix($0)) }
        }
    }
}

/// One site: its camera and its microphone, and when each sends next.
final class CameraSource {
    private var stream: LoopedStream
    private let sound: [[UInt8]]
    private var sequence: UInt16 = 0
    private(set) var nextPicture: Instant
    private(set) var nextSound: Instant
    private let ssrc: UInt32
    private let pictures: Outlet
    private let sounds: Outlet

    private static let pictureInterval = Interval(nanoseconds: 33_333_333)
    private static let soundInterval = Interval.milliseconds(20)

    init(
        _ video: RecordedVideo, sound: [[UInt8]], ssrc: UInt32, from start: Instant, pictures: Outlet, sounds: Outlet
    ) {
        stream = LoopedStream(video, ssrc: ssrc)
        self.sound = sound
        self.ssrc = ssrc
        self.pictures = pictures
        self.sounds = sounds
        nextPicture = start
        nextSound = start
    }

    /// Sends what is due; returns the number of the picture that went out, if one did.
    func send(at now: Instant, _ batch: inout SendBatch) -> Int? {
        if nextSound <= now {
            nextSound += Self.soundInterval
            batch.removeAll()
            appendSound(to: &batch)
            _ = batch.send(through: sounds)
        }
        guard nextPicture <= now else { return nil }
        nextPicture += Self.pictureInterval
        batch.removeAll()
        let picture = stream.nextPicture(into: &batch)
        _ = batch.send(through: pictures)
        return picture
    }

    private func appendSound(to batch: inout SendBatch) {
        let packet = sound[Int(sequence) % sound.count]
        let header = RTPHeader(
            payloadType: 111, marker: sequence == 0, sequence: sequence, timestamp: UInt32(sequence) &* 960,
            ssrc: ssrc ^ 0x8000_0000)
        let slot = batch.slot
        header.write(into: slot)
        UnsafeMutableRawBufferPointer(rebasing: slot[RTPHeader.fixedSize...]).copyBytes(from: packet)
        batch.commit(RTPHeader.fixedSize + packet.count)
        sequence &+= 1
    }
}
