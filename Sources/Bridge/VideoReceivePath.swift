import Conference
import Dispatch
import Logging
import Media
import Mixer
import RTP
import Synchronization

/// The path of one site's picture, from the socket to `LatestPicture`:
///
///     socket → address filter → RTP session → video receiver (reorder, depacketize) → decoder → latest picture
///
/// One serial queue does all of it, so that nothing is handed over and a site's trouble stays its own.
final class VideoReceivePath: @unchecked Sendable {  // all mutable state is touched on `queue` only
    let latest = LatestPicture()
    private let queue: DispatchQueue
    private let ports: MediaPorts
    private let log: Logger
    /// The site's own outgoing picture: keyframe requests go to it, sender reports tell of it.
    private let sender: VideoSender?
    private let codecs: [VideoCodec]

    private var sources: [any DispatchSourceProtocol] = []
    /// Made by `start`: libdispatch traps when a source that was never activated is released.
    private var timer: (any DispatchSourceTimer)?
    private var timerDeadline = Instant.distantFuture

    private var batch = ReceiveBatch()
    private var control: ControlPath
    private var session: RTPSession
    private var receiver: VideoReceiver
    private var decoder: VideoDecoder?
    private var decoderCodec: VideoCodec

    private var counts = Counts()
    private var size = Size(width: 0, height: 0)
    private var pictures = RateMeter()
    private var bytes = RateMeter()
    private var faults = LogLimiter()
    private var events = LogBudget()
    private let published: Mutex<Report>
    private var publishedAt = Instant.zero

    /// What the decoder made of the access units.
    struct Counts: Sendable {
        var decoded = 0
        var errors = 0
        /// Packets left out because the machine was behind.
        var skipped = 0
    }

    /// Packets that waited longer are left out.
    private static let longestBacklog = Interval.milliseconds(500)

    /// What the path says of itself.
    struct Report: Sendable {
        var session: RTPSession.Statistics
        var receiver: VideoReceiver.Statistics
        var counts: Counts
        var codec: VideoCodec
        var size: Size
        var pictures: RateMeter
        var bytes: RateMeter
        var refused: Int
        var kernelDrops: Int
    }

    /// - Parameters:
    ///   - sender: the site's outgoing picture, if it is sent one.
    ///   - identity: ours, in the session with the site.
    init(
        _ plan: SitePlan, video: VideoPlan, ports: MediaPorts, sender: VideoSender?, identity: RTPIdentity, log: Logger
    ) throws(TransportError) {
        self.ports = ports
        self.sender = sender
        self.log = log
        queue = Queues.video(plan.id.rawValue)
        codecs = VideoCodec.allCases
        var accepts = PayloadTypeTable()
        for (payloadType, codec) in video.accepts { accepts[payloadType] = codecs.firstIndex(of: codec) }
        control = ControlPath(ports: ports, filter: try AddressFilter(rule: plan.source, ports: ports))
        let now = Clock.now()
        session = RTPSession(
            .init(
                ssrc: identity.ssrc, cname: identity.cname, clockRate: VideoCodec.clockRate, isVideo: true,
                accepts: accepts),
            generator: SeededGenerator(seed: .random(in: .min ... .max)), at: now)
        var settings = VideoReceiver.Settings()
        settings.parameterSets = video.parameterSets
        receiver = VideoReceiver(codec: video.codec, settings: settings)
        decoderCodec = video.codec
        published = Mutex(
            Report(
                session: session.statistics, receiver: receiver.statistics, counts: counts, codec: video.codec,
                size: size, pictures: pictures, bytes: bytes, refused: 0, kernelDrops: 0))
    }

