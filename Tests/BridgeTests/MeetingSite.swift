import Bridge
import Media
import Mixer
import RTP
import SyntheticMedia
import TestSupport

/// One site of a simulated meeting: a camera and a microphone, the lines they send over, and what the bridge keeps of the
/// site: sessions, reorder and jitter buffers, decoder of the sound, sampler of the picture.
///
///     camera → line → session → video receiver → the latest pictures
///     microphone → line → the socket's queue → session → jitter buffer → sound
final class MeetingSite {
    /// At 30 a second.
    static let frame = Interval.seconds(1) / 30
    /// The kernel's room for a socket, in datagrams.
    private static let socketRoom = 2_000

    let number: Int
    var pictureLine: VirtualNetwork
    var soundLine: VirtualNetwork
    private var hostile: HostileDatagrams

    /// The endpoint; `nil` while it is dead.
    private var camera: Camera?
    private let voice: [[UInt8]]

    private struct Shot: TimedPicture {
        var timestamp: Int64
        var decodedAt: Instant
        var number: Int { Int(timestamp / 3_000) }
    }

    private struct Camera: ~Copyable {
        var stream: LoopedStream
        var start: Instant
        var pictures = 0
        /// The first datagram of the next picture, if it was taken already.
        var next: [UInt8]?
        var blocks = 0
        let ssrc: UInt32
    }

    private var pictureSession: RTPSession
    private var receiver = VideoReceiver(codec: .h264)
    private var soundSession: RTPSession
    private var jitterBuffer = AudioJitterBuffer()
    private var source: AudioSource
    private var socketQueue: [[UInt8]] = []

    private var sampler = PictureSampler(period: frame)
    /// The newest first.
    private var pictures: [Shot] = []
    private var shown: Int?

    init(_ number: Int, video: RecordedVideo, voice: [[UInt8]], line: VirtualNetwork.Line) throws {
        self.number = number
        self.voice = voice
        pictureLine = VirtualNetwork(seed: UInt64(2 * number), line: line)
        soundLine = VirtualNetwork(seed: UInt64(2 * number + 1), line: line)
        hostile = HostileDatagrams(seed: UInt64(number))
        source = try AudioSource(codec: .opus)
        func session(_ payloadType: PayloadType?, clockRate: Int, isVideo: Bool) -> RTPSession {
            var accepts = PayloadTypeTable()
            if let payloadType { accepts[payloadType] = 0 }
            return RTPSession(
                .init(ssrc: 1, cname: "bridge", clockRate: clockRate, isVideo: isVideo, accepts: accepts),
                generator: SeededGenerator(seed: UInt64(number)), at: .zero)
        }
        pictureSession = session(LoopedStream.payloadType, clockRate: VideoCodec.clockRate, isVideo: true)
        soundSession = session(PayloadType(111), clockRate: 48_000, isVideo: false)
        jitterBuffer.hasFEC = true
    }

    // MARK: The endpoint

    /// Begins to send, with new SSRCs.
    func begin(_ video: RecordedVideo, ssrc: UInt32, at now: Instant) {
        camera = Camera(stream: LoopedStream(video, ssrc: ssrc), start: now, next: nil, ssrc: ssrc)
    }

    /// Dies without a BYE.
    func crash() { camera = nil }

    /// Sends what is due.
    func send(at now: Instant) {
        guard var camera = camera.take() else { return }
        while now >= camera.start + Self.frame * camera.pictures { sendPicture(&camera, at: now) }
        while now >= camera.start + .milliseconds(20) * camera.blocks {
            let block = camera.blocks
            camera.blocks += 1
            var datagram = RTPBytes.media(
                payloadType: 111, sequence: block, timestamp: UInt32(truncatingIfNeeded: 960 * block),
                ssrc: camera.ssrc, payload: voice[block % voice.count])
            datagram[1] &= 0x7F
            hostile.learn(datagram)
            soundLine.send(datagram, at: now)
        }
        self.camera = consume camera
    }

    private func sendPicture(_ camera: inout Camera, at now: Instant) {
        if let first = camera.next { pictureLine.send(first, at: now) }
        camera.next = nil
        while true {
            let (datagram, picture) = camera.stream.next()
            guard picture == camera.pictures else {
                camera.next = Array(datagram)
                break
            }
            hostile.learn(Array(datagram))
            pictureLine.send(Array(datagram), at: now)
        }
        camera.pictures += 1
    }

    /// Datagrams that are none of the endpoint's, or no longer, at both ports.
    func flood(_ count: Int, at now: Instant) {
        for _ in 0..<count {
            take(picture: hostile.make().datagram, at: now)
            queue(hostile.make().datagram)
        }
    }

