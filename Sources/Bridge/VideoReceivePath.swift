import Conference
import Logging
import Media
import Mixer
import RTP
import Synchronization

/// The path of one site's picture, from the socket to `LatestPicture`:
///
///     sockets → filter, SRTP, lines → RTP session → FEC → video receiver (reorder, depacketize) → decoder → latest picture
///
/// One serial queue does all of it, so that nothing is handed over and a site's trouble stays its own.
final class VideoReceivePath: CameraQueue.Work, @unchecked Sendable {  // all mutable state is touched on `queue` only
    let latest: LatestPicture
    let demand = PictureDemand()
    let sync = SiteSync()
    private let queue: CameraQueue
    private let inlets: [(socket: UDPSocket, line: Line)]
    private var journal: MediaLog
    /// What bridges say to each other over the site's RTCP.
    private let cascade: CascadeLine
    /// The site's own outgoing picture: keyframe requests go to it, sender reports tell of it.
    private let sender: VideoSender?
    private let codecs: [VideoCodec]

    private var batch = ReceiveBatch()
    private var transport: MediaTransport
    private var session: RTPSession
    private var receiver: VideoReceiver
    private var correction: ErrorCorrection?
    private var rateRequest: RateRequest?
    private var decoder: CameraDecoder

    private var backlog = Backlog()
    private var bytes = RateMeter()
    private var naming: StreamNaming
    private let published: Mutex<Report>
    private var publishedAt = Instant.zero

    /// Packets that had to wait for this machine.
    struct Backlog: Sendable {
        var late = 0
        /// Left out, since it was behind by far.
        var skipped = 0
    }

    /// Packets that waited longer are left out.
    private static let longestBacklog = Interval.milliseconds(500)
    /// Packets that waited longer show that the machine has too much to do.
    private static let promptly = Interval.milliseconds(60)
    /// How long a gap is waited for where neither a second line nor a repair can fill it. With FEC, its reach on top.
    private static let reorderWindow = Interval.milliseconds(40)

    /// What the path says of itself.
    struct Report: Sendable {
        var session: RTPSession.Statistics
        var receiver: VideoReceiver.Statistics
        var decoder: CameraDecoder.Statistics
        var backlog: Backlog
        var codec: VideoCodec
        var bytes: RateMeter
        var drops: Drops
        var lines: LineMerger.Statistics?
        var fec: FecDecoder.Statistics?
        var asked: Bitrate?
        var ssrc: UInt32?
        var contributors = Contributors()
        /// The site and those in its stream, by name.
        var sources: [SourceName] = []
    }

    /// - Parameters:
    ///   - sender: the site's outgoing picture, if it is sent one.
    ///   - identity: ours, in the session with the site.
    init(
        _ plan: SitePlan, video: VideoPlan, ports: MediaPorts, sender: VideoSender?, identity: RTPIdentity,
        cascade: CascadeLine, concessions: Concessions, log: Logger
    ) throws(TransportError) {
        inlets = ports.inlets
        self.sender = sender
        self.cascade = cascade
        journal = MediaLog(log, medium: "picture")
        queue = try CameraQueue(reading: inlets.map(\.socket))
        codecs = VideoCodec.allCases
        var accepts = PayloadTypeTable()
        for (payloadType, codec) in video.accepts { accepts[payloadType] = codecs.firstIndex(of: codec) }
        correction = ErrorCorrection(video.repair, media: accepts)
        // FEC is in the stream's own sequence: the session counts it, the receiver gets it empty.
        if let fec = video.repair.fec { accepts[fec] = codecs.count }
        latest = LatestPicture(of: video.content)
        naming = StreamNaming(name: plan.name)
        transport = try MediaTransport(ports: ports, rule: plan.source, clockRate: VideoCodec.clockRate)
        let now = Clock.now()
        session = RTPSession(
            .init(
                ssrc: identity.ssrc, cname: identity.cname, clockRate: VideoCodec.clockRate, isVideo: true,
                accepts: accepts, feedback: video.repair.feedback, retransmitted: video.repair.retransmitted,
                provesFirstStream: plan.source == .any, correction: video.repair.fec, messageName: CascadeLine.name),
            generator: SeededGenerator(seed: .random(in: .min ... .max)), at: now)
        var settings = VideoReceiver.Settings()
        settings.parameterSets = video.parameterSets
        // Where nothing is asked for, nothing is waited for.
        if video.repair.feedback.contains(.nack) { settings.repair = .init() }
        receiver = VideoReceiver(codec: video.codec, settings: settings)
        if video.adapts, !video.repair.feedback.isDisjoint(with: [.remb, .tmmbr]) { rateRequest = RateRequest() }
        // A link may have to stand in at once.
        decoder = CameraDecoder(
            codec: video.codec, latest: latest, mayRest: plan.kind == .site && video.content == .camera,
            concessions: concessions)
        published = Mutex(
            Report(
                session: session.statistics, receiver: receiver.statistics, decoder: decoder.statistics,
                backlog: backlog, codec: video.codec, bytes: bytes, drops: Drops()))
    }

