import Conference
import Media
import RTP

/// What a site is sent, as the session description (RFC 8866) that a player or an endpoint there opens to receive it.
package enum ReceiverDescription {
    /// With our keys in it if the site has SRTP; `nil` for a site that is sent nothing.
    ///
    /// The second line isn't in it: a player takes each `m=` for another picture, and can't have the same port twice.
    ///
    /// - Parameter slides: the site's second picture, if it has one.
    package static func of(_ site: SitePlan, slides: SitePlan? = nil) -> SessionDescription? {
        var media: [MediaDescription] = []
        var address: String?
        if let audio = site.audio, let destination = audio.destination {
            address = destination.host
            media.append(medium(of: audio, to: destination))
        }
        for video in [site.video, slides?.video].compactMap(\.self) {
            guard let destination = video.destination else { continue }
            var medium = medium(of: video, to: destination)
            if video.content == .slides { medium.content = "slides" }
            if let address, address != destination.host { medium.address = destination.host }
            address = address ?? destination.host
            media.append(medium)
        }
        guard !media.isEmpty else { return nil }
        return SessionDescription(name: "\(site.name) (\(site.id))", address: address, media: media)
    }

    private static func medium(of audio: AudioPlan, to destination: HostPort) -> MediaDescription {
        var format = PayloadFormat(audio.codec, payloadType: audio.payloadType)
        if audio.codec == .opus { format.parameters = [.init("useinbandfec", "1")] }
        var medium = MediaDescription(
            kind: .audio, port: destination.port, transport: transport(audio.security, hasFeedback: false),
            formats: [format])
        medium.packetTime = audio.packetTime
        medium.isMultiplexed = audio.multiplexesRTCP
        medium.rtcpPort = audio.rtcpDestination?.port
        medium.crypto = crypto(audio.security)
        if let id = audio.levelExtension {
            medium.extensions = [HeaderExtension(id: id, uri: HeaderExtension.contributorLevels)]
        }
        return medium
    }

    private static func medium(of video: VideoPlan, to destination: HostPort) -> MediaDescription {
        let hasFeedback = hasFeedback(video.repair)
        // The media first: players read no further.
        var medium = MediaDescription(
            kind: .video, port: destination.port, transport: transport(video.security, hasFeedback: hasFeedback),
            formats: [format(of: video)] + repairFormats(of: video))
        medium.isMultiplexed = video.multiplexesRTCP
        medium.rtcpPort = video.rtcpDestination?.port
        medium.bandwidth = video.bitrate.bitsPerSecond / 1000
        medium.crypto = crypto(video.security)
        if hasFeedback { medium.feedback = FeedbackAttributes(video.repair.feedback, for: video.payloadType) }
        if let id = video.repair.transportExtension {
            medium.extensions = [HeaderExtension(id: id, uri: HeaderExtension.transportSequence)]
        }
        return medium
    }

    /// Whether feedback must be told. What every site gets is understood without a word, and the plain profile is what
    /// the most players open.
    private static func hasFeedback(_ repair: RepairPlan) -> Bool {
        repair.retransmission != nil || !repair.feedback.isEmpty && repair.feedback != .standard
    }

    private static func transport(_ security: SecurityPlan?, hasFeedback: Bool) -> String {
        "RTP/" + (security == nil ? "AVP" : "SAVP") + (hasFeedback ? "F" : "")
    }

    private static func crypto(_ security: SecurityPlan?) -> [CryptoAttribute] {
        security.map { [CryptoAttribute(tag: 1, key: $0.sendKey)] } ?? []
    }

    private static func repairFormats(of video: VideoPlan) -> [PayloadFormat] {
        let repair = video.repair
        return [
            repair.retransmission.map { PayloadFormat(.retransmission, payloadType: $0, of: video.payloadType) },
            repair.redundant.map { PayloadFormat(.redundant, payloadType: $0) },
            repair.fec.map { PayloadFormat(.fec, payloadType: $0) },
        ].compactMap(\.self)
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
