import Media

/// The cascade: what bridges say to each other, loops, and who stands for whom.
extension Conference {
    // MARK: What comes in

    /// Takes what a peer announced on the line of the site at `index`.
    package mutating func handle(_ reading: LinkAnnouncement.Reading, from index: Int, at now: Instant) {
        let before = sites[index].link.announcement?.sender
        switch reading {
        case .announcement(let announcement):
            guard sites[index].link.take(announcement, own: id, at: now) else { return }
            if announcement.sender != before {
                events.append(.peerKnown(sites[index].id, announcement.sender))
                // Who draws names is another one now.
                revision.speakers += 1
            }
        case .otherVersion(let major):
            guard sites[index].link.takeOther(version: major, at: now) else { return }
            events.append(.otherVersion(sites[index].id, major: major))
            revision.speakers += 1
        case .malformed: return
        }
        findLines()
        peerChanged(index)
    }

    /// The peer at `index` announced again, byte for byte, what it did before.
    /// - Returns: whether that is enough; if not, what it said is forgotten and must be read again.
    package mutating func heardAgain(from index: Int, at now: Instant) -> Bool {
        sites[index].link.heardAgain(at: now)
    }

    /// A CSRC on the line of the site at `index` is an SSRC that we send under to `receiver`. Nothing follows where that
    /// is as it should be: mixers above and below may well name what we send on this very link.
    package mutating func ownMediaCame(on index: Int, sentTo receiver: SiteID, at now: Instant) {
        let line = sites[index].main ?? index
        let isOwnLine = receiver == sites[line].id || sites[line].backup.map { sites[$0].id == receiver } ?? false
        guard !isOwnLine || sites[index].plan.kind == .site else { return }
        sites[index].link.ownMediaCame(at: now)
        findLines()
        recut(index, because: .ownMedia(sentTo: receiver))
    }

    /// A packet of sound came from the site at `index`: of a link without a picture it is the only sign of life.
    package mutating func soundCame(from index: Int, at now: Instant) {
        if !sites[index].plan.sendsPicture { sites[index].link.liveness.packet(at: now) }
    }

    // MARK: What comes out

    /// The next announcement that is due at `now`; ask until there is none. Cheap when nothing is due: ask at every tick.
    package mutating func nextAnnouncement(at now: Instant) -> OutgoingAnnouncement? {
        step(at: now)
        if announcements.round == nil {
            guard now >= announcements.deadline || announcements.news != news else { return nil }
            announcements.round = AnnouncementRound.Progress(news: news)
        }
        // It goes on behind the last that was due: each site is looked at once a round, however many are.
        while var round = announcements.round, round.next < sites.count {
            let index = round.next
            round.next += 1
            let isSent = now >= sites[index].link.outgoing.timing.deadline(news) && isDue(index, at: now)
            round.deadline = min(round.deadline, sites[index].link.outgoing.timing.deadline(news))
            announcements.round = round
            if isSent { return OutgoingAnnouncement(index: index, bytes: sites[index].link.outgoing.bytes) }
        }
        announcements.end()
        return nil
    }

    /// The next event for the log; ask until there is none.
    package mutating func nextCascadeEvent() -> CascadeEvent? { events.next() }

    /// What is known of who is at the other end of a site's line, for people to see.
    package struct PeerStatus: Hashable, Sendable {
        /// The bridge of ours there; `nil`: any other endpoint or mixer.
        package var bridge: BridgeID?
        /// The major version of a bridge that we don't understand.
        package var otherVersion: Int?
        /// Every bridge that what it sends goes by, itself first.
        package var path: [BridgeID]
        /// The one source that fills its picture.
        package var shown: String?
        /// Whether the line is cut for a loop.
        package var isCut: Bool
    }

    /// Who is at the other end of the line of the site at `index`.
    package func peer(of index: Int) -> PeerStatus {
        let link = sites[index].link
        return PeerStatus(
            bridge: link.announcement?.sender, otherVersion: link.otherVersion, path: link.announcement?.path ?? [],
            shown: link.announcement?.shown, isCut: link.isCut)
    }

    /// The sites behind the link at `index`, in pre-order; none behind one that is cut.
    package func inside(of index: Int) -> [LinkAnnouncement.Entry] {
        announcement(behind: index)?.roster ?? []
    }