    /// Begins to receive.
    func start() { queue.start(self) }

    /// Stops receiving. After it returned nothing of this path runs.
    /// - Parameter saysGoodbye: whether the site is told that its stream ends.
    func stop(saysGoodbye: Bool = true) {
        queue.end { [self] in
            let now = Clock.now()
            let report = sender?.end(wallclock: Clock.wallclock(), at: now)
            if saysGoodbye { transport.send(session.goodbye(at: now, sender: report), at: now) }
        }
    }

    /// Says this to a bridge at the other end from now on.
    func say(_ message: [UInt8]) {
        queue.async { [self] in session.announce(message) }
    }

    /// Asks the site for a keyframe.
    func requestKeyframe() {
        queue.async { [self] in session.requestKeyframe() }
    }

    /// Says from now on who may be in what the site is sent.
    func describe(_ sources: [SourceName]) {
        queue.async { [self] in session.describe(sources) }
    }

    /// Counts and rates, at most half a second old while anything comes in.
    var report: Report { published.withLock { $0 } }

    private func publish(at now: Instant) {
        guard now - publishedAt >= .milliseconds(500) else { return }
        publishedAt = now
        var asked: Bitrate?
        if receiver.statistics.passed > 0 { asked = rateRequest?.update(area: demand.largestArea, at: now) }
        if let asked { session.requestBitrate(asked) }
        sender?.review(at: now)
        var drops = transport.drops
        drops.add(session.statistics)
        drops.refusedPictures = receiver.statistics.depacketizing.refused
        journal.note(drops, at: now)
        naming.refresh(session)
        let report = Report(
            session: session.statistics, receiver: receiver.statistics, decoder: decoder.statistics,
            backlog: backlog, codec: decoder.codec, bytes: bytes, drops: drops,
            lines: transport.lineStatistics(at: now),
            fec: correction?.statistics, asked: asked, ssrc: session.remoteSSRC, contributors: session.contributors,
            sources: naming.sources)
        published.withLock { $0 = report }
    }

    // MARK: The path

    func receive(from index: Int) {
        // One batch a turn: there is another while there is more.
        let now = Clock.now()
        let (socket, line) = inlets[index]
        let count = batch.receive(from: socket)
        for index in 0..<count { take(index, from: socket, line, at: now) }
    }

    private func take(_ index: Int, from socket: UDPSocket, _ line: Line, at now: Instant) {
        let source = batch.source(index)
        let (arrival, drops) = batch.information(index, now: now)
        transport.noteKernelDrops(drops, on: socket, line: line)
        guard
            case .admitted(let datagram) = transport.receive(
                batch.datagram(index), from: source, line: line, arrival: arrival, at: now)
        else { return }
        let packet = correction?.unwrap(datagram) ?? datagram
        switch session.receive(packet, at: arrival) {
        case .media(let header, let sequence, let timestamp):
            transport.mediaCame(from: source, line: line, count: datagram.count, at: now)
            latest.packetsCame(at: now)
            if now - arrival > Self.promptly { backlog.late += 1 }
            guard now - arrival < Self.longestBacklog else { return skip(at: now) }
            bytes.add(header.payload.count, at: now)
            // A change of stream comes before the packet that brought it.
            act(at: now)
            sync.pictureCame(timestamp: timestamp, at: now)
            receive(header, packet, sequence: sequence, timestamp: timestamp, arrival: arrival, at: now)
            recover(header, packet, at: now)
        case .control:
            transport.peerSpoke(from: source, on: socket, line: line, count: datagram.count, at: now)
            receiver.noteRoundTrip(session.statistics.roundTrip)
            hear(at: now)
        case .dropped: break
        }
    }

    /// Hands a packet to the receiver. One of FEC has no payload for it, and only fills its place.
    private func receive(
        _ header: RTPHeader, _ packet: UnsafeRawBufferPointer, sequence: Int64, timestamp: Int64, arrival: Instant,
        at now: Instant
    ) {
        let codec = session.codec(of: header.payloadType).flatMap { codecs.indices.contains($0) ? codecs[$0] : nil }
        // What the slower of two lines is about to bring is no loss.
        receiver.reorderWindow = max(Self.reorderWindow, transport.gapWait(at: now))
        receiver.receive(
            VideoPacket(
                codec: codec ?? receiver.codec, sequence: sequence, timestamp: timestamp, marker: header.marker,
                arrival: arrival,
                payload: codec == nil
                    ? UnsafeRawBufferPointer(start: nil, count: 0)
                    : UnsafeRawBufferPointer(rebasing: packet[header.payload]), origin: session.lastOrigin), at: now)
        show(at: now)
    }

