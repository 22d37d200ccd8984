import Benchmark
import Media
import RTP
import SyntheticMedia

/// The encode group's half after the encoder: access units to packets, and the header that each receiver's have.
final class SendingLine {
    private let video: RecordedVideo
    private var packetizer = Packetizer(.h264)
    private var batch = PacketBatch()
    private var stream: StreamSender
    private var picture = 0

    init() throws {
        video = try RecordedVideo(MovingScene(2), size: Size(width: 1280, height: 720), count: 90)
        var random = SeededGenerator(seed: 5)
        stream = StreamSender(ssrc: 2, payloadType: LoopedStream.payloadType, using: &random)
    }

    /// Packetizes pictures until there were so many packets.
    func packetize(_ packets: Int) {
        var count = 0
        while count < packets {
            video.withUnit(picture % video.count, timestamp: 0) { packetizer.packetize($0, into: &batch) }
            picture += 1
            count += batch.count
        }
        blackHole(count)
    }

    /// The header of one packet.
    func number() {
        blackHole(stream.header(marker: false, mediaTime: 0, sampledAt: .zero, payloadSize: 1_200))
    }
}
