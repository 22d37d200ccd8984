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

    /// Counts up with what is known of the peer's sources.
    package var nameChanges: Int { names.changes + cnames.changes }

    /// The peer and those in its stream, as a mixer that passes them on names them.
    /// - Parameters:
    ///   - name: by which people here know the peer; the others have the names that it gave them.
    ///   - cname: what stands for the peer's own as long as none came. Another source without one is left out: an SDES
    ///     chunk must have it (RFC 3550 section 6.5.1).
    package func sources(name: String, cname: String) -> [SourceName] {
        guard let peer = remoteSSRC else { return [] }
        var sources = [SourceName(ssrc: peer, cname: cnames.name(of: peer) ?? cname, name: name)]
        for place in 0..<contributors.count {
            let ssrc = contributors[place]
            guard let cname = cnames.name(of: ssrc) else { continue }
            sources.append(SourceName(ssrc: ssrc, cname: cname, name: names.name(of: ssrc) ?? ""))
        }
        return sources
    }

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
            guard item.ssrc != configuration.ssrc else { continue }
            let text = UnsafeRawBufferPointer(rebasing: datagram[item.text])
            switch item.kind {
            case .name: names.note(item.ssrc, text)
            case .cname: cnames.note(item.ssrc, text)
            default: break
            }
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
