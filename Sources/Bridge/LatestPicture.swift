import Conference
import Media
import Mixer
import Synchronization

/// What a site shows right now: written by the site's queue when a picture is decoded, read by every tick, waited for by
/// nobody.
final class LatestPicture: Sendable {
    struct State {
        /// The last good picture.
        var picture: Picture?
        /// When it was decoded.
        var decodedAt: Instant?
        var health = Health()
    }

    // Guarded: held for a copy or a swap, never across a codec call.
    private let state = Mutex(State())

    func publish(_ picture: Picture, at now: Instant) {
        // The old picture is released after the lock, since freeing it may take a while.
        let old = state.withLock { state in
            let old = state.picture
            state.picture = picture
            state.decodedAt = now
            state.health.picture(at: now)
            return old
        }
        withExtendedLifetime(old) {}
    }

    func packetsCame(at now: Instant) { state.withLock { $0.health.packet(at: now) } }

    func siteLeft(at now: Instant) { state.withLock { $0.health.bye(at: now) } }

    var current: State { state.withLock { $0 } }
}
