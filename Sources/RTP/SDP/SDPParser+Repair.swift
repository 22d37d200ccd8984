import Media

/// The attributes that say how a medium is repaired, protected and extended.
extension SDPParser {
    /// `96 nack pli` or `* ccm fir`.
    mutating func parseFeedback(_ value: Substring) throws(SDPError) {
        let fields = value.split(separator: " ", maxSplits: 1)
        guard fields.count == 2 else { throw fault("a=rtcp-fb must be 'TYPE KIND', or '* KIND'") }
        media[media.count - 1].feedback.add(fields[1], for: fields[0] == "*" ? nil : try payloadType(fields[0]))
    }

    /// `5 URI` or `5/sendonly URI ATTRIBUTES`, for a medium or, before the first one, for all.
    mutating func parseExtension(_ value: Substring) throws(SDPError) {
        let fields = value.split(separator: " ")
        let parts = fields.first?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        guard fields.count >= 2, parts.count <= 2 else { throw fault("a=extmap must be 'ID[/DIRECTION] URI'") }
        var entry = HeaderExtension(
            id: try number(parts[0], 1...4351, "header extension id"), uri: String(fields[1]))
        if parts.count == 2 {
            guard let direction = MediaDescription.Direction(rawValue: String(parts[1])) else {
                throw fault("'\(parts[1].prefix(20))' is no direction of a=extmap")
            }
            entry.direction = direction
        }
        let taken = media.last?.extensions ?? sessionExtensions
        guard !taken.contains(where: { $0.id == entry.id && $0.uri != entry.uri }) else {
            throw fault("a=extmap gives \(entry.id) a second meaning")
        }
        guard taken.count < Self.maximumFormats else {
            throw fault("more than \(Self.maximumFormats) header extensions")
        }
        guard !taken.contains(where: { $0.id == entry.id }) else { return }
        if media.isEmpty { sessionExtensions.append(entry) } else { media[media.count - 1].extensions.append(entry) }
    }

    /// `1 AES_CM_128_HMAC_SHA1_80 inline:KEY`. An offer names several suites, so one that is unknown here is passed over.
    mutating func parseCrypto(_ value: Substring) throws(SDPError) {
        let last = media.count - 1
        guard media[last].crypto.count < Self.maximumFormats else {
            throw fault("more than \(Self.maximumFormats) keys")
        }
        let fields = value.split(separator: " ", maxSplits: 2)
        if fields.count == 3, fields[2].hasPrefix("inline:"), CryptoSuite(rawValue: String(fields[1])) == nil { return }
        do {
            media[last].crypto.append(try CryptoAttribute(parsing: value))
        } catch {
            throw fault(Self.withoutEcho(error.reason, of: value))
        }
    }

    /// `reason` with a mark for each word in quotes that is the line's own: it may be the rest of a key.
    private static func withoutEcho(_ reason: String, of value: Substring) -> String {
        let pieces = reason.split(separator: "'", omittingEmptySubsequences: false)
        return pieces.enumerated().map { index, piece in
            index % 2 == 1 && value.contains(piece) ? "…" : String(piece)
        }.joined(separator: "'")
    }
}
