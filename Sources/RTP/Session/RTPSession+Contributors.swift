import Media

/// Who is inside the streams, if a mixer sends or receives them (RFC 3550 section 7).
extension RTPSession {
    /// The most contributors that our reports name.
    package static let mostDescribed = 64

    /// Sets whom our reports name beside ourselves: the sources that are, or may be, in our stream (RFC 3550 section 7.3).
    /// Those that don't fit into one report have their turn in the next ones.
    /// - Parameter contributors: of more than 64, the first ones count.
    package mutating func describe(_ contributors: [SourceName]) {
        described = contributors.count <= Self.mostDescribed ? contributors : Array(contributors[..<Self.mostDescribed])
        if nextDescribed >= described.count { nextDescribed = 0 }
    }

    /// The name for people that the peer gave a source, itself or one in its stream; `nil` if none of the 32 heard last is
    /// this one's. As it came: whoever shows or logs it sees to what may be in it.
    package func name(of ssrc: UInt32) -> String? { names.name(of: ssrc) }

    /// Adds as many contributors as fit behind our own SDES.
    /// - Parameter reserve: bytes for what follows.
    mutating func writeContributors(into writer: inout RTCPWriter, leaving reserve: Int) {
        let reserve = reserve + Self.securityOverhead
        for _ in described.indices {
            let next = described[nextDescribed]
            guard writer.addChunk(ssrc: next.ssrc, cname: next.cname, name: next.name, leaving: reserve) else { return }
            nextDescribed = (nextDescribed + 1) % described.count
        }
    }

    /// Keeps the names of the peer's sources.
    mutating func receive(_ description: SourceDescription, in datagram: UnsafeRawBufferPointer) {
        var items = description.items(in: datagram)
        while let item = items.next() {
            guard item.kind == .name, item.ssrc != configuration.ssrc else { continue }
            names.note(item.ssrc, UnsafeRawBufferPointer(rebasing: datagram[item.text]))
        }
    }

    /// Keeps the CSRC list of the active stream's newest packet.
    mutating func noteContributors(_ header: RTPHeader, in datagram: UnsafeRawBufferPointer) {
        guard header.csrcCount > 0 || !contributors.isEmpty else { return }
        // An FEC packet carries nobody's media.
        guard header.payloadType != configuration.correction?.rawValue else { return }
        let new = header.contributors(in: datagram, levelExtension: configuration.levelExtension)
        if !new.hasSameSources(as: contributors) { pending.contributorsChanged = true }
        contributors = new
    }
}
