import Conference
import Media
import Mixer
import RTP

/// Puts what the paths say of themselves into one report.
struct StatusBuilder {
    let conference: Conference
    let cameras: [SiteID: VideoReceivePath.Report]
    let syncs: [SiteID: (skew: Interval?, state: LipSync.State)]
    let senders: [SiteID: VideoSender]
    let players: [SiteID: PlayerPath.Report]
    let programs: [ProgramPath.Report]
    let audio: AudioReport
    let governor: Governor
    let startedAt: Instant
    let now: Instant

    var report: StatusReport {
        StatusReport(
            uptimeSeconds: (now - startedAt).seconds, sites: conference.sites.enumerated().map(site),
            programs: programs.map(program), encodeGroups: programs.flatMap(encodeGroups),
            governor: GovernorStatus(
                givesWay: governor.concession.word, gaveWay: governor.gaveWay, tookBack: governor.tookBack),
            audio: AudioMixStatus(
                ticks: audio.ticks.ticks, lateTicks: audio.ticks.late,
                tickUsMean: audio.ticks.windowMean.milliseconds * 1000,
                tickUsMax: audio.ticks.windowMax.milliseconds * 1000, encodes: audio.encodes))
    }

    // MARK: Sites

    private func site(_ index: Int, _ site: Site) -> SiteStatus {
        let camera = cameras[site.id]
        let sound = audio.sites[site.id]
        return SiteStatus(
            id: site.id.rawValue, name: site.plan.name, kind: site.plan.kind.rawValue,
            program: conference.program(of: site.id)?.rawValue ?? "",
            cell: programs.first?.views.first?.group.view.cell(of: site.id), state: Self.word(site.appearance),
            speaking: conference.isSpeaking(index), muted: site.isMuted, enabled: site.isEnabled, gainDb: site.gain,
            levelDbov: (sound?.level ?? audio.played[site.id]).flatMap { level in
                level.smoothed > SoundLevel.silence ? Double(level.smoothed) : nil
            },
            videoIn: camera.map(videoIn),
            audioIn: sound.map(audioIn), videoOut: senders[site.id].map(videoOut),
            audioOut: site.plan.audio?.destination == nil ? nil : sound.map(audioOut),
            dropped: dropped(camera, sound),
            rttMs: (camera?.session.roundTrip ?? sound?.session.roundTrip)?.milliseconds,
            lipSyncMs: syncs[site.id]?.skew?.milliseconds,
            lipSync: sound == nil ? nil : syncs[site.id]?.state.rawValue, lines: lines(camera, sound),
            label: conference.label(of: index), link: link(index, site), inside: inside(index),
            player: players[site.id].map(player), slidesOf: site.plan.slidesOf?.rawValue)
    }

    private func player(_ report: PlayerPath.Report) -> PlayerStatus {
        PlayerStatus(
            file: report.location, state: report.phase.rawValue, seconds: report.position.seconds,
            duration: report.duration?.seconds, reason: report.reason)
    }

    private func link(_ index: Int, _ site: Site) -> LinkStatus? {
        let peer = conference.peer(of: index)
        let isBridge = peer.bridge != nil || peer.otherVersion != nil
        guard isBridge || peer.isCut || site.plan.kind != .site else { return nil }
        let state = peer.otherVersion != nil ? "other-version" : peer.bridge != nil ? "bridge" : "plain"
        return LinkStatus(
            state: peer.isCut ? "loop" : state, peer: peer.bridge?.description, path: peer.path.map(\.description),
            shown: peer.shown, feed: conference.sites[conference.activeFeed(of: index)].id.rawValue)
    }

    private func inside(_ index: Int) -> [InsideStatus]? {
        let entries = conference.inside(of: index).map { entry in
            InsideStatus(
                depth: entry.depth, id: entry.id.rawValue, name: entry.name, kind: entry.kind.rawValue,
                speaking: entry.isSpeaking, picture: entry.hasPicture, muted: entry.isMuted)
        }
        return entries.isEmpty ? nil : entries
    }

    private static func word(_ appearance: Appearance) -> String {
        switch appearance {
        case .live: "live"
        case .faulty: "fault"
        case .dimmed: "dimmed"
        case .slate: "slate"
        }
    }

    private func videoIn(_ report: VideoReceivePath.Report) -> VideoInStatus {
        let session = report.session
        let reordering = report.receiver.reordering
        return VideoInStatus(
            codec: report.codec.rawValue, width: report.decoder.size.width, height: report.decoder.size.height,
            fps: report.decoder.pictures.eventsPerSecond(at: now),
            bitrateBps: Int(8 * report.bytes.amountPerSecond(at: now)),
            packets: session.packets,
            bytes: session.bytes, lost: session.lost, late: session.late + reordering.late,
            duplicate: session.duplicate + reordering.duplicate, reordered: session.reordered,
            jitterMs: session.jitter.milliseconds, accessUnits: report.receiver.passed,
            framesDecoded: report.decoder.decoded, framesDropped: report.receiver.droppedDamaged,
            decodeErrors: report.decoder.errors, keyframeRequestsSent: session.keyframeRequestsOut,
            nacksSent: session.repairsRequested, repaired: report.receiver.repair.repaired,
            fecRecovered: report.fec?.recovered ?? 0, askedBps: report.asked?.bitsPerSecond,
            resting: report.decoder.isResting)
    }

