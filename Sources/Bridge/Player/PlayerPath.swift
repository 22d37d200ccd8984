import Conference
import Dispatch
import Logging
import Media
import Mixer
import Synchronization

/// A site that is a file or a URL: what it plays takes the place of a camera's pictures and of a microphone's sound.
///
///     file, RTSP, SRT … → demuxer → decoders → file player (in time) → latest picture
///                                                                    ↘ sound queue → the mixer's input
///
/// It has a thread of its own while it plays: a peer of a URL is waited for.
final class PlayerPath: @unchecked Sendable {  // all mutable state but the guarded is touched on `queue` only
    let site: SiteID
    let latest = LatestPicture()
    let demand = PictureDemand()
    let sync = SiteSync()
    let sound = SoundQueue()
    private let queue: DispatchQueue
    private let log: Logger
    private var reading: Reading?
    private var faults = LogLimiter()
    /// What is played last is kept on show: a film's last picture stands until something else is played.
    private var stands = false
    // Guarded: held for a look.
    private let state = Mutex(State())

    private struct State {
        /// Counts up with what is to be played: work that was begun for another is over.
        var turn = 0
        var interruption: Interruption?
        var report = Report()
    }

    /// Holds what no class can: a player is no copyable value.
    private final class Reading {
        var player: FilePlayer

        init(_ player: consuming FilePlayer) { self.player = player }
    }

    /// How it stands.
    struct Report: Sendable {
        enum Phase: String, Sendable { case idle, opening, playing, ended, failed }
        var phase = Phase.idle
        /// Without what is secret in it.
        var location = ""
        /// How far in the file, and of how much; `nil`: nobody knows.
        var position = Interval.zero
        var duration: Interval?
        /// Why it failed.
        var reason: String?
    }

    /// How long the peer of a URL may take to answer, or be silent.
    private static let patience = Interval.seconds(10)
    /// After a failure of a URL.
    private static let retryDelay = Interval.seconds(3)
    /// Pictures are kept for so long at 30 a second.
    private static let longestHold = Interval.milliseconds(160)
    /// How often a picture that stands is said to be still there: a camera's would be.
    private static let standPeriod = Interval.milliseconds(200)

    init(_ site: SiteID, log: Logger) {
        self.site = site
        self.log = log
        queue = DispatchQueue(label: "player.\(site)", qos: .userInitiated)
    }

    var report: Report { state.withLock { $0.report } }

    /// Plays something else, from its beginning; `nil`: nothing.
    func play(_ plan: PlayerPlan?) {
        let (turn, interruption) = state.withLock { state in
            state.turn += 1
            state.report = Report()
            let interruption = state.interruption
            state.interruption = nil
            return (state.turn, interruption)
        }
        interruption?.cancel()
        queue.async { [self] in
            reading = nil
            stands = false
            sound.removeAll()
            sync.pictureStreamChanged()
            latest.clear()
            if let plan { open(plan, turn) }
        }
    }

    /// Ends it. A name server that is waited for is not.
    func stop() { play(nil) }

    private func isOver(_ turn: Int) -> Bool { state.withLock { $0.turn != turn } }

    private func open(_ plan: PlayerPlan, _ turn: Int) {
        guard !isOver(turn) else { return }
        let location = MediaLocation(plan.location)
        let interruption = Interruption()
        state.withLock { state in
            state.interruption = interruption
            state.report = Report(phase: .opening, location: location.shortName)
        }
        do throws(MediaFileError) {
            let reader = try MediaFileReader(
                location, repeats: plan.repeats, deadline: Clock.now() + Self.patience, interruption: interruption)
            let reading = Reading(FilePlayer(reader))
            self.reading = reading
            let duration = reading.player.duration
            state.withLock { state in
                guard state.turn == turn else { return }
                state.report.phase = .playing
                state.report.duration = duration
            }
            log.notice("plays", metadata: ["file": "\(location)", "loop": "\(plan.repeats)"])
            step(plan, turn)
        } catch { fail(error, plan, turn) }
    }

    /// Hands out what is due, and comes again when more is.
    private func step(_ plan: PlayerPlan, _ turn: Int) {
        guard let reading, !isOver(turn) else { return }
        var now = Clock.now()
        do throws(MediaFileError) {
            while let item = try reading.player.next(at: now, deadline: now + Self.patience) {
                now = Clock.now()
                guard !isOver(turn) else { return }
                switch item {
                case .picture(let picture):
                    latest.packetsCame(at: now)
                    latest.publish(picture, at: now)
                    stands = true
                case .samples(let block): sound.append(block)
                case .end:
                    state.withLock { $0.report.phase = .ended }
                    log.notice("played to its end", metadata: ["file": "\(MediaLocation(plan.location))"])
                }
                if reading.player.isLive { break }
            }
        } catch { return fail(error, plan, turn) }
        let isLive = reading.player.isLive
        // A live source tells by itself that it is there.
        if stands, !isLive { latest.standsStill(at: now) }
        if reading.player.hasSound { sync.holdPictures(min(sound.delay, Self.longestHold)) }
        let position = reading.player.position
        state.withLock { $0.report.position = position }
        let next = isLive ? now : min(reading.player.deadline, now + Self.standPeriod)
        again(at: next) { $0.step(plan, turn) }
    }

    private func fail(_ error: MediaFileError, _ plan: PlayerPlan, _ turn: Int) {
        reading = nil
        guard !isOver(turn) else { return }
        let location = MediaLocation(plan.location)
        state.withLock { state in
            state.report.phase = .failed
            state.report.reason = "\(error)"
        }
        let now = Clock.now()
        if let count = faults.admit(at: now) {
            log.warning(
                location.isFile ? "can't be played" : "can't be played: tried again every 3 s",
                metadata: ["file": "\(location)", "reason": "\(error)", "count": "\(count)"])
        }
        // A file doesn't mend itself; a camera comes back.
        if location.isFile {
            latest.clear()
        } else {
            again(at: now + Self.retryDelay) { $0.open(plan, turn) }
        }
    }

    private func again(at moment: Instant, _ work: @escaping @Sendable (PlayerPath) -> Void) {
        queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: UInt64(max(1, moment.nanoseconds)))) { [weak self] in
            if let self { work(self) }
        }
    }
}
