import CLinux
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
    /// A site's endpoint and its seat. Seats lie side by side: of a thousand endpoints a tick touches only those it has to.
    struct SeatedEndpoint {
        let endpoint: AudioEndpoint
        /// Where `endpoint` is: asked for ahead of its use, which must not count references.
        fileprivate let address: UnsafeRawPointer
        var seat = AudioSeat()
        /// Nothing comes from it.
        var isResting = false

        init(_ endpoint: AudioEndpoint) {
            self.endpoint = endpoint
            address = UnsafeRawPointer(Unmanaged.passUnretained(endpoint).toOpaque())
        }
    }

    /// What a site plays, as a source of the mixer.
    struct PlayedSound {
        let player: PlayerPath
        var seat = AudioSeat()
    }

    /// In the order of the conference, which is that of their turns.
    private(set) var endpoints: [SeatedEndpoint] = []
    /// The places in `endpoints` of those with a bridge at the other end.
    private(set) var links: [Int] = []
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

    /// In ticks: so seldom an endpoint that rests is looked at all the same, for what it has to say by itself.
    private static let restLength = 8

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
        seatAll(&mixer, &encoding, at: now)
        // Not before nothing here holds those who are gone.
        hasFollowed.signal()
    }

    private func seatAll(_ mixer: inout AudioMixer, _ encoding: inout SharedEncoding, at now: Instant) {
        places = -1
        let wanted = wanted.withLock { $0 }
        for place in endpoints.indices {
            let endpoint = endpoints[place].endpoint
            guard !wanted.contains(where: { $0.endpoint === endpoint }) else { continue }
            endpoint.sayGoodbye(at: now)
            removeListener(place, &mixer, &encoding)
            if endpoints[place].seat.hasOwnSource { mixer.removeSource(endpoints[place].seat.source) }
        }
        for sound in players where !wanted.contains(where: { $0.player === sound.player }) {
            mixer.removeSource(sound.seat.source)
        }
        players.removeAll { sound in !wanted.contains { $0.player === sound.player } }
        let known = endpoints
        endpoints = wanted.compactMap(\.endpoint).map { endpoint in
            known.first { $0.endpoint === endpoint } ?? SeatedEndpoint(endpoint)
        }
        links = endpoints.indices.filter { endpoints[$0].endpoint.isLink }
        ready = ReadySockets(
            endpoints.enumerated().flatMap { place, seated in seated.endpoint.inlets.map { ($0.socket, place) } })
        let sources = addSources(wanted, &mixer)
        var newcomers = endpoints.indices.filter { place in
            !known.contains { $0.endpoint === endpoints[place].endpoint }
        }
        let plans = wanted.filter { $0.endpoint != nil }.map(\.plan)
        for (place, sitePlan) in plans.enumerated() {
            guard let main = endpoints[place].endpoint.main else { continue }
            let isNew = newcomers.contains(place)
            let hasMoved = seatBackup(place, sitePlan, mainSource: sources[main], isNew: isNew, &mixer)
            guard hasMoved, !isNew else { continue }
            // What it hears is without its source: that is another one now.
            removeListener(place, &mixer, &encoding)
            newcomers.append(place)
        }
        let plan = shared.conference.withLock { $0.soundPlan }
        for (program, mix) in plan.mixes.enumerated() {
            mixer.setRule(MixRule(mix.rule, sources: sources), program: program)
        }
        for place in newcomers { addListener(place, &mixer, &encoding) }
    }

    /// Looks where packets wait.
    func look() { ready?.update() }

    /// Has the caches fetch what the endpoint at `place`, if there is one, needs to send: while the one before sends, which takes
    /// longer.
    func prefetch(_ place: Int) {
        guard place < endpoints.count else { return }
        clinux_prefetch(endpoints[place].address, AudioEndpoint.sendingSize)
    }

    /// Whether packets waited for the endpoint at `place` at the last look.
    func hasPackets(_ place: Int) -> Bool { ready?.isReady(place) ?? true }

    /// Whether the endpoint at `place` is to be looked at in this tick.
    func isDue(_ place: Int, tick: Int64) -> Bool {
        !endpoints[place].isResting || hasPackets(place) || (tick + Int64(place)) % Int64(Self.restLength) == 0
    }

    /// Takes what the endpoint at `place` did in this tick.
    /// - Parameter isFilled: whether it filled its source.
    func note(_ place: Int, isFilled: Bool) {
        endpoints[place].seat.isFilled = isFilled
        endpoints[place].isResting = !isFilled && endpoints[place].endpoint.mayRest
    }

    /// Finds everybody's places anew when sites came or went.
    /// - Returns: whether they were found anew.
    func findPlaces(in conference: Conference) -> Bool {
        guard places != conference.rosterRevision else { return false }
        places = conference.rosterRevision
        let plan = conference.soundPlan
        for place in endpoints.indices {
            let endpoint = endpoints[place].endpoint
            endpoints[place].seat.find(endpoint.site, main: endpoint.main, in: plan)
        }
        for index in players.indices { players[index].seat.find(players[index].player.site, main: nil, in: plan) }
        return true
    }

    /// Takes over gains and mutes that a command changed.
    func obey(_ plan: SoundPlan, _ mixer: inout AudioMixer) {
        for place in endpoints.indices where endpoints[place].seat.hasOwnSource {
            endpoints[place].seat.obey(plan, &mixer)
        }
        for index in players.indices { players[index].seat.obey(plan, &mixer) }
    }

    /// Where a site sits; `nil`: nowhere.
    func seat(of site: SiteID) -> AudioSeat? {
        endpoints.first { $0.endpoint.site == site }?.seat ?? players.first { $0.player.site == site }?.seat
    }

    /// - Returns: the source of each site that has one of its own.
    private func addSources(_ wanted: [SitePaths], _ mixer: inout AudioMixer) -> [SiteID: Int] {
        var sources: [SiteID: Int] = [:]
        var next = 0
        for paths in wanted {
            if let endpoint = paths.endpoint {
                let place = next
                next += 1
                guard endpoint.main == nil else { continue }
                if !endpoints[place].seat.hasOwnSource { endpoints[place].seat.addSource(paths.plan, &mixer) }
                sources[paths.plan.id] = endpoints[place].seat.source
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
        _ place: Int, _ plan: SitePlan, mainSource: Int?, isNew: Bool, _ mixer: inout AudioMixer
    ) -> Bool {
        let seat = endpoints[place].seat
        guard let mainSource else {
            guard !seat.hasOwnSource else { return false }
            endpoints[place].seat.addSource(plan, &mixer)
            return true
        }
        guard isNew || seat.source != mainSource || seat.hasOwnSource else { return false }
        if seat.hasOwnSource { mixer.removeSource(seat.source) }
        endpoints[place].seat.source = mainSource
        endpoints[place].seat.hasOwnSource = false
        return true
    }

    private func removeListener(_ place: Int, _ mixer: inout AudioMixer, _ encoding: inout SharedEncoding) {
        guard let listener = endpoints[place].seat.listener else { return }
        encoding.removeListener(listener)
        mixer.removeListener(listener)
        endpoints[place].seat.listener = nil
    }

    /// What a site that is sent sound hears.
    private func addListener(_ place: Int, _ mixer: inout AudioMixer, _ encoding: inout SharedEncoding) {
        let endpoint = endpoints[place].endpoint
        let program = shared.conference.withLock { conference in
            conference.program(of: endpoint.site).flatMap { conference.programIDs.firstIndex(of: $0) }
        }
        endpoints[place].seat.program = program ?? 0
        guard endpoint.plan.destination != nil, program != nil else { return }
        let seat = endpoints[place].seat
        let listener = mixer.addListener(program: seat.program, source: seat.source)
        do throws(AudioCodecError) {
            try encoding.addListener(
                listener, format: AudioFormat(codec: endpoint.plan.codec, bitrate: endpoint.plan.bitrate),
                isJoined: endpoint.plan.packetTime == 2 * Int(AudioPath.period.milliseconds))
            endpoints[place].seat.listener = listener
        } catch {
            mixer.removeListener(listener)
            log.error(
                "the site is sent no sound: its encoder can't be opened",
                metadata: ["site": "\(endpoint.site)", "reason": "\(error)"])
        }
    }
}
