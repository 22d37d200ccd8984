import Conference
import Logging
import Media
import Mixer
import RTP

/// One site's sound, in and out. Confined to the audio thread.
///
///     socket → address filter → RTP session → jitter buffer → decoder → the mixer's input
///     the listener's packet → AudioSender
final class AudioEndpoint {
    /// First of all: a tick that only sends touches nothing else of the endpoint.
    private var sender: AudioSender
    let site: SiteID
    /// The link whose source it feeds, being its backup; `nil`: it has a source of its own.
    let main: SiteID?
    /// Whether another conference is at the other end.
    let isLink: Bool
    let inlets: [(socket: UDPSocket, line: Line)]
    private var transport: MediaTransport
    private(set) var session: RTPSession
    private(set) var jitterBuffer: AudioJitterBuffer
    private(set) var decoding: AudioSource
    let plan: AudioPlan
    private var journal: MediaLog
    /// What bridges say to each other over the site's RTCP.
    private let cascade: CascadeLine
    /// The site's lip-sync; `nil` for a site without a picture.
    private let sync: SiteSync?
    private var clock: SenderClock
    /// Where the sound of a line goes that another one stands for.
    private let unheard = UnsafeMutableBufferPointer<Float>.allocate(capacity: AudioBlock.count)
    private var naming: StreamNaming

    /// Bytes from the object's address on that sending touches: its head of two words, and the sender.
    static let sendingSize = 16 + MemoryLayout<AudioSender>.size
    private static let codecs = AudioCodec.allCases
    /// A level under which a packet may be left out unheard, in dBov.
    private static let quiet: Float = -50

    /// Binds its ports.
    /// - Parameter plan: of the whole conference.
    init(
        _ site: SitePlan, audio: AudioPlan, plan: ConferencePlan, identity: RTPIdentity, sync: SiteSync?,
        cascade: CascadeLine, log: Logger
    ) throws(AudioPathError) {
        self.site = site.id
        main = site.backupOf
        isLink = site.kind != .site
        let ports: MediaPorts
        do throws(TransportError) {
            ports = try MediaPorts(audio, plan: plan)
        } catch { throw .transport(site.id, error) }
        inlets = ports.inlets
        journal = MediaLog(log, medium: "sound")
        self.plan = audio
        self.sync = sync
        self.cascade = cascade
        clock = SenderClock(clockRate: audio.codec.clockRate)
        do throws(TransportError) {
            transport = try MediaTransport(ports: ports, rule: site.source, clockRate: audio.codec.clockRate)
        } catch { throw .transport(site.id, error) }
        do throws(SRTPError) {
            sender = try AudioSender(audio, ports: ports, identity: identity)
        } catch { throw .transport(site.id, .security("\(error)")) }
        naming = StreamNaming(name: site.name)
        var settings = AudioJitterBuffer.Settings()
        settings.minimumDelay = .milliseconds(audio.delay.lowerBound)
        settings.maximumDelay = .milliseconds(audio.delay.upperBound)
        jitterBuffer = AudioJitterBuffer(settings: settings)
        jitterBuffer.hasFEC = audio.codec == .opus
        var accepts = PayloadTypeTable()
        for (payloadType, codec) in audio.accepts { accepts[payloadType] = Self.codecs.firstIndex(of: codec) }
        session = RTPSession(
            .init(
                ssrc: identity.ssrc, cname: identity.cname, clockRate: audio.codec.clockRate, isVideo: false,
                accepts: accepts, provesFirstStream: site.source == .any,
                // What a bridge of ours sends needs no agreement; a mixer of another make sends none without one.
                levelExtension: audio.levelExtension ?? (site.kind == .site ? nil : CascadeLine.levelExtension),
                messageName: CascadeLine.name),
            generator: SeededGenerator(seed: .random(in: .min ... .max)), at: Clock.now())
        do throws(AudioCodecError) {
            decoding = try AudioSource(codec: audio.codec)
        } catch { throw .codec(site.id, error) }
    }

    deinit { unheard.deallocate() }

    /// What the site's decoder made of its packets, and how its jitter buffer stands.
    var codec: AudioCodec { decoding.codec }

    // MARK: In

    /// Takes all that waits on the site's sockets.
    /// - Parameter isWaiting: whether anything does.
    func receive(through batch: inout ReceiveBatch, isWaiting: Bool, at now: Instant) {
        if let message = cascade.takeSoundMessage() { session.announce(message) }
        if isWaiting { takeDatagrams(through: &batch, at: now) }
        while let event = transport.nextLineEvent(at: now) { journal.tell(event, at: now) }
        act(at: now)
    }

    private func takeDatagrams(through batch: inout ReceiveBatch, at now: Instant) {
        for (socket, line) in inlets {
            // Bounded: a flood on one port must not hold up everybody's sound.
            for _ in 0..<ReceiveBudget.batchesPerTick {
                let count = batch.receive(from: socket)
                for index in 0..<count { take(index, of: batch, from: socket, line, at: now) }
                if !batch.isFull(count) { break }
            }
        }
    }