    /// How many more are there than `inside` names.
    package func omittedInside(_ index: Int) -> Int { announcement(behind: index)?.omitted ?? 0 }

    /// The name on the cell of the site at `index`: of a link whose peer says which one source it shows, that one's too.
    package func label(of index: Int) -> String { sites[index].label }

    /// The place of the site whose picture and sound stand for the site at `index` now: itself or its backup.
    package func activeFeed(of index: Int) -> Int {
        sites[index].isOnBackup ? sites[index].backup ?? index : index
    }

    /// Whether the site at `index` is the backup of a link that is there.
    package func isBackup(_ index: Int) -> Bool { sites[index].main != nil }

    /// Whether the site at `index` takes part and is a source of its own: no backup is, and no slides are.
    package func isSource(_ index: Int) -> Bool {
        sites[index].isEnabled && sites[index].main == nil && sites[index].plan.slidesOf == nil
    }

    /// Whether slides of somebody who takes part come by the line at `index`.
    func isSlidesLine(_ index: Int) -> Bool {
        sites[index].isEnabled && sites[index].presenter.map { sites[$0].isEnabled } ?? false
    }

    /// What of the cascade an operator should look at, in words for a picture.
    var troubles: [String] {
        lines.flatMap { index in
            let (site, name) = (sites[index], sites[index].plan.name)
            var words: [String] = []
            if site.link.isCut { words.append("Vòng lặp, đã ngắt \(name) · loop, \(name) is cut") }
            if site.isLost { words.append(StandIn.caption(for: name)) }
            if site.isOnBackup { words.append("\(name): đường dự phòng · on its backup line") }
            return words
        }
    }

    /// The uplinks that are dead, and no backup of theirs lives.
    package var lostUplinks: [SiteID] { sites.filter(\.isLost).map(\.id) }
}

// MARK: - What time does

extension Conference {
    /// Brings the cascade up to `now`. Called at every tick of sound and pictures.
    mutating func step(at now: Instant) {
        var isCommitDue = false
        for index in lines {
            let sender = sites[index].link.announcement?.sender
            if sites[index].link.step(at: now) {
                if let sender { events.append(.peerLost(sites[index].id, sender)) }
                revision.speakers += 1
                peerChanged(index)
            } else if sites[index].link.isCut != sites[index].link.mustBeCut {
                recut(index)
            }
            guard sites[index].plan.kind != .site else { continue }
            let hasVideo = sites[index].plan.video != nil
            sites[index].link.liveness.step(
                isUsable: !hasVideo || sites[index].appearance == .live, isCut: sites[index].link.isCut,
                mustSend: hasVideo, at: now)
        }
        for index in lines where sites[index].plan.kind != .site {
            if chooseFeed(of: index, at: now) { isCommitDue = true }
            if sites[index].plan.kind == .uplink { watchUplink(index) }
        }
        if isCommitDue { commit() }
    }

    /// - Returns: whether another feed stands for the link now.
    private mutating func chooseFeed(of index: Int, at now: Instant) -> Bool {
        guard let backup = sites[index].backup else { return false }
        let (first, second) = (sites[index].link.liveness, sites[backup].link.liveness)
        if sites[index].isOnBackup {
            guard first.isTrusted(at: now) || second.isDead && first.isLive else { return false }
            events.append(.backupGaveBack(sites[index].id, backup: sites[backup].id))
        } else {
            guard first.isDead, second.isLive, sites[backup].isEnabled else { return false }
            events.append(.backupTookOver(sites[index].id, backup: sites[backup].id))
        }
        sites[index].isOnBackup.toggle()
        revision.speakers += 1
        news += 1
        return true
    }

    private mutating func watchUplink(_ index: Int) {
        guard isSource(index) else {
            sites[index].isLost = false
            return
        }
        let feed = sites[activeFeed(of: index)].link.liveness
        // The slate of a link that is cut says why.
        if !sites[index].isLost, feed.isDead, !sites[activeFeed(of: index)].link.isCut {
            sites[index].isLost = true
            events.append(.uplinkLost(sites[index].id, hub: hub))
        } else if sites[index].isLost, feed.isLive {
            sites[index].isLost = false
            events.append(.uplinkBack(sites[index].id))
        } else {
            return
        }
        revision.speakers += 1
        news += 1
    }
}

