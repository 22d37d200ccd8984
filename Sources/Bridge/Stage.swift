import Conference
import Logging
import Media
import Mixer

/// What all programs compose from: the sites' faces, the tiles and labels they share, and the streams that go out.
/// Confined to the compose queue once the first program ticks.
final class Stage {
    let faces: [SiteID: SiteFace]
    let senders: [SiteID: VideoSender]
    let tiles = TileCache()
    let labels = LabelCache()
    private let order: [SiteFace]
    private let encoding: EncodingPlan
    private let log: Logger
    private var groupCount = 0

    /// - Parameter faces: in the order of the conference's sites.
    init(faces: [SiteFace], senders: [SiteID: VideoSender], encoding: EncodingPlan, log: Logger) {
        order = faces
        self.faces = Dictionary(uniqueKeysWithValues: faces.map { ($0.id, $0) })
        self.senders = senders
        self.encoding = encoding
        self.log = log
    }

    /// Begins a tick: brings all faces to how their sites stand, and tells the conference.
    func beginTick(in conference: inout Conference, at now: Instant) {
        tiles.beginTick()
        for (index, face) in order.enumerated() { face.refresh(in: &conference, index: index, at: now) }
    }

    func makeEncodeGroup(_ program: ProgramID, _ rendition: Rendition) -> EncodeGroup {
        groupCount += 1
        return EncodeGroup(
            id: "\(program)-\(groupCount)", program: program, settings: encoding.settings(for: rendition),
            rendition: rendition, log: log)
    }
}

/// How renditions are encoded: what holds for the whole bridge.
struct EncodingPlan: Sendable {
    /// The longest time between two keyframes, in seconds.
    var gop: Double
    /// An x264 preset.
    var preset: String
    /// A libavcodec encoder by name; `nil`: the best one for each codec.
    var encoder: String?

    /// The knee of cost against quality on content of this kind (docs/decisions/0006-preset.md).
    static let automaticPreset = "superfast"

    init(_ plan: ConferencePlan) {
        gop = plan.gop
        preset = plan.preset ?? Self.automaticPreset
        encoder = plan.encoder
    }

    func settings(for rendition: Rendition) -> VideoEncoderSettings {
        // One encoder by name can't make two codecs: it is for the sites of its codec.
        let name = encoder.flatMap { VideoEncoder.isAvailable($0, for: rendition.codec) ? $0 : nil }
        return VideoEncoderSettings(
            codec: rendition.codec, encoderName: name, size: rendition.size, frameRate: rendition.frameRate,
            bitrate: rendition.bitrate, gop: gop, profile: rendition.profile == .high ? .high : .constrainedBaseline,
            preset: preset, maxSliceBytes: rendition.packetizationMode == 0 ? EncodeWorker.payloadSize : nil)
    }
}
