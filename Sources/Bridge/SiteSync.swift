import Media
import RTP
import Synchronization

/// One site's lip-sync: the picture ticks and the audio thread each tell when they present what, in moments of the sender's
/// clock, and read how long sound and picture are to wait for each other.
final class SiteSync: Sendable {
    private struct State {
        var sync = LipSync()
        var pictures = SenderClock(clockRate: VideoCodec.clockRate)
    }

    // Guarded: held for a few sums.
    private let state = Mutex(State())
    /// Read at every tick: nanoseconds.
    private let picture = Atomic<Int64>(0)

    // MARK: The picture, on the camera's queue and on ticks

    func pictureCame(timestamp: Int64, at now: Instant) {
        state.withLock { $0.pictures.packetReceived(timestamp: timestamp, at: now) }
    }

    func pictureReport(ntp: NTPTime, timestamp: Int64, at now: Instant) {
        state.withLock { _ = $0.pictures.reportReceived(ntp: ntp, timestamp: timestamp, at: now) }
    }

    func pictureStreamChanged() {
        state.withLock { state in
            state.pictures.streamChanged()
            state.sync.streamChanged()
        }
    }

    /// A picture was shown for the first time.
    func shown(timestamp: Int64, at now: Instant) {
        state.withLock { state in
            state.sync.pictureShown(state.pictures.moment(of: timestamp, at: now), at: now)
        }
    }

    /// How old a picture must at least be to be shown.
    var pictureDelay: Interval { Interval(nanoseconds: picture.load(ordering: .relaxed)) }

    /// How old pictures must at least be whose sound is not RTP's: as much as it waits itself.
    func holdPictures(_ delay: Interval) { picture.store(delay.nanoseconds, ordering: .relaxed) }

    // MARK: The sound, on the audio thread

    func soundStreamChanged() { state.withLock { $0.sync.streamChanged() } }

    /// The sample recorded at `moment` is played; `nil`: none is, or that isn't known. Returns how much longer the sound is
    /// to wait.
    func played(_ moment: NTPTime?, at now: Instant) -> Interval {
        let (sound, picture) = state.withLock { state in
            state.sync.soundPlayed(moment, at: now)
            state.sync.update(at: now)
            return (state.sync.audioDelay, state.sync.videoDelay)
        }
        self.picture.store(picture.nanoseconds, ordering: .relaxed)
        return sound
    }

    // MARK: State

    /// How much later the sound is than its picture; `nil`: not known.
    var report: (skew: Interval?, state: LipSync.State) { state.withLock { ($0.sync.skew, $0.sync.state) } }
}
