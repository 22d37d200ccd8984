import Media
import Mixer
import RTP

/// The encoding half of an encode group: canvas in, packets of every receiver out. Confined to the group's queue.
struct EncodeWorker: ~Copyable {
    /// What became of a canvas.
    enum Outcome {
        /// `bytes` are those of the access unit, before packetization; `quantizer` its mean one.
        case sent(isKeyframe: Bool, bytes: Int, quantizer: Int?)
        /// The rendition's frame rate leaves this tick out, or the picture refers to one that was lost.
        case skipped
        /// The encoder gave nothing, or a picture too large to send.
        case lost
    }

    /// The most payload bytes of a packet: it fits any path with its headers and SRTP.
    static let payloadSize = Packetizer.defaultPayloadSize

    /// Between keyframes that the encoder makes unasked, in seconds: the budget has it make them all.
    private static let ownDistance = 3600.0

    private var encoder: VideoEncoder
    private var packetizer: Packetizer
    private var packets = PacketBatch()
    private var keyframes: KeyframeBudget
    private var divider: FrameDivider
    /// Whether pictures refer to one that was lost: they would only show damage.
    private var isBroken = false

    init(settings: VideoEncoderSettings, rendition: Rendition) throws(VideoEncoderError) {
        var endless = settings
        endless.gop = Self.ownDistance
        encoder = try VideoEncoder(endless)
        packetizer = Packetizer(
            rendition.codec, packetizationMode: rendition.packetizationMode == 0 ? .singleNALUnit : .nonInterleaved)
        divider = FrameDivider(frameRate: rendition.frameRate)
        keyframes = KeyframeBudget(longestDistance: Interval(nanoseconds: Int64(settings.gop * 1e9)))
    }

    /// Encodes the canvas, if it is this rendition's turn, and sends it to the job's receivers.
    mutating func encode(_ job: EncodeGroup.Job, of group: ObjectIdentifier) -> Outcome {
        guard divider.takes(job.timestamp) else { return .skipped }
        if job.receivers.contains(where: \.isJoining) || job.recordings.contains(where: \.isJoining) {
            keyframes.requestForJoin()
        } else if job.receivers.contains(where: \.wantsKeyframe) {
            keyframes.request()
        }
        // Players seek in a recording by its keyframes.
        let allAsk = job.recordings.isEmpty && job.receivers.allSatisfy { $0.asksForKeyframes(at: job.tick) }
        guard
            let unit = encoder.encode(
                job.canvas, timestamp: job.timestamp, forceKeyframe: keyframes.grant(at: job.tick, allAsk: allAsk))
        else { return .lost }
        packetizer.packetize(unit, into: &packets)
        guard !packets.isEmpty else {
            isBroken = true
            keyframes.lost(isKeyframe: unit.isKeyframe, at: job.tick)
            return .lost
        }
        if unit.isKeyframe { isBroken = false }
        guard !isBroken else { return .skipped }
        if unit.isKeyframe { keyframes.sent(at: job.tick) }
        for recording in job.recordings { recording.take(unit, of: group, at: job.tick) }
        let now = Clock.now()
        for receiver in job.receivers {
            receiver.send(
                packets, of: group, timestamp: unit.timestamp, sampledAt: job.tick, isKeyframe: unit.isKeyframe, at: now
            )
        }
        return .sent(isKeyframe: unit.isKeyframe, bytes: unit.bytes.count, quantizer: encoder.quantizer)
    }
}
