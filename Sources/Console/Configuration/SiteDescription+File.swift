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
            let formats = medium.formats.compactMap { format in
                format.audioCodec.map { CodecForm(codec: $0, payloadType: format.payloadType) }
            }
            try check(medium, hasCodec: !formats.isEmpty, known: AudioCodec.allCases.map(\.encodingName))
            description.audio = Audio(port: medium.port, formats: formats, multiplexesRTCP: medium.isMultiplexed)
            description.address = session.address(of: medium)
        }
        if let medium = session.first(.video) {
            let formats = medium.formats.compactMap { format in
                format.videoCodec.map { CodecForm(codec: $0, payloadType: format.payloadType) }
            }
            try check(medium, hasCodec: !formats.isEmpty, known: VideoCodec.allCases.map(\.encodingName))
            let first = medium.videoFormat.flatMap { $0.1 == .h264 ? $0.0 : nil }
            if medium.formats.contains(where: { $0.videoCodec == .h264 && $0.packetizationMode > 1 }) {
                throw TextFile.Failure(expected: "packetization-mode=0 or 1; 2 (interleaved) isn't received here")
            }
            description.video = Video(
                port: medium.port, formats: formats, multiplexesRTCP: medium.isMultiplexed,
                parameterSets: medium.videoFormat?.0.parameterSets ?? [], packetizationMode: first?.packetizationMode)
            description.address = description.address ?? session.address(of: medium)
        }
        guard description.audio != nil || description.video != nil else {
            throw TextFile.Failure(expected: "a session description with audio or video that is not switched off")
        }
        if let address = description.address, let first = HostName.address(address)?.first, (224...239).contains(first)
        {
            throw TextFile.Failure(expected: "a unicast address; c= says the multicast group \(address)")
        }
        return description
    }

    private static func check(
        _ medium: MediaDescription, hasCodec: Bool, known: [String]
    ) throws(TextFile.Failure) {
        let kind = medium.kind == .audio ? "audio" : "video"
        guard ["RTP/AVP", "RTP/AVPF"].contains(medium.transport) else {
            throw TextFile.Failure(
                expected: "RTP/AVP or RTP/AVPF; m=\(kind) says \(Refusal.readable(medium.transport))")
        }
        guard hasCodec else {
            throw TextFile.Failure(
                expected: "one of \(known.joined(separator: ", ")) in m=\(kind); a=rtpmap names none")
        }
        guard medium.direction != .receiveOnly else {
            throw TextFile.Failure(expected: "the file of a sender; m=\(kind) says a=recvonly")
        }
        // RTCP is taken on the medium's own port and on the next one, and nowhere else.
        guard [medium.port, medium.port + 1].contains(medium.rtcpPort ?? medium.port), medium.port < 65_535 else {
            throw TextFile.Failure(expected: "RTCP of m=\(kind) on port \(medium.port) or \(medium.port + 1)")
        }
    }
}

extension SpecificationReader {
    /// The SDP file that `sdp` names, looked for beside the config file that names it; `nil` if there is none, or it
    /// was refused.
    package mutating func readDescription() -> SiteDescription? {
        guard let field = specification["sdp"] else { return nil }
        var path = field.value
        if case .file(let config, _, _) = field.origin { path = TextFile.resolve(path, from: config) }
        do {
            let text = try TextFile.read(path: path, limit: SessionDescription.maximumSize)
            return try SiteDescription.parse(text)
        } catch {
            refuse(field, expected: error.expected)
            return nil
        }
    }
}
