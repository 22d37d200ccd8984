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
    private let cameras: [SiteID: VideoReceivePath]
    private let senders: [SiteID: VideoSender]
    private let programs: [ProgramPath]
    private let previews: Previews
    // Guarded: held for a look.
    private let tap = Mutex<SoundTap?>(nil)
    private let recorder: Recordings
    private let audio: AudioPath
    private let cascade: CascadePath
    private let lines: [CascadeLine]

    /// Binds every port; nothing is received or sent before `start`.
    /// - Parameter plan: one without `problems()`.
    package init(_ plan: ConferencePlan, log: Logger) throws(BridgeError) {
        self.plan = plan
        self.log = log
        let shared = SharedState(plan)
        self.shared = shared
        let cascade = CascadePath(shared: shared, log: log)
        let lines = plan.sites.enumerated().map { index, site in
            CascadeLine(site.id, index: index, shared: shared, path: cascade)
        }
        self.cascade = cascade
        self.lines = lines
        var cameras: [SiteID: VideoReceivePath] = [:]
        var senders: [SiteID: VideoSender] = [:]
        var audioPorts: [SiteID: MediaPorts] = [:]
        var identities: [SiteID: RTPIdentity] = [:]
        for (site, line) in zip(plan.sites, lines) {
            var siteLog = log
            siteLog[metadataKey: "site"] = "\(site.id)"
            let cname = RTPIdentity.randomCNAME()
            if let audio = site.audio {
                let identity = RTPIdentity.random(cname: cname)
                identities[site.id] = identity
                line.ownStreamChanged(to: identity.ssrc)
                do throws(TransportError) {
                    audioPorts[site.id] = try MediaPorts(audio, plan: plan)
                } catch { throw .port(site.id, medium: "audio", error) }
            }
            if let video = site.video {
                do throws(TransportError) {
                    let ports = try MediaPorts(video, plan: plan)
                    let identity = RTPIdentity.random(cname: cname)
                    line.ownStreamChanged(to: identity.ssrc)
                    senders[site.id] = try VideoSender(
                        site.id, video: video, ports: ports, identity: identity,
                        gop: Interval(nanoseconds: Int64(plan.gop * 1e9)))
                    cameras[site.id] = try VideoReceivePath(
                        site, video: video, ports: ports, sender: senders[site.id], identity: identity,
                        cascade: line, log: siteLog)
                    if let size = ports.lines.map(\.rtp.receiveBufferSize).min(), size < 1 << 20 {
                        siteLog.notice(
                            "small receive buffer: raise net.core.rmem_max to 4194304",
                            metadata: ["bytes": "\(size)"])
                    }
                } catch { throw .port(site.id, medium: "video", error) }
            }
        }
        do throws(AudioPathError) {
            audio = try AudioPath(
                plan, shared: shared, ports: audioPorts, identities: identities,
                syncs: cameras.mapValues(\.sync), lines: lines, log: log)
        } catch {
            switch error {
            case .codec(let site, let error): throw .sound(site, error)
            case .transport(let site, let error): throw .port(site, medium: "audio", error)
            }
        }
        let stage = Stage(
            senders: senders, encoding: EncodingPlan(plan), log: log)
        self.cameras = cameras
        self.senders = senders
        let programs = plan.programs.map { program in
            let period = Interval.seconds(1) / program.frameRate
            let feeds = plan.sites.map { site in
                cameras[site.id].map { SiteFace.Camera(latest: $0.latest, demand: $0.demand, sync: $0.sync) }
            }
            let faces = plan.sites.map { site in SiteFace(site, feeds: feeds, period: period) }
            return ProgramPath(program, faces: faces, shared: shared, stage: stage)
        }
        self.programs = programs
        previews = Previews(programs: programs, cameras: cameras.mapValues(\.latest))
        recorder = Recordings(programs: programs, audio: audio, log: log)
    }

    /// Begins to receive, to compose and to send.
    package func start() {
        for camera in cameras.values { camera.start() }
        audio.start()
        for program in programs { program.start() }
        let outlets = zip(plan.sites, lines).map { site, line -> CascadePath.Outlet in
            let camera = cameras[site.id]
            // Pictures have the roomier line.
            return { message in camera?.say(message) ?? line.saySound(message) }
        }
        let naming = ContributorNaming(plan: plan, shared: shared, cameras: cameras, senders: senders)
        cascade.start(outlets) { now in naming.update(at: now) }
    }

    /// Ends all streams, with RTCP BYE to every site.
    package func stop() {
        recorder.stopAll()
        cascade.stop()
        for program in programs { program.stop() }
        for camera in cameras.values { camera.stop() }
        audio.stop()
    }

    /// Obeys an operator, all or nothing; the change shows on the next tick.
    package func apply(_ commands: [Command]) throws(CommandError) {
        try change { (conference: inout Conference) throws(CommandError) in try conference.apply(commands) }
        for command in commands { log.notice("command", metadata: ["command": "\(command)"]) }
    }

    /// Prepares commands for `take`; with none, nothing is prepared any more.
    package func stage(_ commands: [Command]) throws(CommandError) {
        try change { (conference: inout Conference) throws(CommandError) in try conference.stage(commands) }
    }

    /// What waits for `take`.
    package var staged: [Command] { shared.conference.withLock { $0.staged } }

    /// Obeys what was prepared, on one tick.
    /// - Returns: what it was.
    package func take() throws(CommandError) -> [Command] {
        try change { (conference: inout Conference) throws(CommandError) in try conference.take() }
    }

    /// Goes back to before the last change.
    package func undo() throws(CommandError) {
        try change { (conference: inout Conference) throws(CommandError) in try conference.undo() }
        log.notice("undone")
    }

    private func change<Value: Sendable>(
        _ body: (inout Conference) throws(CommandError) -> Value
    ) throws(CommandError) -> Value {
        try shared.conference.withLock { conference in
            Result { () throws(CommandError) in try body(&conference) }
        }.get()
    }

    /// Sends a site a keyframe of what it sees, and asks it for one of its picture.
    /// - Returns: whether it has a picture either way.
    package func renewPicture(of site: SiteID) -> Bool {
        cameras[site]?.requestKeyframe()
        senders[site]?.sendKeyframe()
        return cameras[site] != nil || senders[site] != nil
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
        audio.current.sites.compactMapValues { site in
            site.level.smoothed > SoundLevel.silence ? site.level.smoothed : nil
        }
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

    /// Of a site's newest picture: another one when anything of it has changed; `nil`: it has none.
    package func fingerprint(of site: SiteID) -> UInt64? {
        cameras[site]?.latest.read { $0.first?.picture }?.fingerprint
    }

    /// By which other bridges know this run of ours.
    package var id: BridgeID { shared.conference.withLock { $0.id } }

    /// Whether the ticks beat: the sound's came within the last second, and every program's too.
    package var isHealthy: Bool {
        let now = Clock.now()
        return now - audio.lastTickAt < .seconds(1) && programs.allSatisfy { now - $0.lastTickAt < .seconds(1) }
    }

    /// Everybody in the meeting, over all levels of the cascade.
    package var rollCall: RollCall { shared.conference.withLock { $0.rollCall } }

    /// All that the bridge says of itself.
    package func status() -> StatusReport {
        StatusBuilder(
            plan: plan, conference: shared.conference.withLock { $0 }, cameras: cameras.mapValues(\.report),
            syncs: cameras.mapValues { $0.sync.report }, senders: senders, programs: programs.map(\.report),
            audio: audio.current, startedAt: startedAt,
            now: Clock.now()
        ).report
    }
}