    private func take(
        _ index: Int, of batch: borrowing ReceiveBatch, from socket: UDPSocket, _ line: Line, at now: Instant
    ) {
        let source = batch.source(index)
        let (arrival, drops) = batch.information(index, now: now)
        transport.noteKernelDrops(drops, on: socket, line: line)
        switch transport.receive(batch.datagram(index), from: source, line: line, arrival: arrival, at: now) {
        case .admitted(let datagram): take(datagram, from: source, on: socket, line, arrival: arrival, at: now)
        case .copy(let datagram): noteCopy(datagram, arrival: arrival)
        case .dropped: break
        }
    }

    private func take(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, on socket: UDPSocket, _ line: Line,
        arrival: Instant, at now: Instant
    ) {
        switch session.receive(datagram, at: arrival) {
        case .media(let header, let sequence, let timestamp):
            transport.mediaCame(from: source, line: line, count: datagram.count, at: now)
            if isLink, sync == nil { cascade.soundCame(at: now) }
            act(at: now)
            let payload = UnsafeRawBufferPointer(rebasing: datagram[header.payload])
            let codec = Self.codecs[session.codec(of: header.payloadType) ?? 0]
            guard let samples = Self.samples(of: payload, codec: codec) else {
                journal.note("a sound packet is malformed", at: now)
                return
            }
            if codec != decoding.codec { change(to: codec, at: now) }
            clock.packetReceived(timestamp: timestamp, at: arrival)
            let ticks = timestamp * Int64(48_000 / codec.clockRate)
            _ = jitterBuffer.insert(
                sequence: sequence, timestamp: ticks, duration: samples, payload: payload, arrival: arrival)
        case .control:
            transport.peerSpoke(from: source, on: socket, line: line, count: datagram.count, at: now)
            hear(at: now)
        case .dropped: break
        }
    }

    /// A packet that the other line brought before: the jitter buffer holds enough for the slower line.
    private func noteCopy(_ datagram: UnsafeRawBufferPointer, arrival: Instant) {
        guard let header = RTPHeader(parsing: datagram), let timestamp = session.timestamp(of: header),
            let index = session.codec(of: header.payloadType)
        else { return }
        let codec = Self.codecs[index]
        let payload = UnsafeRawBufferPointer(rebasing: datagram[header.payload])
        guard let samples = Self.samples(of: payload, codec: codec) else { return }
        jitterBuffer.noteLateCopy(
            timestamp: timestamp * Int64(48_000 / codec.clockRate), duration: samples, arrival: arrival)
    }

    /// Samples at 48 kHz that a payload lasts; `nil` if it is malformed.
    private static func samples(of payload: UnsafeRawBufferPointer, codec: AudioCodec) -> Int? {
        switch codec {
        case .opus: OpusPacket(parsing: payload)?.samples
        // 64 kbit/s: a byte is an eighth of a millisecond, for G.722 too.
        case .pcmu, .pcma, .g722: payload.isEmpty ? nil : 6 * payload.count
        }
    }

    private func change(to codec: AudioCodec, at now: Instant) {
        jitterBuffer.streamChanged()
        jitterBuffer.hasFEC = codec == .opus
        clock = SenderClock(clockRate: codec.clockRate)
        do throws(AudioCodecError) {
            try decoding.change(to: codec)
            journal.tell("sound codec changed", detail: codec.rawValue, at: now)
        } catch {
            journal.note("the sound's codec can't be opened: \(error)", at: now)
        }
    }

    /// Does what the session wants done.
    private func act(at now: Instant) {
        let report = now >= session.deadline ? sender.state(at: now) : nil
        while let action = session.next(at: now, sender: report) {
            switch action {
            case .send(let bytes): transport.send(bytes, at: now)
            case .streamChanged(let ssrc):
                jitterBuffer.streamChanged()
                clock.streamChanged()
                sync?.soundStreamChanged()
                journal.tell("sound stream begins", detail: String(ssrc, radix: 16), at: now)
            case .goodbye: journal.tell("the site said goodbye on its sound stream", at: now)
            case .senderReport(let ntp, let timestamp):
                _ = clock.reportReceived(ntp: ntp, timestamp: timestamp, at: now)
            case .keyframeRequested: break
            case .contributorsChanged: cascade.contributorsCame(session.contributors, at: now)
            case .message(let message): cascade.heard(message)
            case .messageRepeated: cascade.heardAgain(at: now)
            }
        }
    }

