import Conference
import Media
import Mixer

/// Whether this machine has the encoder that the operator asked for, and it makes what the sites want.
enum EncoderCheck {
    /// Codecs of the plan that the encoder named doesn't make here, and sites that can't take what it makes.
    static func faults(in plan: ConferencePlan) -> [String] {
        guard let encoder = plan.encoder else { return [] }
        return codecFaults(encoder, plan) + sliceFaults(encoder, plan)
    }

    private static func codecFaults(_ encoder: String, _ plan: ConferencePlan) -> [String] {
        let codecs = Set(plan.sites.compactMap { $0.video?.codec })
        return codecs.sorted { $0.rawValue < $1.rawValue }
            .filter { !VideoEncoder.isAvailable(encoder, for: $0) }
            .map {
                "--encoder \(encoder): expected an encoder of \($0.encodingName) that libavcodec has on this machine\($0 == .h264 ? ", or openh264" : "")"
            }
    }

    /// A slice that is larger than a packet can't be sent in mode 0: such a site would see nothing.
    private static func sliceFaults(_ encoder: String, _ plan: ConferencePlan) -> [String] {
        guard !VideoEncoder.limitsSlices(encoder) else { return [] }
        return plan.sites.compactMap { site -> String? in
            guard let video = site.video, video.destination != nil, video.codec == .h264, video.packetizationMode == 0
            else { return nil }
            return "--encoder \(encoder): expected libx264 or openh264, for site \(site.id) has packetization-mode 0"
        }
    }
}
