import Conference
import Foundation
import Media
import RTP

/// The SDP files of `--sdp-dir`: what a player at each site opens to receive its program.
struct ReceiverDescriptions {
    let plan: ConferencePlan

    func write(to folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for site in plan.sites {
                guard let text = Self.text(for: site) else { continue }
                try Data(text.utf8).write(to: URL(fileURLWithPath: folder).appendingPathComponent("\(site.id).sdp"))
            }
        } catch {
            throw RunFailure("--sdp-dir \(folder): can't be written: \(error.localizedDescription)")
        }
    }

    /// `nil` for a site that is sent nothing.
    static func text(for site: SitePlan) -> String? {
        var media: [MediaDescription] = []
        var address: String?
        if let audio = site.audio, let destination = audio.destination {
            address = destination.host
            var medium = MediaDescription(
                kind: .audio, port: destination.port, formats: [format(of: audio)])
            medium.packetTime = 20
            medium.isMultiplexed = audio.multiplexesRTCP
            medium.rtcpPort = audio.rtcpDestination?.port
            media.append(medium)
        }
        if let video = site.video, let destination = video.destination {
            if address == nil { address = destination.host }
            var medium = MediaDescription(
                kind: .video, port: destination.port, formats: [format(of: video)])
            if address != destination.host { medium.address = destination.host }
            medium.isMultiplexed = video.multiplexesRTCP
            medium.rtcpPort = video.rtcpDestination?.port
            medium.bandwidth = video.bitrate.bitsPerSecond / 1000
            media.append(medium)
        }
        guard !media.isEmpty else { return nil }
        return SessionDescription(name: "\(site.name) (\(site.id))", address: address, media: media).text
    }

    private static func format(of audio: AudioPlan) -> PayloadFormat {
        var format = PayloadFormat(audio.codec, payloadType: audio.payloadType)
        if audio.codec == .opus { format.parameters = [.init("useinbandfec", "1")] }
        return format
    }

    private static func format(of video: VideoPlan) -> PayloadFormat {
        guard video.codec == .h264 else { return PayloadFormat(video.codec, payloadType: video.payloadType) }
        // profile_idc and constraint flags: 66 with set 0 and 1 for constrained baseline, 100 for high.
        let profile: UInt32 = video.profile == .high ? 0x64_0000 : 0x42_E000
        let level = H264Level.idc(for: video.size, frameRate: video.frameRate)
        return .h264(
            payloadType: video.payloadType,
            packetizationMode: video.packetizationMode == 0 ? .singleNALUnit : .nonInterleaved,
            profileLevelID: profile | UInt32(level))
    }
}