    /// Of what the site's RTCP says to our own stream only a collision matters here: its losses are in the session's figures.
    private func hear(at now: Instant) {
        while let feedback = session.nextFeedback(at: now) {
            guard case .collision = feedback else { continue }
            transport.send(session.goodbye(at: now, sender: sender.state(at: now)), at: now)
            sender.changeSSRC()
            session.changeSSRC(to: sender.stream.ssrc)
            cascade.ownStreamChanged(to: sender.stream.ssrc)
            journal.note("the site uses our SSRC, or our own packets come back: another one is used", at: now)
        }
    }

    /// Whether nothing is lost if it is not looked at for some ticks unless packets come: a site that is silent, and neither a
    /// bridge nor one with a picture.
    var mayRest: Bool { !isLink && sync == nil && jitterBuffer.isDry && decoding.isSilent }

    /// Fills the mixer's input with the site's next 20 ms.
    /// - Parameters:
    ///   - source: the mixer's.
    ///   - isHeard: whether it is this line that feeds it; another's 20 ms are played to nobody, so that it can take over at
    ///     any time.
    /// - Returns: whether there is anything: a site that is silent fills nothing.
    func play(into mixer: inout AudioMixer, source: Int, isHeard: Bool, at now: Instant) -> Bool {
        let isQuiet = mixer.level(source).current < Self.quiet
        synchronize(at: now)
        let pace = jitterBuffer.pace(at: now, decoded: decoding.buffered, isQuiet: isQuiet)
        decoding.setPace(speed: pace.speed, correction: pace.correction)
        while decoding.isShort {
            // What the time-stretch holds back is played before anything is invented.
            if jitterBuffer.isDry, decoding.release() { continue }
            switch jitterBuffer.next(at: now, decoded: decoding.buffered) {
            case .packet(let payload, _): decoding.play(payload)
            case .recover(let following, let duration): decoding.recover(fromNext: following, duration: duration)
            case .conceal(let duration): decoding.conceal(duration)
            case .skip(let payload, _): decoding.skip(payload)
            case .silence(let duration): decoding.rest(duration)
            case .waiting:
                // Nothing is to come: a site that has been silent for a whole block costs no mixing.
                if decoding.isSilent { return false }
                decoding.rest(AudioBlock.count)
            }
        }
        decoding.read(into: isHeard ? mixer.input(source) : unheard)
        return true
    }

    /// Holds the sound as long as the picture and the slower of two lines want it.
    private func synchronize(at now: Instant) {
        var wait = transport.requiredWait
        if let sync {
            // What is heard next: before what is taken next, by what was decoded already.
            let next = jitterBuffer.playhead.map { ($0 - Int64(decoding.buffered)) / Int64(48_000 / codec.clockRate) }
            wait = wait + sync.played(next.flatMap { clock.moment(of: $0, at: now) }, at: now)
        }
        jitterBuffer.externalMinimum = wait
    }

    /// Counts what was dropped, and says so now and then.
    func noteDrops(at now: Instant) { journal.note(drops, at: now) }

    /// The site and those in its stream, by name: for the links that pass them on.
    var sources: [SourceName] { naming.sources }

    /// Brings `sources` up to date.
    func refreshSources() { naming.refresh(session) }

    /// Says who may be in what the site is sent, and with their levels if it reads them.
    /// - Parameter isBridge: whether a bridge of ours is there.
    func describe(_ sources: [SourceName], isBridge: Bool) {
        session.describe(sources)
        sender.setLevelExtension(plan.levelExtension ?? (isBridge ? CascadeLine.levelExtension : nil))
    }

    /// `nil` for a site with one line.
    func lines(at now: Instant) -> LineMerger.Statistics? { transport.lineStatistics(at: now) }

    var drops: Drops {
        var drops = transport.drops
        drops.add(session.statistics)
        return drops
    }

    // MARK: Out

    /// Sends the listener's packet of a tick: as `AudioSender.send`.
    func send(_ packet: UnsafeRawBufferPointer, tick: Int64, through batch: inout SendBatch, due: Instant) {
        sender.send(packet, tick: tick, through: &batch, due: due)
    }

    /// Names the sources inside the packets that follow.
    func setContributors(_ contributors: Contributors) { sender.setContributors(contributors) }

    /// Where the stream that the site is sent stands.
    var position: ResumePoint { sender.stream.position }

    /// What the site was sent.
    var sent: SendBatch.Outcome { sender.sent }

    /// What it is sent, in bit/s.
    func sentBitsPerSecond(at now: Instant) -> Double { 8 * sender.sentRate.amountPerSecond(at: now) }

    /// Sends nothing any more.
    func end() { sender.end() }

    /// Tells the site that our stream ends.
    func sayGoodbye(at now: Instant) {
        sender.end()
        transport.send(session.goodbye(at: now, sender: sender.state(at: now)), at: now)
    }

    /// The share of our packets that the site said it lost, in percent.
    var peerLossPercent: Int { Int(((session.statistics.peerFractionLost ?? 0) * 100).rounded()) }

}
