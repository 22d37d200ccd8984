import CLinux
import Conference
import Foundation
import Logging
import Media
import Mixer
import RTP
import Synchronization

/// All the sound of the conference: one thread with a tick of 20 ms. Each tick, in this order:
///
///     receive → jitter buffers → decoders → mix → levels to the floor → encode each distinct mix once → send
///
/// Why a thread and not a queue: docs/decisions/0001-one-audio-thread.md.
final class AudioPath: @unchecked Sendable {  // all mutable state but the guarded is touched on the audio thread only
    static let period = Interval.milliseconds(20)

    private let shared: SharedState
    private let log: Logger
    private let endpoints: [AudioEndpoint]
    private var mixer: AudioMixer
    private var encoding: SharedEncoding
    private var receiveBatch = ReceiveBatch(capacity: ReceiveBudget.datagramsPerBatch)
    private var sendBatch = SendBatch(capacity: 1, slotSize: 2048)
    private var levels: [Float]
    private var soundPlan: SoundPlan
    private var tickCount: Int64 = 0
    private var meter = AudioTickMeter()

    /// Recordings as they are asked for, and those at work with the mixer's listener of each.
    private let wanted = Mutex<[Recording]>([])
    private var recordings: [(recording: Recording, listener: Int)] = []
    private let recordingChanges = Atomic<Int>(0)
    private var seenRecordingChanges = 0

    /// Where somebody listens in; replaced by whoever wants to.
    private let tap = Mutex<SoundTap?>(nil)
    private let hasTap = Atomic<Bool>(false)
    private let silence = AudioBlockStorage(capacity: 1)

    private let isStopping = Atomic<Bool>(false)
    private let hasStopped = DispatchSemaphore(value: 0)
    private let report = Mutex(AudioReport())
    private let lastTick = Atomic<Int64>(0)

