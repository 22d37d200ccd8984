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

    private static let codecs = AudioCodec.allCases

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
            var count: Int
            repeat {
                count = batch.receive(from: socket, at: now)
                for index in 0..<count { take(index, of: batch, from: socket, at: now) }
            } while batch.isFull(count)
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
            log.info("sound codec changed", metadata: ["codec": "\(codec.rawValue)"])
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
                log.info("sound stream begins", metadata: ["ssrc": "\(String(ssrc, radix: 16))"])
            case .goodbye: log.info("the site said goodbye on its sound stream")
            case .keyframeRequested, .senderReport: break
            }
        }
    }

    /// Fills the mixer's input with the site's next 20 ms.
    func play(into mixer: inout AudioMixer, at now: Instant) {
        while decoding.isShort {
            switch jitterBuffer.next(at: now) {
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
    /// - Parameter tick: counts the mix's ticks of 20 ms.
    func send(_ packet: UnsafeRawBufferPointer, tick: Int64, through batch: inout SendBatch, at now: Instant) {
        guard let destination = ports.destination else { return }
        batch.begin(to: destination)
        let header = stream.header(
            marker: tick == 0, mediaTime: tick * Int64(plan.codec.clockRate / 50), sampledAt: now,
            payloadSize: packet.count)
        batch.append(header, payload: packet)
        let outcome = batch.send(on: ports.rtp)
        sent.add(outcome)
        sentRate.add(outcome.bytes, at: now)
    }

    /// Tells the site that our stream ends.
    func sayGoodbye(at now: Instant) {
        control.send(session.goodbye(at: now, sender: stream.state(wallclock: Clock.wallclock(), at: now)))
    }

    /// The share of our packets that the site said it lost, in percent.
    var peerLossPercent: Int { Int(((session.statistics.peerFractionLost ?? 0) * 100).rounded()) }

    private func note(_ message: Logger.Message, at now: Instant) {
        guard let count = faults.admit(at: now) else { return }
        log.warning(message, metadata: ["count": "\(count)"])
    }
}