    // MARK: The bridge's half

    /// Takes what the lines have brought: pictures at once, as the camera's own queue does.
    func receive(at now: Instant) {
        while let delivery = pictureLine.receive(by: now) { take(picture: delivery.datagram, at: delivery.arrival) }
        drain(at: now)
        while let delivery = soundLine.receive(by: now) { queue(delivery.datagram) }
    }

    private func queue(_ datagram: [UInt8]) {
        if socketQueue.count < Self.socketRoom { socketQueue.append(datagram) }
    }

    private func take(picture datagram: [UInt8], at now: Instant) {
        datagram.withUnsafeBytes { bytes in
            guard case .media(let header, let sequence, let timestamp) = pictureSession.receive(bytes, at: now) else {
                return
            }
            act(at: now)
            receiver.receive(
                VideoPacket(
                    codec: .h264, sequence: sequence, timestamp: timestamp, marker: header.marker, arrival: now,
                    payload: UnsafeRawBufferPointer(rebasing: bytes[header.payload])), at: now)
        }
        drain(at: now)
    }

    private func drain(at now: Instant) {
        while let event = receiver.next(at: now) {
            switch event {
            case .accessUnit(let unit):
                pictures.insert(Shot(timestamp: unit.timestamp, decodedAt: now), at: 0)
                if pictures.count > 6 { pictures.removeLast() }
                pictureSession.keyframeReceived()
            case .keyframeNeeded: pictureSession.requestKeyframe()
            case .refused: break
            }
        }
        act(at: now)
    }

    private func act(at now: Instant) {
        while let action = pictureSession.next(at: now) {
            if case .streamChanged = action { receiver.streamChanged() }
        }
    }

    /// The number of the picture that a tick shows, as `SiteFace` chooses it; `nil` before the first.
    func picture(at tick: Instant) -> Int? {
        if let index = sampler.choose(from: pictures, at: tick) { shown = pictures[index].number }
        return shown
    }

    /// How far the tick would have to be moved for this site; `nil` if the last one found no new picture.
    var tickOffset: Interval? { sampler.tickOffset }

    /// Takes what waits in the sound's socket, no more than a tick may, and plays 20 ms.
    /// - Returns: the datagrams taken.
    func play(into mixer: inout AudioMixer, source index: Int, at now: Instant) -> Int {
        let count = min(socketQueue.count, ReceiveBudget.batchesPerTick * ReceiveBudget.datagramsPerBatch)
        for datagram in socketQueue.prefix(count) { take(sound: datagram, at: now) }
        socketQueue.removeFirst(count)
        while let action = soundSession.next(at: now) {
            if case .streamChanged = action { jitterBuffer.streamChanged() }
        }
        let pace = jitterBuffer.pace(at: now, decoded: source.buffered, isQuiet: false)
        source.setPace(speed: pace.speed, correction: pace.correction)
        while source.isShort {
            if jitterBuffer.isDry, source.release() { continue }
            switch jitterBuffer.next(at: now, decoded: source.buffered) {
            case .packet(let payload, _): source.play(payload)
            case .recover(let following, let duration): source.recover(fromNext: following, duration: duration)
            case .conceal(let duration): source.conceal(duration)
            case .skip(let payload, _): source.skip(payload)
            case .silence(let duration): source.rest(duration)
            case .waiting: source.rest(AudioBlock.count)
            }
        }
        source.read(into: mixer.input(index))
        return count
    }

    private func take(sound datagram: [UInt8], at now: Instant) {
        datagram.withUnsafeBytes { bytes in
            guard case .media(let header, let sequence, let timestamp) = soundSession.receive(bytes, at: now) else {
                return
            }
            while let action = soundSession.next(at: now) {
                if case .streamChanged = action { jitterBuffer.streamChanged() }
            }
            let payload = UnsafeRawBufferPointer(rebasing: bytes[header.payload])
            guard let samples = OpusPacket(parsing: payload)?.samples else { return }
            _ = jitterBuffer.insert(
                sequence: sequence, timestamp: timestamp, duration: samples, payload: payload, arrival: now)
        }
    }

    // MARK: What came of it

    /// Samples that were made up.
    var concealed: Int { source.counters.concealed }
    /// Packets that were lost, of both media.
    var lost: Int { pictureSession.statistics.lost + soundSession.statistics.lost }
    /// Pictures held back because something of them, or before them, was missing.
    var damaged: Int { receiver.statistics.droppedDamaged }
}
