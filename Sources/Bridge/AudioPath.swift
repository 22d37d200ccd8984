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
    private let roster: AudioRoster
    private var mixer: AudioMixer
    private var encoding = SharedEncoding()
    private var receiveBatch = ReceiveBatch(capacity: ReceiveBudget.datagramsPerBatch)
    private var sendBatch = SendBatch(capacity: 1, slotSize: 2048)
    private var levels: [Float] = []
    private var soundPlan: SoundPlan
    /// Of the machine's clock, so that timestamps go on over a restart.
    private var tickCount = Clock.now().nanoseconds / AudioPath.period.nanoseconds
    private var meter = AudioTickMeter()

    /// Recordings as they are asked for, and those at work with the mixer's listener of each.
    private let wanted = Mutex<[Recording]>([])
    private var recordings: [(recording: Recording, listener: Int)] = []
    /// Those of one site's sound each.
    private var recordedSounds: [(recording: Recording, site: SiteID)] = []
    private let recordingChanges = Atomic<Int>(0)
    private var seenRecordingChanges = 0

    /// Where somebody listens in; replaced by whoever wants to.
    private let tap = Mutex<SoundTap?>(nil)
    private let hasTap = Atomic<Bool>(false)
    private let silence = AudioBlockStorage(capacity: 1)

    private let isStopping = Atomic<Bool>(false)
    private let saysGoodbye = Atomic<Bool>(true)
    private let hasStopped = DispatchSemaphore(value: 0)
    private let report = Mutex(AudioReport())
    private let lastTick = Atomic<Int64>(0)

    init(_ plan: ConferencePlan, shared: SharedState, log: Logger) {
        self.shared = shared
        self.log = log
        roster = AudioRoster(shared: shared, log: log)
        soundPlan = shared.conference.withLock { $0.soundPlan }
        mixer = AudioMixer(loudest: plan.loudest)
        for _ in plan.programs { _ = mixer.addProgram(.none) }
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Ends the thread.
    /// - Parameter saysGoodbye: whether sites are told that their streams end.
    func stop(saysGoodbye: Bool = true) {
        self.saysGoodbye.store(saysGoodbye, ordering: .relaxed)
        guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        hasStopped.wait()
    }

    /// These sites and no others, in the order of the conference. Returns when the tick has seen to it.
    func setSites(_ sites: [SitePaths]) { roster.set(sites, waits: lastTick.load(ordering: .relaxed) > 0) }

    /// Finds everybody's places anew when sites came or went.
    private func seat(in conference: Conference) {
        guard roster.findPlaces(in: conference) else { return }
        levels = Array(repeating: SoundLevel.silence, count: conference.sites.count)
        obey(conference.soundPlan)
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
        recordedSounds = wanted.compactMap { recording in recording.site.map { (recording, $0) } }
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
        let isGoodbye = saysGoodbye.load(ordering: .relaxed)
        for seated in roster.endpoints { isGoodbye ? seated.endpoint.sayGoodbye(at: now) : seated.endpoint.end() }
        publish(at: now)
        hasStopped.signal()
    }

    private func tick(at now: Instant, due: Instant) {
        roster.follow(&mixer, &encoding, at: now)
        followRecordings()
        let listening = hasTap.load(ordering: .acquiring) ? tap.withLock { $0 } : nil
        roster.look()
        for place in roster.endpoints.indices where roster.isDue(place, tick: tickCount) {
            let (endpoint, seat) = (roster.endpoints[place].endpoint, roster.endpoints[place].seat)
            endpoint.receive(through: &receiveBatch, isWaiting: roster.hasPackets(place), at: now)
            let isHeard = seat.isHeard(in: soundPlan)
            let isFilled = endpoint.play(into: &mixer, source: seat.source, isHeard: isHeard, at: now)
            roster.note(place, isFilled: isFilled && isHeard)
        }
        for (index, sound) in roster.players.enumerated() {
            let isFilled = sound.player.sound.take { block in
                _ = mixer.input(sound.seat.source).update(fromContentsOf: block.buffer)
            }
            roster.players[index].seat.isFilled = isFilled
        }
        mixer.mix()
        for (recording, site) in recordedSounds { recording.take(received(at: roster.seat(of: site)), at: due) }
        if let listening, let seat = roster.seat(of: listening.site) {
            let sent = seat.listener.map { mixer.block(mixer.mix(of: $0)) } ?? silence[0]
            listening.take(sent: sent, received: received(at: seat))
        }
        let plan = shared.conference.withLock { conference in
            seat(in: conference)
            for index in roster.endpoints.indices {
                let seat = roster.endpoints[index].seat
                guard seat.isHeard(in: soundPlan), let place = seat.place else { continue }
                levels[place] = mixer.level(seat.source).current
            }
            for sound in roster.players {
                if let index = sound.seat.index { levels[index] = mixer.level(sound.seat.source).current }
            }
            let levels = levels
            conference.handle(levels: levels.span, at: now)
            return conference.soundPlan
        }
        // The same arrays come back until a command changes them: then this compares pointers.
        if plan != soundPlan { obey(plan) }
        encoding.encode(mixer)
        for place in roster.links {
            let link = roster.endpoints[place]
            link.endpoint.setContributors(contributors(for: link.seat))
        }
        for place in roster.endpoints.indices {
            roster.prefetch(place + 1)
            guard let listener = roster.endpoints[place].seat.listener else { continue }
            encoding.forEachPacket(for: listener) { packet, age in
                roster.endpoints[place].endpoint.send(
                    packet, tick: tickCount - Int64(age), through: &sendBatch, due: due - Self.period * age)
            }
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

    /// What came from the site in a seat in this tick.
    private func received(at seat: AudioSeat?) -> AudioBlock {
        guard let seat, seat.isFilled else { return silence[0] }
        return mixer.received(seat.source)
    }

    /// Who is in what a link hears, and how loud: its CSRC list (RFC 3550 section 7.1), and of a mixer those inside it behind
    /// it, with the levels that it gave them.
    private func contributors(for link: AudioSeat) -> Contributors {
        var contributors = Contributors()
        for seated in roster.endpoints where isInside(seated.seat, mixOf: link) {
            let level = mixer.level(seated.seat.source).current
            if let ssrc = seated.endpoint.session.remoteSSRC { contributors.append(ssrc, level: Int(-level)) }
        }
        for seated in roster.endpoints where isInside(seated.seat, mixOf: link) {
            let inside = seated.endpoint.session.contributors
            for place in 0..<inside.count { contributors.append(inside[place], level: inside.level(place)) }
        }
        return contributors
    }

    /// Tells the links by name who may be in what they hear.
    private func nameContributors() {
        for seated in roster.endpoints { seated.endpoint.refreshSources() }
        let links = roster.links.map { roster.endpoints[$0] }.filter { $0.seat.listener != nil }
        guard !links.isEmpty else { return }
        let areBridges = shared.conference.withLock { conference in
            links.map { link in
                conference.index(of: link.endpoint.site).map { conference.peer(of: $0).bridge != nil } ?? false
            }
        }
        for (link, isBridge) in zip(links, areBridges) {
            let inside = roster.endpoints.filter {
                $0.seat.source != link.seat.source && $0.seat.isHeard(in: soundPlan)
            }
            link.endpoint.describe(inside.flatMap(\.endpoint.sources), isBridge: isBridge)
        }
    }

    private func isInside(_ seat: AudioSeat, mixOf link: AudioSeat) -> Bool {
        seat.source != link.source && seat.isHeard(in: soundPlan)
            && mixer.contains(seat.source, program: link.program)
    }

    /// Takes over gains and mutes that a command changed.
    private func obey(_ plan: SoundPlan) {
        roster.obey(plan, &mixer)
        if plan.loudest != soundPlan.loudest { mixer.setLoudest(plan.loudest) }
        soundPlan = plan
    }

    /// Twice a second: what others may read, and what receivers say of their line.
    private func publish(at now: Instant) {
        var listenersOfMix = [Int](repeating: 0, count: mixer.mixCapacity)
        for seated in roster.endpoints {
            if let listener = seated.seat.listener { listenersOfMix[mixer.mix(of: listener)] += 1 }
        }
        var sites: [SiteID: AudioSiteReport] = [:]
        for seated in roster.endpoints {
            let (endpoint, seat) = (seated.endpoint, seated.seat)
            endpoint.noteDrops(at: now)
            if let listener = seat.listener { encoding.setPacketLoss(endpoint.peerLossPercent, listener: listener) }
            let isShared = seat.listener.map { listenersOfMix[mixer.mix(of: $0)] > 1 } ?? false
            sites[endpoint.site] = AudioSiteReport(
                endpoint, level: mixer.level(seat.source), isShared: isShared, at: now)
        }
        nameContributors()
        let played = roster.players.map { ($0.player.site, mixer.level($0.seat.source)) }
        let summary = AudioReport(
            sites: sites, played: Dictionary(uniqueKeysWithValues: played), ticks: meter, encodes: encoding.encodeCount)
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
