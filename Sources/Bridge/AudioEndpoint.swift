import Conference
import Logging
import Media
import Mixer
import RTP

/// One site's sound, in and out. Confined to the audio thread.
///
///     socket → address filter → RTP session → jitter buffer → decoder → the mixer's input
///     the listener's packet → RTP header → socket
final class AudioEndpoint {
    let site: SiteID
    /// The place of the site in the conference, and so of its level among the levels.
    let index: Int
    /// The site as a source and as a listener of the mixer.
    let source: Int
    let listener: Int?
    let ports: MediaPorts
    private(set) var control: ControlPath
    private(set) var session: RTPSession
    private(set) var jitterBuffer = AudioJitterBuffer()
    private(set) var decoding: AudioSource
    private(set) var stream: StreamSender
    private(set) var sent = SendBatch.Outcome()
    private(set) var sentRate = RateMeter()
    private let plan: AudioPlan
    private let log: Logger
    private var faults = LogLimiter()

    private var events = LogBudget()

    private static let codecs = AudioCodec.allCases
    /// At 32 datagrams each: a hundred times what a site sends in 20 ms.
    private static let batchesPerTick = 4
    /// A level under which a packet may be left out unheard, in dBov.
    private static let quiet: Float = -50

    init(
        _ site: SitePlan, index: Int, audio: AudioPlan, ports: MediaPorts, identity: RTPIdentity, source: Int,
        listener: Int?, log: Logger
    ) throws(AudioPathError) {
        self.site = site.id
        self.index = index
        self.source = source
        self.listener = listener
        self.ports = ports
        self.log = log
        plan = audio
        do throws(TransportError) {
            control = ControlPath(ports: ports, filter: try AddressFilter(rule: site.source, ports: ports))
        } catch { throw .transport(site.id, error) }
        var accepts = PayloadTypeTable()
        for (payloadType, codec) in audio.accepts { accepts[payloadType] = Self.codecs.firstIndex(of: codec) }
        session = RTPSession(
            .init(
                ssrc: identity.ssrc, cname: identity.cname, clockRate: audio.codec.clockRate, isVideo: false,
                accepts: accepts),
            generator: SeededGenerator(seed: .random(in: .min ... .max)), at: Clock.now())
        do throws(AudioCodecError) {
            decoding = try AudioSource(codec: audio.codec)
        } catch { throw .codec(site.id, error) }
        var random = SystemRandomNumberGenerator()
        stream = StreamSender(ssrc: identity.ssrc, payloadType: audio.payloadType, using: &random)
    }

    /// What the site's decoder made of its packets, and how its jitter buffer stands.
    var codec: AudioCodec { decoding.codec }

    // MARK: In

    /// Takes all that waits on the site's sockets.
    func receive(through batch: inout ReceiveBatch, at now: Instant) {
        for socket in [ports.rtp, ports.rtcp] {
            // Bounded: a flood on one port must not hold up everybody's sound.
            for _ in 0..<Self.batchesPerTick {
                let count = batch.receive(from: socket)
                for index in 0..<count { take(index, of: batch, from: socket, at: now) }
                if !batch.isFull(count) { break }
            }
        }
        act(at: now)
    }

    private func take(_ index: Int, of batch: borrowing ReceiveBatch, from socket: UDPSocket, at now: Instant) {
        let datagram = batch.datagram(index)
        let source = batch.source(index)
        let (arrival, drops) = batch.information(index, now: now)
        guard control.admits(source, at: now) else { return }
        control.noteKernelDrops(drops, on: socket)
        switch session.receive(datagram, at: arrival) {
        case .media(let header, let sequence, let timestamp):
            act(at: now)
            let payload = UnsafeRawBufferPointer(rebasing: datagram[header.payload])
            let codec = Self.codecs[session.codec(of: header.payloadType) ?? 0]
            guard let samples = Self.samples(of: payload, codec: codec) else {
                note("a sound packet is malformed", at: now)
                return
            }
            if codec != decoding.codec { change(to: codec, at: now) }
            let ticks = timestamp * Int64(48_000 / codec.clockRate)
            _ = jitterBuffer.insert(
                sequence: sequence, timestamp: ticks, duration: samples, payload: payload, arrival: arrival)
        case .control: control.peerSpoke(from: source, on: socket)
        case .dropped: break
        }
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
        do throws(AudioCodecError) {
            try decoding.change(to: codec)
            tell("sound codec changed", detail: codec.rawValue, at: now)
        } catch {
            note("the sound's codec can't be opened: \(error)", at: now)
        }
    }

    /// Does what the session wants done.
    private func act(at now: Instant) {
        let report = now >= session.deadline ? stream.state(wallclock: Clock.wallclock(), at: now) : nil
        while let action = session.next(at: now, sender: report) {
            switch action {
            case .send(let bytes): control.send(bytes)
            case .streamChanged(let ssrc):
                jitterBuffer.streamChanged()
                tell("sound stream begins", detail: String(ssrc, radix: 16), at: now)
            case .goodbye: tell("the site said goodbye on its sound stream", detail: "", at: now)
            case .keyframeRequested, .senderReport: break
            }
        }
    }

    /// Fills the mixer's input with the site's next 20 ms.
    func play(into mixer: inout AudioMixer, at now: Instant) {
        let isQuiet = mixer.level(source).current < Self.quiet
        while decoding.isShort {
            switch jitterBuffer.next(at: now, isQuiet: isQuiet) {
            case .packet(let payload, _): decoding.play(payload)
            case .recover(let following, let duration): decoding.recover(fromNext: following, duration: duration)
            case .conceal(let duration): decoding.conceal(duration)
            case .skip(let payload, _): decoding.skip(payload)
            case .silence(let duration): decoding.rest(duration)
            case .waiting:
                // Nothing is to come: a site that has been silent for a whole block costs no mixing.
                if decoding.isSilent { return }
                decoding.rest(AudioBlock.count)
            }
        }
        decoding.read(into: mixer.input(source))
    }

    // MARK: Out

    /// Sends the listener's packet of this tick.
    /// - Parameters:
    ///   - tick: counts the mix's ticks of 20 ms.
    ///   - due: when that tick was to be: what sender reports tie its timestamp to.
    func send(_ packet: UnsafeRawBufferPointer, tick: Int64, through batch: inout SendBatch, due: Instant) {
        guard let destination = ports.destination else { return }
        batch.begin(to: destination)
        let header = stream.header(
            marker: tick == 0, mediaTime: tick * Int64(plan.codec.clockRate / 50), sampledAt: due,
            payloadSize: packet.count)
        batch.append(header, payload: packet)
        let outcome = batch.send(on: ports.rtp)
        sent.add(outcome)
        sentRate.add(outcome.bytes, at: due)
    }

    /// Tells the site that our stream ends.
    func sayGoodbye(at now: Instant) {
        control.send(session.goodbye(at: now, sender: stream.state(wallclock: Clock.wallclock(), at: now)))
    }

    /// The share of our packets that the site said it lost, in percent.
    var peerLossPercent: Int { Int(((session.statistics.peerFractionLost ?? 0) * 100).rounded()) }

    /// Says what the site does. A site that does it all the time is heard a few times in ten seconds.
    private func tell(_ message: Logger.Message, detail: String, at now: Instant) {
        guard events.admit(at: now) else { return }
        log.info(message, metadata: ["detail": "\(detail)"])
    }

    private func note(_ message: Logger.Message, at now: Instant) {
        guard let count = faults.admit(at: now) else { return }
        log.warning(message, metadata: ["count": "\(count)"])
    }
}
