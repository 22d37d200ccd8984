import Conference
import Dispatch
import Logging
import Media
import Mixer
import RTP
import Synchronization

/// Who sits in the mixer: the sites' endpoints and what is played, each with a source, and a listener if it is sent sound. It is
/// told from any thread who is to be there; the audio thread lets them in and out, and everything else here is its own.
final class AudioRoster: @unchecked Sendable {  // all mutable state but the guarded is touched on the audio thread only
    /// What a site plays, as a source of the mixer.
    struct PlayedSound {
        let player: PlayerPath
        var seat = AudioSeat()
    }

    /// In the order of the conference, which is that of their turns.
    private(set) var endpoints: [AudioEndpoint] = []
    var players: [PlayedSound] = []
    /// Which endpoints have packets; `nil`: all may.
    private var ready: ReadySockets?
    private let shared: SharedState
    private let log: Logger
    /// The conference's sites when the places were found.
    private var places = -1

    // Guarded: held for a copy.
    private let wanted = Mutex<[SitePaths]>([])
    private let changes = Atomic<Int>(0)
    private var seenChanges = 0
    private let hasFollowed = DispatchSemaphore(value: 0)

    init(shared: SharedState, log: Logger) {
        self.shared = shared
        self.log = log
    }

    /// These sites and no others, in the order of the conference.
    /// - Parameter waits: whether to return only when the tick has seen to it: those that are gone have said goodbye then, and
    ///   their ports are free as soon as nobody else holds them.
    func set(_ sites: [SitePaths], waits: Bool) {
        wanted.withLock { $0 = sites }
        // What it told of earlier changes, such as the first, is no answer to this one.
        while hasFollowed.wait(timeout: .now()) == .success {}
        changes.add(1, ordering: .releasing)
        if waits { _ = hasFollowed.wait(timeout: .now() + .milliseconds(500)) }
    }

    // MARK: On the audio thread

    /// Brings the mixer to the sites that are wanted. Sources come before rules and listeners, which name them.
    func follow(_ mixer: inout AudioMixer, _ encoding: inout SharedEncoding, at now: Instant) {
        let changes = changes.load(ordering: .acquiring)
        guard changes != seenChanges else { return }
        seenChanges = changes
        places = -1
        let wanted = wanted.withLock { $0 }
        for endpoint in endpoints where !wanted.contains(where: { $0.endpoint === endpoint }) {
            endpoint.sayGoodbye(at: now)
            removeListener(endpoint, &mixer, &encoding)
            if endpoint.seat.hasOwnSource { mixer.removeSource(endpoint.seat.source) }
        }
        for sound in players where !wanted.contains(where: { $0.player === sound.player }) {
            mixer.removeSource(sound.seat.source)
        }
        players.removeAll { sound in !wanted.contains { $0.player === sound.player } }
        let known = endpoints
        endpoints = wanted.compactMap(\.endpoint)
        ready = ReadySockets(
            endpoints.enumerated().flatMap { place, endpoint in endpoint.inlets.map { ($0.socket, place) } })
        let sources = addSources(wanted, &mixer)
        var newcomers = endpoints.filter { new in !known.contains { $0 === new } }
        for paths in wanted {
            guard let endpoint = paths.endpoint, let main = endpoint.main else { continue }
            let isNew = newcomers.contains { $0 === endpoint }
            let hasMoved = seatBackup(endpoint, paths.plan, mainSource: sources[main], isNew: isNew, &mixer)
            guard hasMoved, !isNew else { continue }
            // What it hears is without its source: that is another one now.
            removeListener(endpoint, &mixer, &encoding)
            newcomers.append(endpoint)
        }
        let plan = shared.conference.withLock { $0.soundPlan }
        for (program, mix) in plan.mixes.enumerated() {
            mixer.setRule(MixRule(mix.rule, sources: sources), program: program)
        }
        for endpoint in newcomers { addListener(endpoint, &mixer, &encoding) }
        hasFollowed.signal()
    }

    /// Looks where packets wait.
    func look() { ready?.update() }

    /// Whether packets waited for the endpoint at `place` at the last look.
    func hasPackets(_ place: Int) -> Bool { ready?.isReady(place) ?? true }

