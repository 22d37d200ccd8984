import Media

/// Reads a description line by line. Every number is checked, every list has an end.
struct SDPParser {
    private var line = 0
    private var name = ""
    private var address: String?
    private var direction: MediaDescription.Direction?
    private var groups: [MediaGroup] = []
    /// Those said for the session, which hold for all media that follow.
    var sessionExtensions: [HeaderExtension] = []
    var media: [MediaDescription] = []

    /// The most payload types, SSRCs, header extensions and keys of one medium, parameters of one format, and groups.
    static let maximumFormats = 64

    mutating func parse(_ text: String) throws(SDPError) -> SessionDescription {
        guard text.utf8.count <= SessionDescription.maximumSize else {
            throw SDPError(line: 0, "\(text.utf8.count) bytes; at most \(SessionDescription.maximumSize) are read")
        }
        // By bytes: as characters, CR LF is one, and a combining mark would join the letter before it.
        for bytes in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            try parseLine(bytes.last == 0x0D ? bytes.dropLast() : bytes)
        }
        guard !media.isEmpty else { throw SDPError(line: 0, "there is no media section (m=)") }
        return SessionDescription(name: name, address: address, media: media, groups: groups)
    }

    private mutating func parseLine(_ bytes: Substring.UTF8View) throws(SDPError) {
        guard bytes.count <= SessionDescription.maximumLineSize else {
            throw fault("\(bytes.count) bytes; a line has at most \(SessionDescription.maximumLineSize)")
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw fault("a control character")
        }
        // A tab is a blank, as it will be when it is written out.
        let text = Substring(String(decoding: bytes.lazy.map { $0 == 0x09 ? 0x20 : $0 }, as: UTF8.self))
        // Blank lines, and the word that ffmpeg prints before its SDP.
        guard !text.allSatisfy({ $0 == " " }), text != "SDP:" else { return }
        guard let type = bytes.first, bytes.dropFirst().first == UInt8(ascii: "=") else {
            // What the line says isn't shown: a key that was wrapped begins lines of this kind.
            throw fault("the line is not of the form x=value")
        }
        let value = text.dropFirst(2)
        switch UInt8(type) {
        case UInt8(ascii: "v"):
            guard value == "0" else { throw fault("version '\(value.prefix(20))'; only 0 is known") }
        case UInt8(ascii: "s"):
            if media.isEmpty { name = value == "-" || value == " " ? "" : String(value) }
        case UInt8(ascii: "c"):
            let address = try parseConnection(value)
            if media.isEmpty { self.address = address } else { media[media.count - 1].address = address }
        case UInt8(ascii: "b"):
            try parseBandwidth(value)
        case UInt8(ascii: "m"):
            try parseMedia(value)
        case UInt8(ascii: "a"):
            try parseAttribute(value)
        default:
            break
        }
    }

    /// `IN IP4 224.2.1.1/127/3`: the address without its scope and count.
    private func parseConnection(_ value: Substring) throws(SDPError) -> String {
        let fields = value.split(separator: " ")
        guard fields.count == 3, fields[0] == "IN", fields[1] == "IP4" || fields[1] == "IP6",
            let address = fields[2].split(separator: "/").first
        else { throw fault("c= must be 'IN IP4 ADDRESS' or 'IN IP6 ADDRESS'") }
        let isWellFormed = address.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isWellFormed, address.utf8.count <= 255 else { throw fault("'\(address.prefix(40))' is no address") }
        return String(address)
    }

    private mutating func parseBandwidth(_ value: Substring) throws(SDPError) {
        guard value.hasPrefix("AS:"), !media.isEmpty else { return }
        media[media.count - 1].bandwidth = try number(value.dropFirst(3), 0...10_000_000, "bandwidth")
    }

    /// `video 49170/2 RTP/AVP 96 97`.
    private mutating func parseMedia(_ value: Substring) throws(SDPError) {
        guard media.count < SessionDescription.maximumMedia else {
            throw fault("more than \(SessionDescription.maximumMedia) media sections")
        }
        let fields = value.split(separator: " ")
        guard fields.count >= 4 else { throw fault("m= must be 'MEDIA PORT TRANSPORT FORMAT…'") }
        let port = try number(fields[1].prefix { $0 != "/" }, 0...65_535, "port")
        let transport = fields[2].uppercased()
        var formats: [PayloadFormat] = []
        if transport.hasPrefix("RTP/") || transport.contains("/RTP/") {
            guard fields.count - 3 <= Self.maximumFormats else {
                throw fault("more than \(Self.maximumFormats) payload types")
            }
            for field in fields[3...] {
                let payloadType = try payloadType(field)
                if !formats.contains(where: { $0.payloadType == payloadType }) {
                    formats.append(PayloadFormat(static: payloadType))
                }
            }
        }
        var medium = MediaDescription(
            kind: MediaDescription.Kind(fields[0].lowercased()), port: port, transport: transport, formats: formats)
        medium.direction = direction
        medium.extensions = sessionExtensions
        media.append(medium)
    }

    // MARK: Attributes

    private mutating func parseAttribute(_ attribute: Substring) throws(SDPError) {
        let name = attribute.prefix { $0 != ":" }
        let value = attribute.dropFirst(name.count + 1)
        if let direction = MediaDescription.Direction(rawValue: String(name)) {
            // Said for the session, it holds for all media that follow and say nothing else.
            if media.isEmpty { self.direction = direction } else { media[media.count - 1].direction = direction }
            return
        }
        guard !media.isEmpty else {
            switch name {
            case "group": try parseGroup(value)
            case "extmap": try parseExtension(value)
            default: break
            }
            return
        }
        let last = media.count - 1
        switch name {
        case "rtpmap": try parseMap(value)
        case "fmtp": try parseParameters(value)
        case "rtcp-mux": media[last].isMultiplexed = true
        case "rtcp": media[last].rtcpPort = try number(value.prefix { $0 != " " }, 1...65_535, "RTCP port")
        case "ptime":
            // Whole milliseconds by the RFC; some write 2.5.
            media[last].packetTime = try number(value.prefix { $0 != "." }, 0...1000, "ptime")
        case "content": media[last].content = String(value)
        case "ssrc": try parseSource(value)
        case "mid": media[last].mid = String(value)
        case "rtcp-fb": try parseFeedback(value)
        case "extmap": try parseExtension(value)
        case "crypto": try parseCrypto(value)
        default: break
        }
    }

    /// `DUP S1a S1b`.
    private mutating func parseGroup(_ value: Substring) throws(SDPError) {
        let words = value.split(separator: " ")
        guard let semantics = words.first else { throw fault("a=group must be 'SEMANTICS MID…'") }
        guard groups.count < Self.maximumFormats, words.count <= Self.maximumFormats else {
            throw fault("more than \(Self.maximumFormats) groups, or media in one")
        }
        groups.append(MediaGroup(semantics: semantics.uppercased(), mids: words.dropFirst().map(String.init)))
    }

    /// `96 H264/90000` or `111 opus/48000/2`.
    private mutating func parseMap(_ value: Substring) throws(SDPError) {
        let fields = value.split(separator: " ", maxSplits: 1)
        guard fields.count == 2 else { throw fault("a=rtpmap must be 'TYPE NAME/CLOCK[/CHANNELS]'") }
        guard let index = try formatIndex(fields[0]) else { return }
        let encoding = fields[1].drop { $0 == " " }.prefix { $0 != " " }
        let parts = encoding.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty else {
            throw fault("a=rtpmap must be 'TYPE NAME/CLOCK[/CHANNELS]'")
        }
        var format = media[media.count - 1].formats[index]
        format.encodingName = parts[0].lowercased()
        format.clockRate = try number(parts[1], 1...192_000, "clock rate")
        format.channels = parts.count == 3 ? try number(parts[2], 1...255, "channel count") : 1
        media[media.count - 1].formats[index] = format
    }

    /// `96 packetization-mode=1; profile-level-id=42e01f`.
    private mutating func parseParameters(_ value: Substring) throws(SDPError) {
        let fields = value.split(separator: " ", maxSplits: 1)
        guard fields.count == 2 else { return }
        guard let index = try formatIndex(fields[0]) else { return }
        let parameters = fields[1].split(separator: ";")
        guard parameters.count <= Self.maximumFormats else {
            throw fault("more than \(Self.maximumFormats) format parameters")
        }
        for parameter in parameters {
            let text = Self.trimmed(parameter)
            guard !text.isEmpty else { continue }
            let name = text.prefix { $0 != "=" }
            let entry = PayloadFormat.Parameter(
                Self.trimmed(name).lowercased(), String(Self.trimmed(text.dropFirst(name.count + 1))))
            try check(entry)
            media[media.count - 1].formats[index].parameters.append(entry)
        }
    }

    /// Parameters that are acted upon must be right; others are kept as they are.
    private func check(_ parameter: PayloadFormat.Parameter) throws(SDPError) {
        switch parameter.name {
        case "packetization-mode":
            _ = try number(Substring(parameter.value), 0...2, "packetization-mode")
        case "apt":
            _ = try payloadType(Substring(parameter.value))
        case "profile-level-id":
            guard parameter.value.utf8.count == 6, parameter.value.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw fault("profile-level-id '\(parameter.value.prefix(20))' is not six hexadecimal digits")
            }
        case "sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps":
            guard parameter.value.split(separator: ",").allSatisfy({ Base64.decode($0.utf8) != nil }) else {
                throw fault("\(parameter.name) is not base 64")
            }
        default:
            break
        }
    }

    /// `3735928559 cname:…`.
    private mutating func parseSource(_ value: Substring) throws(SDPError) {
        let ssrc = UInt32(try number(value.prefix { $0 != " " }, 0...Int(UInt32.max), "SSRC"))
        let last = media.count - 1
        guard !media[last].ssrcs.contains(ssrc) else { return }
        guard media[last].ssrcs.count < Self.maximumFormats else {
            throw fault("more than \(Self.maximumFormats) SSRCs")
        }
        media[last].ssrcs.append(ssrc)
    }

    // MARK: Words

    /// The last medium's format of this payload type; `nil` if its `m=` does not name it.
    private func formatIndex(_ field: Substring) throws(SDPError) -> Int? {
        guard let medium = media.last, !medium.formats.isEmpty else { return nil }
        let payloadType = try payloadType(field)
        return medium.formats.firstIndex { $0.payloadType == payloadType }
    }

    func payloadType(_ field: Substring) throws(SDPError) -> PayloadType {
        let value = try number(field, 0...127, "payload type")
        guard let payloadType = PayloadType(value) else {
            throw fault("payload type \(value): 64 to 95 would be taken for RTCP")
        }
        return payloadType
    }

    func number(_ field: Substring, _ range: ClosedRange<Int>, _ what: String) throws(SDPError) -> Int {
        let isNumber = (1...10).contains(field.utf8.count) && field.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let value = Int(field), range.contains(value) else {
            throw fault("\(what) '\(field.prefix(20))' is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return text
    }

    func fault(_ reason: String) -> SDPError { SDPError(line: line, reason) }
}