    /// Shows a packet to the FEC decoder, and takes what it makes of it.
    private func recover(_ header: RTPHeader, _ packet: UnsafeRawBufferPointer, at now: Instant) {
        guard correction != nil, session.lastOrigin == .line else { return }
        correction?.receive(header, packet)
        receiver.correctionReach = correction?.reach
        while let recovered = correction?.next() {
            guard case .media(let header, let sequence, let timestamp) = session.receive(recovered: recovered) else {
                continue
            }
            receive(header, recovered, sequence: sequence, timestamp: timestamp, arrival: now, at: now)
        }
    }

    /// Leaves out a packet that has waited too long: the machine is behind, and pictures would only come ever later. The
    /// next keyframe resumes.
    private func skip(at now: Instant) {
        backlog.skipped += 1
        receiver.decodingFailed(at: now)
        journal.note(
            "packets have waited too long: this machine is too slow for its cameras", detail: "\(backlog.skipped)",
            at: now)
    }

    /// Does what session and receiver want done.
    func finish() -> Instant {
        let now = Clock.now()
        show(at: now)
        while let sequence = receiver.nextRepair(at: now) { session.requestRepair(sequence) }
        session.noteKeyframe(isUnderway: receiver.isKeyframeUnderway, at: now)
        publish(at: now)
        while let event = transport.nextLineEvent(at: now) { journal.tell(event, at: now) }
        // Last: what was asked for above goes out now.
        act(at: now)
        return min(session.deadline, receiver.deadline, transport.deadline)
    }

    private func act(at now: Instant) {
        let report = now >= session.deadline ? sender?.report(wallclock: Clock.wallclock(), at: now) : nil
        while let action = session.next(at: now, sender: report) {
            switch action {
            case .send(let bytes): transport.send(bytes, at: now)
            case .streamChanged(let ssrc):
                receiver.streamChanged()
                correction?.reset()
                receiver.correctionReach = nil
                sync.pictureStreamChanged()
                journal.tell("picture stream begins", detail: String(ssrc, radix: 16), at: now)
                // What the one before asked of our sender is over.
                hear(at: now)
            case .goodbye:
                latest.siteLeft(at: now)
                journal.tell("the site said goodbye on its picture stream", at: now)
            case .keyframeRequested: sender?.requestKeyframe(at: now)
            case .senderReport(let ntp, let timestamp):
                sync.pictureReport(ntp: ntp, timestamp: timestamp, at: now)
            case .contributorsChanged: cascade.contributorsCame(session.contributors, at: now)
            case .message(let message): cascade.heard(message)
            case .messageRepeated: cascade.heardAgain(at: now)
            }
        }
    }

    /// Passes on what the site's RTCP says to our own stream.
    private func hear(at now: Instant) {
        while let feedback = session.nextFeedback(at: now) {
            switch feedback {
            case .repairRequested(let sequences): sender?.repair(sequences, at: now)
            case .bitrateLimit(let limit): sender?.limit(limit, at: now)
            case .report(let facts):
                sender?.report(fractionLost: facts.fractionLost, roundTrip: facts.roundTrip, at: now)
            case .transportFeedback(let bytes): sender?.transportFeedback(bytes, at: now)
            case .collision:
                let report = sender?.report(wallclock: Clock.wallclock(), at: now)
                transport.send(session.goodbye(at: now, sender: report), at: now)
                let ssrc = UInt32.random(in: 1 ... .max)
                session.changeSSRC(to: ssrc)
                sender?.restart(ssrc: ssrc)
                cascade.ownStreamChanged(to: ssrc)
                journal.note("the site uses our SSRC, or our own packets come back: another one is used", at: now)
            }
        }
    }

    /// Has decoded what the receiver has whole.
    private func show(at now: Instant) {
        while let event = receiver.next(at: now) {
            switch event {
            case .accessUnit(let unit): decode(unit, at: now)
            case .keyframeNeeded: session.requestKeyframe()
            case .refused(let size):
                journal.note("a picture larger than allowed was refused", detail: "\(size)", at: now)
            }
        }
    }

    private func decode(_ unit: AccessUnit, at now: Instant) {
        let outcome = decoder.take(unit, codec: receiver.codec, isWanted: demand.isWanted(at: now), at: now)
        guard outcome != .wantsKeyframe else { return session.requestKeyframe() }
        // Pictures flow: whether by a keyframe or without one, none is wanted any more.
        session.keyframeReceived()
        switch outcome {
        case .flows, .wantsKeyframe: break
        case .sizeChanged(let before):
            journal.tell("picture size changed", detail: "\(before) to \(decoder.statistics.size)", at: now)
        case .failed(let reason):
            receiver.decodingFailed(at: Clock.now())
            journal.note("a picture could not be decoded", detail: reason, at: now)
        }
    }
}
