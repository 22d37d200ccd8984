import Conference
import Media

/// One size, rate and codec in which a view is encoded. Sites of one view with equal renditions share an encoder: this is
/// the key of encode groups.
package struct Rendition: Hashable, Sendable, CustomStringConvertible {
    var codec: VideoCodec
    var profile: H264Profile
    var packetizationMode: Int
    package var size: Size
    var frameRate: Int
    var bitrate: Bitrate
    var content: PictureContent
    /// Whether it is encoded by the fastest preset.
    var isHurried = false

    /// Of a program that nobody is sent, as it is recorded.
    init(of plan: ProgramPlan, bitrate: Bitrate) {
        codec = .h264
        profile = .constrainedBaseline
        packetizationMode = 1
        size = plan.size
        frameRate = plan.frameRate
        self.bitrate = bitrate
        content = plan.isSlides ? .slides : .camera
    }

    package init(of plan: VideoPlan) {
        codec = plan.codec
        profile = plan.profile
        packetizationMode = plan.packetizationMode
        size = plan.size
        frameRate = plan.frameRate
        bitrate = plan.bitrate
        content = plan.content
    }

    /// Takes less of the machine. Slides are few, and nothing without their sharpness.
    package mutating func concede(_ concession: Concession) {
        guard content == .camera else { return }
        isHurried = concession >= .preset
        if concession >= .frameRate { frameRate = max(1, frameRate / 2) }
        if concession >= .size {
            size = Size(width: max(64, size.width * 2 / 3 & ~1), height: max(64, size.height * 2 / 3 & ~1))
        }
    }

    /// The same for a recording, which has one size from its beginning to its end.
    package mutating func concede(recording concession: Concession) { concede(min(concession, .frameRate)) }

    package var description: String {
        var text = "\(codec.rawValue)-\(size)@\(frameRate)-\(bitrate)"
        if content == .slides { text += "-slides" }
        if isHurried { text += "-hurried" }
        if codec == .h264 {
            if profile == .high { text += "-high" }
            if packetizationMode == 0 { text += "-mode0" }
        }
        return text
    }
}
