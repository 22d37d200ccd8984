import Media

extension SessionDescription {
    /// The description as text, lines ending with CR LF: what `ffplay`, VLC or GStreamer open to receive.
    package var text: String {
        let origin = address ?? media.lazy.compactMap(\.address).first ?? "127.0.0.1"
        var lines = [
            "v=0", "o=- 1 1 \(Self.network(origin))", "s=\(name.isEmpty ? "-" : Self.oneLine(name))",
        ]
        if let address { lines.append("c=\(Self.network(address))") }
        lines.append("t=0 0")
        for group in groups {
            lines.append("a=group:" + ([group.semantics] + group.mids).map(Self.oneLine).joined(separator: " "))
        }
        for medium in media { lines += medium.lines }
        return lines.map { $0 + "\r\n" }.joined()
    }

    /// `IN IP6 ::1` or `IN IP4 10.0.0.1`.
    static func network(_ address: String) -> String {
        "IN \(address.contains(":") ? "IP6" : "IP4") \(oneLine(address))"
    }

    /// A name must not become lines of its own.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}

extension MediaDescription {
    fileprivate var lines: [String] {
        let types = formats.isEmpty ? "0" : formats.map { "\($0.payloadType)" }.joined(separator: " ")
        var lines = ["m=\(kind.name) \(port) \(transport) \(types)"]
        if let address { lines.append("c=\(SessionDescription.network(address))") }
        if let bandwidth { lines.append("b=AS:\(bandwidth)") }
        if let mid { lines.append("a=mid:\(SessionDescription.oneLine(mid))") }
        for attribute in crypto { lines.append("a=crypto:\(attribute.text)") }
        for format in formats { lines += format.lines }
        lines += feedback.lines.map { "a=rtcp-fb:\($0)" }
        for entry in extensions {
            let direction = entry.direction.map { "/\($0.rawValue)" } ?? ""
            lines.append("a=extmap:\(entry.id)\(direction) \(SessionDescription.oneLine(entry.uri))")
        }
        if let packetTime { lines.append("a=ptime:\(packetTime)") }
        if let rtcpPort { lines.append("a=rtcp:\(rtcpPort)") }
        if isMultiplexed { lines.append("a=rtcp-mux") }
        if let content { lines.append("a=content:\(SessionDescription.oneLine(content))") }
        if let direction { lines.append("a=\(direction.rawValue)") }
        for ssrc in ssrcs { lines.append("a=ssrc:\(ssrc)") }
        return lines
    }
}

extension PayloadFormat {
    fileprivate var lines: [String] {
        guard !encodingName.isEmpty else { return [] }
        // Names are registered in a case of their own, and some old receivers compare them so.
        let name =
            VideoCodec(rawValue: encodingName)?.encodingName ?? AudioCodec(rawValue: encodingName)?.encodingName
            ?? encodingName
        var lines = ["a=rtpmap:\(payloadType) \(name)/\(clockRate)\(channels > 1 ? "/\(channels)" : "")"]
        if !parameters.isEmpty {
            let words = parameters.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
            lines.append("a=fmtp:\(payloadType) \(words.map(SessionDescription.oneLine).joined(separator: ";"))")
        }
        return lines
    }
}