// MARK: - Loops

extension Conference {
    /// Brings what follows from a peer's announcement up to date.
    private mutating func peerChanged(_ index: Int) {
        news += 1
        refreshLabel(of: index)
        if let main = sites[index].main { refreshLabel(of: main) }
        recut(index)
    }

    /// Cuts a line whose media is our own come back, or heals it.
    private mutating func recut(_ index: Int, because evidence: CascadeEvent.Evidence? = nil) {
        let isCut = sites[index].link.mustBeCut
        guard isCut != sites[index].link.isCut else { return }
        sites[index].link.isCut = isCut
        revision.speakers += 1
        news += 1
        setAppearance(isCut ? .slate(.loop) : Site.firstAppearance(sites[index].plan), of: index)
        if isCut { strikeSpeaker(at: index) }
        if !isCut {
            events.append(.loopHealed(sites[index].id))
        } else if let evidence = evidence ?? sites[index].link.announcement.map({ .path(from: $0.sender) }) {
            events.append(.loopFound(sites[index].id, evidence))
        }
        commit()
    }

    func announcement(behind index: Int) -> LinkAnnouncement? {
        let feed = activeFeed(of: index)
        return sites[feed].link.isCut ? nil : sites[feed].link.announcement
    }

    mutating func refreshLabel(of index: Int) {
        let name = sites[sites[index].main ?? index].plan.name
        var label = name
        if sites[index].plan.kind != .site, let shown = announcement(behind: index)?.shown, shown != name {
            label = "\(shown) · \(name)"
        }
        if label != sites[index].label { sites[index].label = label }
    }
}

// MARK: - What is announced

extension Conference {
    /// Whether something is to be sent to the site at `index` now; its bytes are in the schedule then.
    private mutating func isDue(_ index: Int, at now: Instant) -> Bool {
        guard sites[index].link.outgoing.timing.isStale(news) else { return sites[index].link.outgoing.isDue(at: now) }
        return sites[index].link.outgoing.take(announcement(to: index), news, at: now)
    }

    /// What the streams to the site at `index` may contain.
    private func announcement(to index: Int) -> LinkAnnouncement {
        var announcement = LinkAnnouncement(path: path(to: index))
        // Endpoints need not know who is where; that a bridge was taken for one shows by the path alone.
        guard sites[index].plan.kind != .site else { return announcement }
        announcement.shown = shown(to: index)
        for other in sites.indices where isSource(other) && !isSameLink(other, index) {
            announcement.roster.append(
                LinkAnnouncement.Entry(
                    kind: sites[other].plan.kind, id: sites[other].id, name: sites[other].plan.name,
                    isSpeaking: isSpeaking(other), hasPicture: sites[activeFeed(of: other)].appearance.hasPicture,
                    isMuted: sites[other].isMuted))
            for entry in inside(of: other) {
                var entry = entry
                entry.depth += 1
                announcement.roster.append(entry)
            }
            announcement.omitted += omittedInside(other)
        }
        return announcement
    }

    /// Our own id, then those of every other line, the nearest first: `n`-th by `n`-th of the paths that came in. What a
    /// plain site is sent may show itself.
    private func path(to index: Int) -> [BridgeID] {
        let isShownItself = sites[index].plan.kind == .site
        let paths = lines.compactMap { other in
            isShownItself || !isSameLink(other, index) ? sites[other].link.announcement?.path : nil
        }
        var path = [id]
        var known: Set<BridgeID> = [id]
        for place in 0..<(paths.map(\.count).max() ?? 0) {
            for other in paths where place < other.count && known.insert(other[place]).inserted {
                path.append(other[place])
                if path.count == LinkAnnouncement.maximumPath { return path }
            }
        }
        return path
    }

    /// The one source that fills the picture sent to the site at `index`.
    private func shown(to index: Int) -> String? {
        let viewer = sites[index].id
        guard let view = programs.lazy.compactMap({ $0.view(of: viewer) }).first, view.layout.cells.count == 1,
            let source = view.sources[0], let place = self.index(of: source)
        else { return nil }
        return sites[place].label
    }

    /// Whether both are feeds of one link, or the same site.
    private func isSameLink(_ a: Int, _ b: Int) -> Bool { (sites[a].main ?? a) == (sites[b].main ?? b) }
}