    /// Begins to receive.
    func start() {
        for socket in [ports.rtp, ports.rtcp] {
            let source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor, queue: queue)
            source.setEventHandler { [unowned self] in receive(from: socket) }
            source.activate()
            sources.append(source)
        }
        queue.async { [self] in
            let timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
            timer.setEventHandler { [unowned self] in
                timerDeadline = .distantFuture
                drain(at: Clock.now())
            }
            timer.activate()
            self.timer = timer
            timerDeadline = .distantFuture
            drain(at: Clock.now())
        }
    }

    /// Says goodbye and stops receiving. After it returned nothing of this path runs.
    func stop() {
        queue.sync {
            let now = Clock.now()
            let report = sender?.report(wallclock: Clock.wallclock(), at: now)
            control.send(session.goodbye(at: now, sender: report))
            for source in sources { source.cancel() }
            timer?.cancel()
        }
    }

    /// Counts and rates, at most half a second old while anything comes in.
    var report: Report { published.withLock { $0 } }

    private func publish(at now: Instant) {
        guard now - publishedAt >= .milliseconds(500) else { return }
        publishedAt = now
        let report = Report(
            session: session.statistics, receiver: receiver.statistics, counts: counts, codec: decoderCodec,
            size: size, pictures: pictures, bytes: bytes, refused: control.refused, kernelDrops: control.kernelDrops)
        published.withLock { $0 = report }
    }

    // MARK: The path

    private func receive(from socket: UDPSocket) {
        // One batch an event: the source fires again while there is more, and the other cameras get their turn.
        let now = Clock.now()
        let count = batch.receive(from: socket)
        for index in 0..<count { take(index, from: socket, at: now) }
        drain(at: Clock.now())
    }

    private func take(_ index: Int, from socket: UDPSocket, at now: Instant) {
        let datagram = batch.datagram(index)
        let source = batch.source(index)
        let (arrival, drops) = batch.information(index, now: now)
        guard control.admits(source, at: now) else { return }
        control.noteKernelDrops(drops, on: socket)
        switch session.receive(datagram, at: arrival) {
        case .media(let header, let sequence, let timestamp):
            latest.packetsCame(at: now)
            guard now - arrival < Self.longestBacklog else { return skip(at: now) }
            bytes.add(header.payload.count, at: now)
            // A change of stream comes before the packet that brought it.
            act(at: now)
            receiver.receive(
                VideoPacket(
                    codec: codecs[session.codec(of: header.payloadType) ?? 0], sequence: sequence, timestamp: timestamp,
                    marker: header.marker, arrival: arrival,
                    payload: UnsafeRawBufferPointer(rebasing: datagram[header.payload])), at: now)
            show(at: now)
        case .control: control.peerSpoke(from: source, on: socket)
        case .dropped: break
        }
    }

    /// Leaves out a packet that has waited too long: the machine is behind, and pictures would only come ever later. The
    /// next keyframe resumes.
    private func skip(at now: Instant) {
        counts.skipped += 1
        receiver.decodingFailed(at: now)
        note(
            "packets have waited too long: this machine is too slow for its cameras", detail: "\(counts.skipped)",
            at: now)
    }

    /// Does what session and receiver want done, and sets the timer for what they want next.
    private func drain(at now: Instant) {
        act(at: now)
        show(at: now)
        publish(at: now)
        let deadline = min(session.deadline, receiver.deadline)
        guard deadline != timerDeadline else { return }
        timerDeadline = deadline
        timer?.schedule(
            deadline: DispatchTime(uptimeNanoseconds: UInt64(max(1, deadline.nanoseconds))), leeway: .milliseconds(1))
    }

    private func act(at now: Instant) {
        let report = now >= session.deadline ? sender?.report(wallclock: Clock.wallclock(), at: now) : nil
        while let action = session.next(at: now, sender: report) {
            switch action {
            case .send(let bytes): control.send(bytes)
            case .streamChanged(let ssrc):
                receiver.streamChanged()
                tell("picture stream begins", detail: String(ssrc, radix: 16), at: now)
            case .goodbye:
                latest.siteLeft(at: now)
                tell("the site said goodbye on its picture stream", detail: "", at: now)
            case .keyframeRequested: sender?.requestKeyframe()
            case .senderReport: break
            }
        }
    }

    /// Decodes what the receiver has whole.
    private func show(at now: Instant) {
        while let event = receiver.next(at: now) {
            switch event {
            case .accessUnit(let unit):
                // Pictures flow: whether by a keyframe or without one, none is wanted any more.
                session.keyframeReceived()
                decode(unit, codec: receiver.codec)
            case .keyframeNeeded: session.requestKeyframe()
            case .refused(let size):
                note("a picture larger than allowed was refused", detail: "\(size)", at: now)
            }
        }
    }

    private func decode(_ unit: AccessUnit, codec: VideoCodec) {
        if decoder == nil || decoderCodec != codec {
            decoder = VideoDecoder(codec)
            decoderCodec = codec
        }
        guard let outcome = decoder?.decode(unit) else { return }
        let now = Clock.now()
        switch outcome {
        case .picture(let picture):
            if picture.size != size {
                tell("picture size changed", detail: "\(size) to \(picture.size)", at: now)
                size = picture.size
            }
            counts.decoded += 1
            pictures.add(1, at: now)
            latest.publish(picture, at: now)
        case .none: break
        case .damaged(.awaitsKeyframe):
            // It is on its way to a whole picture by itself: asking again would only begin the wait anew.
            counts.errors += 1
        case .damaged(let damage):
            counts.errors += 1
            receiver.decodingFailed(at: now)
            note("a picture could not be decoded", detail: damage.rawValue, at: now)
        }
    }

    /// Says what the site does. A site that does it all the time is heard a few times in ten seconds.
    private func tell(_ message: Logger.Message, detail: String, at now: Instant) {
        guard events.admit(at: now) else { return }
        log.info(message, metadata: ["detail": "\(detail)"])
    }

    private func note(_ message: Logger.Message, detail: String, at now: Instant) {
        guard let count = faults.admit(at: now) else { return }
        log.warning(message, metadata: ["detail": "\(detail)", "count": "\(count)"])
    }
}
