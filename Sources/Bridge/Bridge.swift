import Conference
import Dispatch
import Logging
import Media
import Mixer
import RTP
import Synchronization

/// A running conference: ports bound, ticks beating. It joins the three below it: `RTP` for bytes and time, `Mixer` for
/// pixels and samples, `Conference` for who is where.
package final class Bridge: Sendable {
    package let plan: ConferencePlan
    private let shared: SharedState
    private let log: Logger
    private let startedAt = Clock.now()
    private let sites: SiteDirectory
    private let stage: Stage
    private let programs: [ProgramPath]
    private let previews: Previews
    // Guarded: held for a look.
    private let tap = Mutex<SoundTap?>(nil)
    private let recorder: Recordings
    private let audio: AudioPath
    private let cascade: CascadePath
    private let governor: GovernorPath
    /// One change of who takes part at a time.
    // Guarded: held while ports are bound and handed over.
    private let roster = Mutex(false)

    /// Binds every port; nothing is received or sent before `start`.
    /// - Parameters:
    ///   - plan: one without `problems()`.
    ///   - saved: what the process before left, to go on with.
    package init(_ plan: ConferencePlan, resuming saved: SavedState? = nil, log: Logger) throws(BridgeError) {
        self.plan = plan
        self.log = log
        let shared = SharedState(plan)
        let sites = SiteDirectory()
        let cascade = CascadePath(shared: shared, sites: sites, log: log)
        var paths: [SiteID: SitePaths] = [:]
        for site in plan.sites {
            paths[site.id] = try SitePaths(
                site, of: plan, streams: saved?.streams(of: site.id), shared: shared, cascade: cascade, log: log)
        }
        if let saved { shared.conference.withLock { $0.restore(saved.arrangement) } }
        sites.set(paths)
        let stage = Stage(encoding: EncodingPlan(plan), log: log)
        stage.set(paths)
        let audio = AudioPath(plan, shared: shared, log: log)
        audio.setSites(plan.sites.compactMap { paths[$0.id] })
        let programs = plan.programs.map { ProgramPath($0, shared: shared, stage: stage) }
        self.shared = shared
        self.sites = sites
        self.cascade = cascade
        self.stage = stage
        self.audio = audio
        self.programs = programs
        governor = GovernorPath(shared: shared, sites: sites, programs: programs, log: log)
        previews = Previews(programs: programs, sites: sites)
        recorder = Recordings(programs: programs, audio: audio, log: log)
    }

    /// Begins to receive, to compose and to send.
    package func start() {
        roster.withLock { isRunning in
            isRunning = true
            for paths in sites.all.values { paths.start() }
        }
        audio.start()
        for program in programs { program.start() }
        let naming = ContributorNaming(shared: shared, sites: sites, programs: plan.programs.map(\.id))
        governor.start()
        cascade.start { now in naming.update(at: now) }
    }

    /// Ends all streams.
    /// - Parameter saysGoodbye: whether every site is sent an RTCP BYE; not if another process goes on with the streams.
    package func stop(saysGoodbye: Bool = true) {
        recorder.stopAll()
        governor.stop()
        cascade.stop()
        for program in programs { program.stop() }
        for paths in sites.all.values { paths.stop(saysGoodbye: saysGoodbye) }
        audio.stop(saysGoodbye: saysGoodbye)
    }

    /// What another process needs to go on.
    /// - Parameter isComplete: whether nothing is sent any more.
    package func savedState(isComplete: Bool) -> SavedState {
        let sound = audio.current.sites
        let streams = sites.all.map { id, paths in
            let positions = paths.sender?.positions
            return (
                id.rawValue,
                SavedState.Streams(
                    cname: paths.cname, audio: paths.plan.audio?.security == nil ? sound[id]?.position : nil,
                    video: paths.plan.video?.security == nil ? positions?.media : nil,
                    repair: paths.plan.video?.security == nil ? positions?.repair : nil)
            )
        }
        let clocks = SavedState.clocks()
        return SavedState(
            savedAt: clocks.now, bootedAt: clocks.bootedAt, isComplete: isComplete,
            sites: Dictionary(uniqueKeysWithValues: streams),
            arrangement: shared.conference.withLock { $0.savedArrangement })
    }

    /// The sites as they are now, in the operator's order.
    package var sitePlans: [SitePlan] { shared.conference.withLock { $0.sites.map(\.plan) } }

    /// Obeys an operator, all or nothing; the change shows on the next tick.
    package func apply(_ commands: [Command]) throws(CommandError) {
        try change(commands) { (conference: inout Conference) throws(CommandError) in try conference.apply(commands) }
        for command in commands { log.notice("command", metadata: ["done": "\(command.sentence)"]) }
    }

    /// Prepares commands for `take`; with none, nothing is prepared any more.
    package func stage(_ commands: [Command]) throws(CommandError) {
        lookAtAll()
        try change { (conference: inout Conference) throws(CommandError) in try conference.stage(commands) }
    }

    /// Whether commands would be obeyed now.
    package func check(_ commands: [Command]) throws(CommandError) {
        try obey { (conference: inout Conference) throws(CommandError) in
            var rehearsal = conference
            try rehearsal.apply(commands)
        }
    }

    /// What waits for `take`.
    package var staged: [Command] { shared.conference.withLock { $0.staged } }

    /// Obeys what was prepared, on one tick.
    /// - Returns: what it was.
    package func take() throws(CommandError) -> [Command] {
        try change(staged) { (conference: inout Conference) throws(CommandError) in try conference.take() }
    }

    /// Goes back to before the last change.
    package func undo() throws(CommandError) {
        try change { (conference: inout Conference) throws(CommandError) in try conference.undo() }
        log.notice("undone")
    }

    /// Changes the conference, and brings the paths to who takes part then. Ports of new sites are bound before.
    private func change<Value: Sendable>(
        _ commands: [Command] = [], _ body: (inout Conference) throws(CommandError) -> Value
    ) throws(CommandError) -> Value {
        guard commands.contains(where: \.changesPaths) else { return try obey(body) }
        return try roster.withLock { isRunning in
            Result { () throws(CommandError) in
                let newcomers = try makePaths(for: commands)
                let before = sites.all
                // Before the conference: the first tick that knows of a site has its picture.
                restage(before.merging(newcomers) { $1 })
                let value: Value
                do throws(CommandError) {
                    value = try obey(body)
                } catch {
                    restage(before)
                    for paths in newcomers.values { paths.stop() }
                    throw error
                }
                follow(commands, from: before, newcomers, isRunning: isRunning)
                return value
            }
        }.get()
    }

    private func obey<Value: Sendable>(
        _ body: (inout Conference) throws(CommandError) -> Value
    ) throws(CommandError) -> Value {
        try shared.conference.withLock { conference in
            Result { () throws(CommandError) in try body(&conference) }
        }.get()
    }

    private func makePaths(for commands: [Command]) throws(CommandError) -> [SiteID: SitePaths] {
        var paths: [SiteID: SitePaths] = [:]
        for case .add(let site, _) in commands {
            do throws(BridgeError) {
                paths[site.id] = try SitePaths(site, of: plan, shared: shared, cascade: cascade, log: log)
            } catch { throw .cannotOpen(error.description) }
        }
        return paths
    }

    private func restage(_ paths: [SiteID: SitePaths]) { Queues.compose.sync { stage.set(paths) } }

    /// Starts the paths of those who came, ends those of who left, and has players play what they were told to.
    private func follow(
        _ commands: [Command], from before: [SiteID: SitePaths], _ newcomers: [SiteID: SitePaths], isRunning: Bool
    ) {
        let now = sitePlans
        var after: [SiteID: SitePaths] = [:]
        for site in now { after[site.id] = newcomers[site.id] ?? before[site.id] }
        sites.set(after)
        restage(after)
        audio.setSites(now.compactMap { after[$0.id] })
        for (site, paths) in before where after[site] !== paths { paths.stop() }
        if isRunning { for paths in newcomers.values { paths.start() } }
        // Whatever was played before: the same once more begins anew.
        for case .play(let id, let plan) in commands { after[id]?.player?.play(plan) }
    }

    /// Sends a site a keyframe of what it sees, and asks it for one of its picture.
    /// - Returns: whether it has a picture either way.
    package func renewPicture(of site: SiteID) -> Bool {
        guard let paths = sites[site] else { return false }
        paths.camera?.requestKeyframe()
        paths.sender?.sendKeyframe()
        return paths.camera != nil || paths.sender != nil
    }

    /// The newest canvas of a program's first view as a PNG file's bytes; `nil` for an unknown program or before the
    /// first tick.
    package func picture(of program: ProgramID) -> [UInt8]? {
        guard let canvas = programs.first(where: { $0.id == program })?.newestCanvas else { return nil }
        return PNGWriter.png(canvas)
    }

    /// Records a program, or streams it: to the path of a file, or to a URL. Returns when that has begun.
    package func record(_ program: ProgramID, to location: String) async throws(RecordingError) {
        try await recorder.start(program, to: location)
    }

    /// Ends a program's recording into files, or its streams to URLs.
    package func endRecording(_ program: ProgramID, isStream: Bool) throws(RecordingError) {
        try recorder.stop(program) { (!$0.isFile || $0.fileExtension == "m3u8") == isStream }
    }

    /// Records each site's sound as it comes, apart: into the file that `path` says. Sites that come later are not in it.
    package func recordSounds(path: (SiteID) -> String) async throws(RecordingError) {
        try await recorder.startSounds(of: sitePlans.filter(\.sendsSound).map(\.id), path: path)
    }

    package func endSounds() throws(RecordingError) { try recorder.stopSounds() }

    package var recordings: [RecordingStatus] { recorder.status }

    /// What a program will show once what is prepared is taken, as a PNG file's bytes; `nil` if nothing is prepared.
    package func rehearsal(of program: ProgramID) -> [UInt8]? {
        guard let path = programs.first(where: { $0.id == program }),
            let conference = shared.conference.withLock({ $0.rehearsal }), let canvas = path.rehearse(conference)
        else { return nil }
        return PNGWriter.png(canvas)
    }

    /// A program as a JPEG 480 wide, made anew ten times a second at most; `nil` for an unknown one.
    package func preview(of program: ProgramID) async -> [UInt8]? { await previews.program(program) }

    /// A site's own picture as a JPEG 160 wide, made anew once a second at most; `nil` if it has none.
    package func thumbnail(of site: SiteID) async -> [UInt8]? { await previews.site(site) }

    /// The level of each site's sound in dBov; a silent one is left out.
    package var levels: [SiteID: Float] {
        let report = audio.current
        let all = report.sites.mapValues(\.level).merging(report.played) { $1 }
        return all.compactMapValues { $0.smoothed > SoundLevel.silence ? $0.smoothed : nil }
    }

    /// Listens to a site's line: what comes from it, held against what it is sent. One at a time.
    package func listen(to site: SiteID) {
        let next = SoundTap(site)
        tap.withLock { $0 = next }
        audio.setTap(next)
    }

    /// Listens no more.
    /// - Returns: what was found; `nil`: nobody was listened to.
    package func stopListening() -> (sound: SoundFinding, echo: EchoFinding)? {
        audio.setTap(nil)
        return tap.withLock { $0.take() }?.findings
    }

    /// Has every site's pictures decoded for the next seconds, whether they are shown or not.
    package func lookAtAll() {
        let now = Clock.now()
        for camera in sites.all.values.compactMap(\.camera) { camera.demand.look(at: now) }
    }

    /// Of a site's newest picture: another one when anything of it has changed; `nil`: it has none.
    package func fingerprint(of site: SiteID) -> UInt64? {
        sites[site]?.latest?.read { $0.first?.picture }?.fingerprint
    }

    /// By which other bridges know this run of ours.
    package var id: BridgeID { shared.conference.withLock { $0.id } }

    /// Whether the ticks beat: the sound's came within the last second, and every program's within that or three periods.
    package var isHealthy: Bool {
        let now = Clock.now()
        return now - audio.lastTickAt < .seconds(1) && programs.allSatisfy { $0.isBeating(at: now) }
    }

    /// Everybody in the meeting, over all levels of the cascade.
    package var rollCall: RollCall { shared.conference.withLock { $0.rollCall } }

    /// All that the bridge says of itself.
    package func status() -> StatusReport {
        let paths = sites.all
        let cameras = paths.compactMapValues(\.camera)
        return StatusBuilder(
            conference: shared.conference.withLock { $0 }, cameras: cameras.mapValues(\.report),
            syncs: cameras.mapValues { $0.sync.report }, senders: paths.compactMapValues(\.sender),
            players: paths.compactMapValues { $0.player?.report }, programs: programs.map(\.report),
            audio: audio.current, governor: governor.current, startedAt: startedAt, now: Clock.now()
        ).report
    }
}