    private func audioIn(_ report: AudioSiteReport) -> AudioInStatus {
        AudioInStatus(
            codec: report.codec.rawValue, packets: report.session.packets, bytes: report.session.bytes,
            lost: report.session.lost, late: report.session.late + report.jitterBuffer.late,
            jitterMs: report.session.jitter.milliseconds, concealedMs: report.decoding.concealed / 48,
            delayMs: report.jitterBuffer.delay.milliseconds, recovered: report.decoding.recovered,
            targetMs: report.jitterBuffer.target.milliseconds,
            concealedShare: report.decoding.played > 0
                ? Double(report.decoding.concealed) / Double(report.decoding.played) : 0,
            insertedMs: report.decoding.inserted / 48, removedMs: report.decoding.removed / 48,
            driftPpm: report.jitterBuffer.pace.correction, contributors: contributors(report))
    }

    private func contributors(_ report: AudioSiteReport) -> [ContributorStatus]? {
        guard !report.contributors.isEmpty else { return nil }
        return (0..<report.contributors.count).map { place in
            let ssrc = report.contributors[place]
            return ContributorStatus(
                ssrc: String(ssrc, radix: 16),
                name: report.names.first { $0.ssrc == ssrc && !$0.name.isEmpty }?.name,
                levelDbov: report.contributors.level(place).map { -$0 })
        }
    }

    private func videoOut(_ sender: VideoSender) -> VideoOutStatus {
        let report = sender.report(at: now)
        let rendition = sender.rendition
        return VideoOutStatus(
            codec: rendition.codec.rawValue, width: rendition.size.width, height: rendition.size.height,
            fps: report.framesPerSecond, bitrateBps: Int(report.bitsPerSecond),
            frames: sender.counters.accessUnits.value, packets: sender.counters.packets.value,
            bytes: sender.counters.bytes.value, keyframes: sender.counters.keyframes.value,
            failed: sender.counters.failed.value, group: group(of: sender.site)?.id ?? "",
            rung: report.rung.index, rungMoves: report.moves.down + report.moves.up,
            estimateBps: report.estimate.bitsPerSecond, limitBps: report.limit?.bitsPerSecond,
            nacked: report.statistics.repairs.requested, repaired: report.statistics.repairs.answered,
            keyframeRequestsRefused: report.keyframeRequestsRefused, fecSent: report.fec.made,
            longestWaitMs: report.statistics.longestWait.milliseconds)
    }

    private func group(of site: SiteID) -> EncodeGroup? {
        for view in programs.flatMap(\.views) {
            for (group, receivers) in zip(view.encodeGroups, view.receivers) where receivers.contains(site) {
                return group
            }
        }
        return nil
    }

    private func audioOut(_ report: AudioSiteReport) -> AudioOutStatus {
        AudioOutStatus(
            packets: report.sent.sent, bytes: report.sent.bytes, bitrateBps: Int(report.sentBitsPerSecond),
            shared: report.isShared)
    }

    private func dropped(_ camera: VideoReceivePath.Report?, _ sound: AudioSiteReport?) -> [String: Int] {
        let drops = (camera?.drops ?? Drops()) + (sound?.drops ?? Drops())
        return Dictionary(uniqueKeysWithValues: drops.words.map { ($0.word, $0.count) })
    }

    /// The site's lines: of its picture, or of its sound if it has no picture.
    private func lines(_ camera: VideoReceivePath.Report?, _ sound: AudioSiteReport?) -> LinesStatus? {
        guard let lines = camera?.lines ?? sound?.lines else { return nil }
        let each = Line.allCases.map { line in
            let statistics = lines.lines[line]
            return LineStatus(
                alive: statistics.isAlive, packets: statistics.packets, lost: statistics.lost,
                onlyHere: statistics.onlyHere)
        }
        return LinesStatus(
            lines: each, skewMs: lines.skew?.milliseconds, largestSkewMs: lines.largestSkew.milliseconds)
    }

    // MARK: Programs

    private func program(_ report: ProgramPath.Report) -> ProgramStatus {
        let view = report.views.first
        let cells = view.map { view in
            let layout = view.group.view.layout
            return zip(zip(layout.rectangles(on: report.size), layout.cells), view.group.view.sources).map {
                place, site in
                CellStatus(
                    x: place.0.x, y: place.0.y, width: place.0.width, height: place.0.height, site: site?.rawValue,
                    pinned: site.map { place.1.role == .site($0) } ?? false)
            }
        }
        return ProgramStatus(
            id: report.id.rawValue, layout: conference.layout(of: report.id)?.description ?? "",
            frames: view?.statistics.canvases ?? 0, lateTicks: report.late,
            droppedTicks: report.skipped + report.views.reduce(0) { $0 + $1.statistics.dropped },
            composeMs: report.composeMean.milliseconds, cells: cells ?? [],
            speaker: conference.activeSpeaker?.rawValue, previousSpeaker: conference.previousSpeaker?.rawValue,
            lecturer: conference.lecturer?.rawValue, calledUp: conference.calledUp?.rawValue,
            slides: conference.slides?.rawValue, caption: conference.caption(of: report.id),
            width: report.size.width,
            height: report.size.height)
    }

    private func encodeGroups(_ report: ProgramPath.Report) -> [EncodeGroupStatus] {
        report.views.flatMap { view in
            zip(view.encodeGroups, view.receivers).map { group, receivers in
                let second = group.lastSecond
                return EncodeGroupStatus(
                    id: group.id, program: report.id.rawValue, codec: group.rendition.codec.rawValue,
                    encoder: group.encoderName, width: group.rendition.size.width,
                    height: group.rendition.size.height, fps: second.framesPerSecond,
                    bitrateTargetBps: group.rendition.bitrate.bitsPerSecond, bitrateBps: Int(second.bitsPerSecond),
                    frames: group.counters.accessUnits.value, keyframes: group.counters.keyframes.value,
                    encodeMsMean: second.mean.milliseconds, encodeMsMax: second.longest.milliseconds,
                    receivers: receivers.count, dropped: group.counters.dropped.value,
                    errors: group.counters.errors.value, qp: second.quantizer)
            }
        }
    }
}
