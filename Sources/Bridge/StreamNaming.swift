import RTP

/// The names under which one stream's source, and those inside it if it is a mixer's, are passed on. Kept until something of
/// it changes.
struct StreamNaming {
    private(set) var sources: [SourceName] = []
    private let name: String
    /// Stands for the source's own as long as none came.
    private let cname = RTPIdentity.randomCNAME()
    private var ssrc: UInt32?
    private var contributors = Contributors()
    private var nameChanges = 0

    /// - Parameter name: by which people here know the source.
    init(name: String) { self.name = name }

    mutating func refresh(_ session: borrowing RTPSession) {
        let inside = session.contributors
        guard
            session.remoteSSRC != ssrc || session.nameChanges != nameChanges
                || !inside.hasSameSources(as: contributors)
        else { return }
        (ssrc, contributors, nameChanges) = (session.remoteSSRC, inside, session.nameChanges)
        sources = session.sources(name: name, cname: cname)
    }
}
