import Benchmark
import Media
import RTP
import SyntheticMedia

/// One site's picture stream and the receiving half of its site.
final class PictureLine {
    private var stream: LoopedStream
    private var session: RTPSession
    private var receiver = VideoReceiver(codec: .h264)
    private var sequence: Int64 = 0

    init() throws {
        stream = LoopedStream(
            try RecordedVideo(MovingScene(1), size: Size(width: 1280, height: 720), count: 90))
        var accepts = PayloadTypeTable()
        accepts[LoopedStream.payloadType] = 0
        session = RTPSession(
            .init(ssrc: 1, cname: "bridge", clockRate: VideoCodec.clockRate, isVideo: true, accepts: accepts),
            generator: SeededGenerator(seed: 3), at: .zero)
    }

    /// The next datagram from the wire.
    func datagram() -> UnsafeRawBufferPointer { stream.next().datagram }

    /// One packet through the session.
    func admit() {
        let (datagram, picture) = stream.next()
        let now = instant(of: picture)
        blackHole(session.receive(datagram, at: now))
        while session.next(at: now) != nil {}
    }

    /// One packet through the receiver, without the session before it.
    func assemble() {
        let (datagram, picture) = stream.next()
        guard let header = RTPHeader(parsing: datagram) else { return }
        sequence += 1
        take(header, sequence, Int64(picture) * 3_000, datagram, at: instant(of: picture))
    }

    /// One packet all the way from the socket to the access unit.
    func receive() {
        let (datagram, picture) = stream.next()
        let now = instant(of: picture)
        guard case .media(let header, let sequence, let timestamp) = session.receive(datagram, at: now) else { return }
        while let action = session.next(at: now) {
            if case .streamChanged = action { receiver.streamChanged() }
        }
        take(header, sequence, timestamp, datagram, at: now)
    }

    private func take(
        _ header: RTPHeader, _ sequence: Int64, _ timestamp: Int64, _ datagram: UnsafeRawBufferPointer, at now: Instant
    ) {
        receiver.receive(
            VideoPacket(
                codec: .h264, sequence: sequence, timestamp: timestamp, marker: header.marker, arrival: now,
                payload: UnsafeRawBufferPointer(rebasing: datagram[header.payload])), at: now)
        while let event = receiver.next(at: now) {
            guard case .accessUnit(let unit) = event else { continue }
            if unit.isKeyframe { session.keyframeReceived() }
        }
    }

    private func instant(of picture: Int) -> Instant { .zero + .microseconds(33_333) * picture }
}