    init(
        _ plan: ConferencePlan, shared: SharedState, ports: [SiteID: MediaPorts], identities: [SiteID: RTPIdentity],
        syncs: [SiteID: SiteSync], lines: [CascadeLine], log: Logger
    ) throws(AudioPathError) {
        self.shared = shared
        self.log = log
        soundPlan = shared.conference.withLock { $0.soundPlan }
        levels = Array(repeating: SoundLevel.silence, count: plan.sites.count)
        var mixer = AudioMixer(loudest: plan.loudest)
        var encoding = SharedEncoding()
        // Sources first: rules and listeners name them.
        var sources: [SiteID: Int] = [:]
        for site in plan.sites where site.audio != nil && site.backupOf == nil {
            sources[site.id] = mixer.addSource(gain: site.gain, isMuted: site.isMuted)
        }
        // A backup is the same source by another line.
        for site in plan.sites where site.audio != nil { sources[site.id] = sources[site.backupOf ?? site.id] }
        var endpoints: [AudioEndpoint] = []
        for mix in soundPlan.mixes {
            let program = mixer.addProgram(MixRule(mix.rule, sources: sources))
            for id in mix.listeners {
                guard let index = plan.sites.firstIndex(where: { $0.id == id }), let audio = plan.sites[index].audio,
                    let sitePorts = ports[id], let identity = identities[id], let source = sources[id]
                else { continue }
                var listener: Int?
                if audio.destination != nil {
                    let new = mixer.addListener(program: program, source: source)
                    do throws(AudioCodecError) {
                        try encoding.addListener(new, format: AudioFormat(codec: audio.codec, bitrate: audio.bitrate))
                    } catch { throw .codec(id, error) }
                    listener = new
                }
                var siteLog = log
                siteLog[metadataKey: "site"] = "\(id)"
                let main = plan.sites[index].backupOf
                endpoints.append(
                    try AudioEndpoint(
                        plan.sites[index], index: index, place: plan.sites.firstIndex { $0.id == main } ?? index,
                        audio: audio, ports: sitePorts, identity: identity,
                        source: source, listener: listener, program: program, sync: syncs[id], cascade: lines[index],
                        log: siteLog))
            }
        }
        self.mixer = mixer
        self.encoding = encoding
        self.endpoints = endpoints
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Says goodbye to every site and ends the thread.
    func stop() {
        guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        hasStopped.wait()
    }

    /// Sound for these recordings and no others from the next tick on.
    func setRecordings(_ recordings: [Recording]) {
        wanted.withLock { $0 = recordings }
        recordingChanges.add(1, ordering: .releasing)
    }

    /// Brings the mixer's listeners to the recordings that are wanted. What they hear is what a site hears that says nothing:
    /// most often an encode that is there already.
    private func followRecordings() {
        let changes = recordingChanges.load(ordering: .acquiring)
        guard changes != seenRecordingChanges else { return }
        seenRecordingChanges = changes
        let wanted = wanted.withLock { $0 }
        for (recording, listener) in recordings where !wanted.contains(where: { $0 === recording }) {
            if recording.takesOpus { encoding.removeListener(listener) }
            mixer.removeListener(listener)
        }
        recordings.removeAll { entry in !wanted.contains { $0 === entry.recording } }
        for recording in wanted where !recordings.contains(where: { $0.recording === recording }) {
            guard let program = soundPlan.mixes.firstIndex(where: { $0.program == recording.program }) else { continue }
            let listener = mixer.addListener(program: program, source: nil)
            if recording.takesOpus {
                guard (try? encoding.addListener(listener, format: AudioFormat(codec: .opus))) != nil else {
                    mixer.removeListener(listener)
                    continue
                }
            }
            recordings.append((recording, listener))
        }
    }

    /// Listens to a site from the next tick on; `nil`: to none any more.
    func setTap(_ next: SoundTap?) {
        tap.withLock { $0 = next }
        hasTap.store(next != nil, ordering: .releasing)
    }

    /// The last second's statistics.
    var current: AudioReport { report.withLock { $0 } }

    /// When the last tick was.
    var lastTickAt: Instant { Instant(nanoseconds: lastTick.load(ordering: .relaxed)) }

    private func run() {
        // Foundation does not hand a thread's name to the kernel: this is what `top -H` shows.
        clinux_name_thread("audio")
        if clinux_become_realtime(20) != 0 {
            log.notice(
                "no real-time priority for the sound (CAP_SYS_NICE is missing): it shares the cores as any thread")
        }
        var next = Clock.now() + Self.period
        while !isStopping.load(ordering: .relaxed) {
            _ = clinux_sleep_until(next.nanoseconds)
            let now = Clock.now()
            if now < next { continue }
            meter.begin(lateness: now - next)
            tick(at: now, due: next)
            let end = Clock.now()
            meter.end(took: end - now)
            lastTick.store(now.nanoseconds, ordering: .relaxed)
            if tickCount % 25 == 0 { publish(at: now) }
            next += Self.period
            // Behind by more than the jitter buffers hold: go on from here rather than in a burst.
            if end - next > .milliseconds(200) {
                let missed = Int((end - next).nanoseconds / Self.period.nanoseconds)
                next += Self.period * missed
                tickCount += Int64(missed)
            }
        }
        let now = Clock.now()
        for endpoint in endpoints { endpoint.sayGoodbye(at: now) }
        hasStopped.signal()
    }

    private func tick(at now: Instant, due: Instant) {
        followRecordings()
        let listening = hasTap.load(ordering: .acquiring) ? tap.withLock { $0 } : nil
        var tapped: (listener: Int?, isFilled: Bool, source: Int)?
        for endpoint in endpoints {
            endpoint.receive(through: &receiveBatch, at: now)
            let isFilled = endpoint.play(into: &mixer, isHeard: isHeard(endpoint), at: now)
            if endpoint.site == listening?.site {
                tapped = (endpoint.listener, isFilled && isHeard(endpoint), endpoint.source)
            }
        }
        mixer.mix()
        if let listening, let tapped {
            let sent = tapped.listener.map { mixer.block(mixer.mix(of: $0)) } ?? silence[0]
            let received = tapped.isFilled ? mixer.received(tapped.source) : silence[0]
            listening.take(sent: sent, received: received)
        }
        for endpoint in endpoints where isHeard(endpoint) {
            levels[endpoint.place] = mixer.level(endpoint.source).current
        }
        let levels = levels
        let plan = shared.conference.withLock { conference in
            conference.handle(levels: levels.span, at: now)
            return conference.soundPlan
        }
        // The same arrays come back until a command changes them: then this compares pointers.
        if plan != soundPlan { obey(plan) }
        encoding.encode(mixer)
        for endpoint in endpoints where endpoint.isLink { endpoint.stream.contributors = contributors(for: endpoint) }
        for endpoint in endpoints {
            guard let listener = endpoint.listener, let packet = encoding.packet(for: listener) else { continue }
            endpoint.send(packet, tick: tickCount, through: &sendBatch, due: due)
        }
        for (recording, listener) in recordings {
            if !recording.takesOpus {
                recording.take(mixer.block(mixer.mix(of: listener)), at: due)
            } else if let packet = encoding.packet(for: listener) {
                recording.take(opus: packet, at: due)
            }
        }
        tickCount += 1
    }

    /// Who is in what a link hears, and how loud: its CSRC list (RFC 3550 section 7.1), and of a mixer those inside it behind
    /// it, with the levels that it gave them.
    private func contributors(for link: AudioEndpoint) -> Contributors {
        var contributors = Contributors()
        for endpoint in endpoints where isInside(endpoint, mixOf: link) {
            let level = mixer.level(endpoint.source).current
            if let ssrc = endpoint.session.remoteSSRC { contributors.append(ssrc, level: Int(-level)) }
        }
        for endpoint in endpoints where isInside(endpoint, mixOf: link) {
            let inside = endpoint.session.contributors
            for place in 0..<inside.count { contributors.append(inside[place], level: inside.level(place)) }
        }
        return contributors
    }

    /// Tells the links by name who may be in what they hear.
    private func nameContributors() {
        for endpoint in endpoints { endpoint.refreshSources() }
        let links = endpoints.filter { $0.isLink && $0.listener != nil }
        guard !links.isEmpty else { return }
        let areBridges = shared.conference.withLock { conference in
            links.map { conference.peer(of: $0.index).bridge != nil }
        }
        for (link, isBridge) in zip(links, areBridges) {
            let inside = endpoints.filter { $0.source != link.source && isHeard($0) }
            link.describe(inside.flatMap(\.sources), isBridge: isBridge)
        }
    }

    private func isInside(_ endpoint: AudioEndpoint, mixOf link: AudioEndpoint) -> Bool {
        endpoint.source != link.source && isHeard(endpoint) && mixer.contains(endpoint.source, program: link.program)
    }

    /// Whether the endpoint's sound is its source's: of a link and its backup one is heard.
    private func isHeard(_ endpoint: AudioEndpoint) -> Bool {
        soundPlan.sources.indices.contains(endpoint.place) && soundPlan.sources[endpoint.place].feed == endpoint.index
    }

    /// Takes over gains and mutes that a command changed.
    private func obey(_ plan: SoundPlan) {
        for endpoint in endpoints where plan.sources.indices.contains(endpoint.index) && endpoint.isOwnSource {
            let part = plan.sources[endpoint.index]
            guard part != soundPlan.sources[endpoint.index] else { continue }
            mixer.setMuted(part.gain == 0, source: endpoint.source)
            if part.gain > 0 { mixer.setGain(Double(20 * log10(part.gain)), source: endpoint.source) }
        }
        if plan.loudest != soundPlan.loudest { mixer.setLoudest(plan.loudest) }
        soundPlan = plan
    }

    /// Twice a second: what others may read, and what receivers say of their line.
    private func publish(at now: Instant) {
        var listenersOfMix = [Int](repeating: 0, count: mixer.mixCapacity)
        for endpoint in endpoints {
            if let listener = endpoint.listener { listenersOfMix[mixer.mix(of: listener)] += 1 }
        }
        var sites: [SiteID: AudioSiteReport] = [:]
        for endpoint in endpoints {
            endpoint.noteDrops(at: now)
            if let listener = endpoint.listener {
                encoding.setPacketLoss(endpoint.peerLossPercent, listener: listener)
            }
            let isShared = endpoint.listener.map { listenersOfMix[mixer.mix(of: $0)] > 1 } ?? false
            sites[endpoint.site] = AudioSiteReport(
                endpoint, level: mixer.level(endpoint.source), isShared: isShared, at: now)
        }
        nameContributors()
        let summary = AudioReport(sites: sites, ticks: meter, encodes: encoding.encodeCount)
        report.withLock { $0 = summary }
        meter.startWindow()
    }
}

/// Why a site's sound can't be set up.
enum AudioPathError: Error {
    case codec(SiteID, AudioCodecError)
    case transport(SiteID, TransportError)
}

extension MixRule {
    /// The conference's rule in the mixer's indices.
    init(_ rule: SoundRule, sources: [SiteID: Int]) {
        switch rule {
        case .all: self = .all
        case .none: self = .none
        case .only(let sites): self = .only(Set(sites.compactMap { sources[$0] }))
        }
    }
}
