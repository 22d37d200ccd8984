import Conference
import Logging
import Media
import Mixer

/// What all programs compose with: the sites' paths, and the tiles and labels they share.
final class Stage: @unchecked Sendable {  // all mutable state is touched on `Queues.compose` only
    private(set) var paths: [SiteID: SitePaths] = [:]
    /// Counts up with every change of `paths`.
    private(set) var revision = 0
    let tiles = TileCache()
    let labels = LabelCache()
    private let encoding: EncodingPlan
    private let log: Logger
    private var groupCount = 0

    init(encoding: EncodingPlan, log: Logger) {
        self.encoding = encoding
        self.log = log
    }

    /// Sites came or went.
    func set(_ paths: [SiteID: SitePaths]) {
        self.paths = paths
        revision += 1
    }

    /// As the encoding plan says.
    func keepsParameterSets(_ rendition: Rendition) -> Bool { encoding.keepsParameterSets(rendition) }

    func makeEncodeGroup(_ program: ProgramID, _ rendition: Rendition) -> EncodeGroup {
        groupCount += 1
        return EncodeGroup(
            id: "\(program)-\(groupCount)", program: program, settings: encoding.settings(for: rendition),
            rendition: rendition, log: log)
    }
}

/// How renditions are encoded: what holds for the whole bridge.
struct EncodingPlan: Sendable {
    /// The longest time between two keyframes for who gives no feedback, in seconds.
    var gop: Double
    /// An x264 preset.
    var preset: String
    /// A libavcodec encoder by name; `nil`: the best one for each codec.
    var encoder: String?

    /// The knee of cost against quality on content of this kind (docs/decisions/0006-preset.md).
    static let automaticPreset = "superfast"

    /// What an overloaded machine has time for.
    static let hurriedPreset = "ultrafast"
    /// In seconds. Few keyframes, since none is as sharp as what it follows; but a player that can't ask for one waits for it.
    static let slidesGOP = 10.0
    /// In seconds of the rate: what a new slide may take, to be readable at once. A page of 28-point text at 1500 kbit/s begins
    /// at 34 dB and is at 43 two seconds later, with half a second of burst at 23 and 35; slower presets do worse.
    static let slidesBurst = 2.0

    init(_ plan: ConferencePlan) {
        gop = plan.gop
        preset = plan.preset ?? Self.automaticPreset
        encoder = plan.encoder
    }

    /// Whether hurried pictures, and half as many, have the parameter sets of the others, but for their timing: a file has
    /// room for one set, which stands at its beginning. x264 makes the same for Constrained Baseline by its fastest presets.
    func keepsParameterSets(_ rendition: Rendition) -> Bool {
        settings(for: rendition).resolvedEncoderName == "libx264" && rendition.profile == .constrainedBaseline
            && ["ultrafast", "superfast", "veryfast"].contains(preset)
    }

    func settings(for rendition: Rendition) -> VideoEncoderSettings {
        // One encoder by name can't make two codecs: it is for the sites of its codec.
        let isSlides = rendition.content == .slides
        let name = encoder.flatMap { VideoEncoder.isAvailable($0, for: rendition.codec) ? $0 : nil }
        return VideoEncoderSettings(
            codec: rendition.codec, encoderName: name, size: rendition.size, frameRate: rendition.frameRate,
            bitrate: rendition.bitrate, gop: isSlides ? max(gop, Self.slidesGOP) : gop,
            profile: rendition.profile == .high ? .high : .constrainedBaseline,
            preset: rendition.isHurried ? Self.hurriedPreset : preset,
            maxSliceBytes: rendition.packetizationMode == 0 ? EncodeWorker.payloadSize : nil,
            burst: isSlides ? Self.slidesBurst : VideoEncoderSettings.cameraBurst)
    }
}
