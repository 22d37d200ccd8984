import Conference
import Media
import RTP
import Synchronization

/// Tells the pictures that go out on links which sources are in them: the CSRC list (RFC 3550 section 7.1), and in SDES who
/// they are. Of a source that is a mixer itself those inside it follow it; what does not fit into fifteen is in the
/// announcements.
struct ContributorNaming: Sendable {
    let shared: SharedState
    let sites: SiteDirectory
    let programs: [ProgramID]

    func update(at now: Instant) {
        let paths = sites.all
        // Of links: endpoints have no use for it.
        let senders = paths.compactMapValues { $0.plan.kind == .site ? nil : $0.sender }
        guard !senders.isEmpty else { return }
        let shown = shared.conference.withLock { conference in
            programs.flatMap { program in
                conference.views(of: program, at: now).map { group in
                    (group.viewers, group.view.sources.compactMap { $0.flatMap { feed(of: $0, in: conference) } })
                }
            }
        }
        for (viewers, sources) in shown {
            let links = viewers.compactMap { senders[$0] }
            guard !links.isEmpty else { continue }
            let contributors = contributors(of: sources, paths)
            let names = sources.compactMap { paths[$0]?.camera?.report }.flatMap(\.sources)
            for link in links {
                link.setContributors(contributors)
                paths[link.site]?.camera?.describe(names)
            }
        }
    }

    private func feed(of site: SiteID, in conference: Conference) -> SiteID? {
        conference.index(of: site).map { conference.sites[conference.activeFeed(of: $0)].id }
    }

    private func contributors(of sources: [SiteID], _ paths: [SiteID: SitePaths]) -> Contributors {
        var contributors = Contributors()
        let reports = sources.compactMap { paths[$0]?.camera?.report }
        for report in reports {
            if let ssrc = report.ssrc { contributors.append(ssrc) }
        }
        for report in reports {
            for place in 0..<report.contributors.count { contributors.append(report.contributors[place]) }
        }
        return contributors
    }
}
