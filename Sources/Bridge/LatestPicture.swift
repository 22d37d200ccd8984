import Conference
import Media
import Mixer
import Synchronization

/// What a site shows right now: written by the site's queue when a picture is decoded, read by every tick, waited for by
/// nobody.
final class LatestPicture: Sendable {
    /// A decoded picture, and since when it is there.
    struct Entry {
        var picture: Picture
        var decodedAt: Instant
    }

    struct State {
        /// The newest three, the newest first: as far back as any tick holds back.
        var newest: Entry?
        var second: Entry?
        var third: Entry?
        var health = Health()

        /// The newest picture that was there at `instant`; the oldest known if none was.
        func picture(at instant: Instant) -> Picture? {
            if let newest, newest.decodedAt <= instant { return newest.picture }
            if let second, second.decodedAt <= instant { return second.picture }
            return (third ?? second ?? newest)?.picture
        }
    }

    private static let pause = Interval.seconds(1)

    // Guarded: held for a copy or a swap, never across a codec call.
    private let state = Mutex(State())

    func publish(_ picture: Picture, at now: Instant) {
        // The old picture is released after the lock, since freeing it may take a while.
        let old = state.withLock { state in
            // After a pause the pictures from before it are none to go back to.
            let isFresh = state.newest.map { now - $0.decodedAt < Self.pause } ?? false
            let old = (state.second, state.third)
            state.third = isFresh ? state.second : nil
            state.second = isFresh ? state.newest : nil
            state.newest = Entry(picture: picture, decodedAt: now)
            state.health.picture(at: now)
            return old
        }
        withExtendedLifetime(old) {}
    }

    func packetsCame(at now: Instant) { state.withLock { $0.health.packet(at: now) } }

    func siteLeft(at now: Instant) { state.withLock { $0.health.bye(at: now) } }

    var current: State { state.withLock { $0 } }
}