    /// Finds everybody's places anew when sites came or went.
    /// - Returns: whether they were found anew.
    func findPlaces(in conference: Conference) -> Bool {
        guard places != conference.rosterRevision else { return false }
        places = conference.rosterRevision
        let plan = conference.soundPlan
        for endpoint in endpoints { endpoint.seat.find(endpoint.site, main: endpoint.main, in: plan) }
        for index in players.indices { players[index].seat.find(players[index].player.site, main: nil, in: plan) }
        return true
    }

    /// Takes over gains and mutes that a command changed.
    func obey(_ plan: SoundPlan, _ mixer: inout AudioMixer) {
        for endpoint in endpoints where endpoint.seat.hasOwnSource { endpoint.seat.obey(plan, &mixer) }
        for index in players.indices { players[index].seat.obey(plan, &mixer) }
    }

    /// Where a site sits; `nil`: nowhere.
    func seat(of site: SiteID) -> AudioSeat? {
        endpoints.first { $0.site == site }?.seat ?? players.first { $0.player.site == site }?.seat
    }

    /// - Returns: the source of each site that has one of its own.
    private func addSources(_ wanted: [SitePaths], _ mixer: inout AudioMixer) -> [SiteID: Int] {
        var sources: [SiteID: Int] = [:]
        for paths in wanted {
            if let endpoint = paths.endpoint, endpoint.main == nil {
                if !endpoint.seat.hasOwnSource { endpoint.seat.addSource(paths.plan, &mixer) }
                sources[paths.plan.id] = endpoint.seat.source
            } else if let player = paths.player {
                let index = players.firstIndex { $0.player === player } ?? players.count
                if index == players.count {
                    players.append(PlayedSound(player: player))
                    players[index].seat.addSource(paths.plan, &mixer)
                }
                sources[paths.plan.id] = players[index].seat.source
            }
        }
        return sources
    }

    /// A backup is the same source by another line; without its link it is one of its own.
    /// - Returns: whether its source is another one now.
    private func seatBackup(
        _ endpoint: AudioEndpoint, _ plan: SitePlan, mainSource: Int?, isNew: Bool, _ mixer: inout AudioMixer
    ) -> Bool {
        guard let mainSource else {
            guard !endpoint.seat.hasOwnSource else { return false }
            endpoint.seat.addSource(plan, &mixer)
            return true
        }
        guard isNew || endpoint.seat.source != mainSource || endpoint.seat.hasOwnSource else { return false }
        if endpoint.seat.hasOwnSource { mixer.removeSource(endpoint.seat.source) }
        endpoint.seat.source = mainSource
        endpoint.seat.hasOwnSource = false
        return true
    }

    private func removeListener(
        _ endpoint: AudioEndpoint, _ mixer: inout AudioMixer, _ encoding: inout SharedEncoding
    ) {
        guard let listener = endpoint.seat.listener else { return }
        encoding.removeListener(listener)
        mixer.removeListener(listener)
        endpoint.seat.listener = nil
    }

    /// What a site that is sent sound hears.
    private func addListener(
        _ endpoint: AudioEndpoint, _ mixer: inout AudioMixer, _ encoding: inout SharedEncoding
    ) {
        let program = shared.conference.withLock { conference in
            conference.program(of: endpoint.site).flatMap { conference.programIDs.firstIndex(of: $0) }
        }
        endpoint.seat.program = program ?? 0
        guard endpoint.plan.destination != nil, program != nil else { return }
        let listener = mixer.addListener(program: endpoint.seat.program, source: endpoint.seat.source)
        do throws(AudioCodecError) {
            try encoding.addListener(
                listener, format: AudioFormat(codec: endpoint.plan.codec, bitrate: endpoint.plan.bitrate),
                isJoined: endpoint.plan.packetTime == 2 * Int(AudioPath.period.milliseconds))
            endpoint.seat.listener = listener
        } catch {
            mixer.removeListener(listener)
            log.error(
                "the site is sent no sound: its encoder can't be opened",
                metadata: ["site": "\(endpoint.site)", "reason": "\(error)"])
        }
    }
}
