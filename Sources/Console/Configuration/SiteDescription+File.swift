import Media
import RTP

extension SiteDescription {
    /// Reads the text of an SDP file.
    ///
    /// - Throws: what in it we can't receive, as the end of a message.
    package static func parse(_ text: String) throws(TextFile.Failure) -> SiteDescription {
        let session: SessionDescription
        do {
            session = try SessionDescription.parse(text)
        } catch {
            throw TextFile.Failure(expected: "a session description (RFC 8866); \(error)")
        }
        var description = SiteDescription()
        if let medium = session.first(.audio) {
            description.audio = try audio(medium, session)
            description.address = session.address(of: medium)
        }
        if let medium = session.first(.video) {
            description.video = try video(medium, session)
            description.address = description.address ?? session.address(of: medium)
        }
        if let medium = session.first(.video, content: "slides") { description.slides = try video(medium, session) }
        guard description.audio != nil || description.video != nil else {
            throw TextFile.Failure(expected: "a session description with audio or video that is not switched off")
        }
        return description
    }

    private static func audio(
        _ medium: MediaDescription, _ session: SessionDescription
    ) throws(TextFile.Failure) -> Audio {
        let formats = medium.formats.compactMap { format in
            format.audioCodec.map { CodecForm(codec: $0, payloadType: format.payloadType) }
        }
        try check(medium, session, hasCodec: !formats.isEmpty, known: AudioCodec.allCases.map(\.encodingName))
        return Audio(
            port: medium.port, formats: formats, multiplexesRTCP: medium.isMultiplexed,
            secondPort: try secondPort(of: medium, session),
            levelExtension: medium.sendableExtension(HeaderExtension.contributorLevels), security: Security(medium))
    }

    private static func video(
        _ medium: MediaDescription, _ session: SessionDescription
    ) throws(TextFile.Failure) -> Video {
        let formats = medium.formats.compactMap { format in
            format.videoCodec.map { CodecForm(codec: $0, payloadType: format.payloadType) }
        }
        try check(medium, session, hasCodec: !formats.isEmpty, known: VideoCodec.allCases.map(\.encodingName))
        let first = medium.videoFormat.flatMap { $0.1 == .h264 ? $0.0 : nil }
        if medium.formats.contains(where: { $0.videoCodec == .h264 && $0.packetizationMode > 1 }) {
            throw TextFile.Failure(expected: "packetization-mode=0 or 1; 2 (interleaved) isn't received here")
        }
        return Video(
            port: medium.port, formats: formats, multiplexesRTCP: medium.isMultiplexed,
            parameterSets: medium.videoFormat?.0.parameterSets ?? [], packetizationMode: first?.packetizationMode,
            secondPort: try secondPort(of: medium, session), security: Security(medium), repair: Repair(medium))
    }

    /// The port of the medium that is the same on another line (RFC 7104 section 3.2); `nil` if there is none.
    private static func secondPort(
        of medium: MediaDescription, _ session: SessionDescription
    ) throws(TextFile.Failure) -> Int? {
        guard let second = session.duplicate(of: medium) else { return nil }
        try checkPorts(second, session)
        return second.port
    }

    private static func check(
        _ medium: MediaDescription, _ session: SessionDescription, hasCodec: Bool, known: [String]
    ) throws(TextFile.Failure) {
        let kind = medium.kind == .audio ? "audio" : "video"
        guard ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"].contains(medium.transport) else {
            throw TextFile.Failure(
                expected: "RTP/AVP, RTP/AVPF, RTP/SAVP or RTP/SAVPF; m=\(kind) says "
                    + Refusal.readable(medium.transport))
        }
        // RFC 4568 section 3.1.2: a=crypto is of the secure profiles. Whether the packets are protected must be sure.
        guard medium.isSecure || medium.crypto.isEmpty else {
            throw TextFile.Failure(
                expected: "RTP/SAVP or RTP/SAVPF with the a=crypto of m=\(kind), which says \(medium.transport)")
        }
        guard hasCodec else {
            throw TextFile.Failure(
                expected: "one of \(known.joined(separator: ", ")) in m=\(kind); a=rtpmap names none")
        }
        guard medium.direction != .receiveOnly else {
            throw TextFile.Failure(expected: "the file of a sender; m=\(kind) says a=recvonly")
        }
        try checkPorts(medium, session)
    }

    private static func checkPorts(
        _ medium: MediaDescription, _ session: SessionDescription
    ) throws(TextFile.Failure) {
        let kind = medium.kind == .audio ? "audio" : "video"
        // RTCP is taken on the medium's own port and on the next one, and nowhere else.
        guard [medium.port, medium.port + 1].contains(medium.rtcpPort ?? medium.port), medium.port < 65_535 else {
            throw TextFile.Failure(expected: "RTCP of m=\(kind) on port \(medium.port) or \(medium.port + 1)")
        }
        if let address = session.address(of: medium), let first = HostName.address(address)?.first,
            (224...239).contains(first)
        {
            throw TextFile.Failure(expected: "a unicast address; c= says the multicast group \(address)")
        }
    }
}

extension SiteDescription.Security {
    fileprivate init(_ medium: MediaDescription) {
        self.init(isSecure: medium.isSecure, keys: medium.crypto.map(\.key))
    }
}

extension SiteDescription.Repair {
    fileprivate init(_ medium: MediaDescription) {
        self.init(feedback: medium.feedback)
        for format in medium.formats where format.clockRate == VideoCodec.clockRate {
            switch format.repair {
            case .retransmission: retransmitted[format.payloadType] = format.associatedPayloadType
            case .fec: fec = fec ?? format.payloadType
            case .redundant: redundant = redundant ?? format.payloadType
            case nil: break
            }
        }
        transportExtension = medium.sendableExtension(HeaderExtension.transportSequence)
    }
}

extension MediaDescription {
    /// The id that a header extension may be sent with; `nil` if it isn't offered so.
    fileprivate func sendableExtension(_ uri: String) -> Int? {
        extensions.first {
            $0.uri == uri && HeaderExtension.sendable.contains($0.id) && $0.direction != .inactive
        }?.id
    }
}

extension SpecificationReader {
    /// The SDP file that `sdp` names, looked for beside the config file that names it; `nil` if there is none, or it
    /// was refused.
    package mutating func readDescription() -> SiteDescription? {
        guard let field = specification["sdp"] else { return nil }
        do {
            let text = try TextFile.read(path: path(field.value, in: field), limit: SessionDescription.maximumSize)
            return try SiteDescription.parse(text)
        } catch {
            refuse(field, expected: error.expected)
            return nil
        }
    }
}
