import Media
import RTP

/// One sender, with what has left it as plain values.
final class PacedStream {
    struct Sent {
        var at: Instant
        var header: RTPHeader
        var bytes: [UInt8]
        var isRepair: Bool
    }

    var sender: PacedStreamSender
    private(set) var sent: [Sent] = []
    private var random = SeededGenerator(seed: 3)

    init(
        bitrate: Int = 1_500_000, rtx: Bool = false, transportExtension: Int? = nil, levelExtension: Int? = nil,
        capacity: Int = 1024
    ) {
        var configuration = PacedStreamSender.Configuration(
            ssrc: 0x51, payloadType: PayloadType(96)!, bitrate: Bitrate(bitsPerSecond: bitrate),
            retransmission: rtx ? (PayloadType(97)!, 0x52) : nil, transportExtension: transportExtension,
            levelExtension: levelExtension)
        configuration.historyCapacity = capacity
        sender = PacedStreamSender(configuration, using: &random)
    }

    @discardableResult
    func append(packets: Int, size: Int = 1200, isKeyframe: Bool = false, at now: Instant) -> Bool {
        var batch = PacketBatch()
        for index in 0..<packets {
            batch.append(size: size)?.copyBytes(from: repeatElement(UInt8(index & 0xFF), count: size))
        }
        batch.markLast()
        return sender.append(batch, mediaTime: 3000, sampledAt: now, isKeyframe: isKeyframe, at: now)
    }

    func drain(at now: Instant) {
        while let departure = sender.next(at: now) {
            guard let header = RTPHeader(parsing: departure.packet) else { continue }
            sent.append(
                Sent(at: now, header: header, bytes: Array(departure.packet), isRepair: departure.isRepair))
        }
    }

    /// Drains whenever a deadline says so, up to `end`.
    func run(until end: Instant) {
        while sender.deadline <= end { drain(at: sender.deadline) }
    }

    func restart(ssrc: UInt32) { sender.restart(ssrc: ssrc, using: &random) }
}
