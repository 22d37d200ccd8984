import Conference
import Media
import Mixer

/// Whether this machine has the encoder that the operator asked for.
enum EncoderCheck {
    /// Codecs of the plan that the encoder named doesn't make here.
    static func faults(in plan: ConferencePlan) -> [String] {
        guard let encoder = plan.encoder else { return [] }
        let codecs = Set(plan.sites.compactMap { $0.video?.codec })
        return codecs.sorted { $0.rawValue < $1.rawValue }
            .filter { !VideoEncoder.isAvailable(encoder, for: $0) }
            .map {
                "--encoder \(encoder): expected an encoder of \($0.encodingName) that libavcodec has on this machine\($0 == .h264 ? ", or openh264" : "")"
            }
    }
}
