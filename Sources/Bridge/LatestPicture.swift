import Conference
import Media
import Mixer
import Synchronization

/// What a site shows right now: written by the site's queue when a picture is decoded, read by every tick, waited for by
/// nobody.
final class LatestPicture: Sendable {
    /// A decoded picture, and since when it is there.
    struct Entry: TimedPicture {
        var picture: Picture
        var decodedAt: Instant
        var timestamp: Int64 { picture.timestamp }
    }

    private struct State {
        /// The newest first: as far back as any tick holds back, for lip-sync or against judder.
        var entries: [Entry] = []
        var health: Health
    }

    private static let pause = Interval.seconds(1)
    /// 160 ms at 30 pictures a second.
    private static let capacity = 6

    // Guarded: held for a copy or a swap, never across a codec call.
    private let state: Mutex<State>
    private let content: PictureContent

    init(of content: PictureContent = .camera) {
        self.content = content
        var state = State(health: Health(of: content))
        state.entries.reserveCapacity(Self.capacity)
        self.state = Mutex(state)
    }

    func publish(_ picture: Picture, at now: Instant) {
        // The old picture is released after the lock, since freeing it may take a while.
        let old = state.withLock { state in
            // After a pause the pictures from before it are none to go back to.
            let isFresh = state.entries.first.map { now - $0.decodedAt < Self.pause } ?? false
            var old: [Entry] = []
            if !isFresh, !state.entries.isEmpty {
                old.reserveCapacity(Self.capacity)
                swap(&old, &state.entries)
            }
            let last = state.entries.count == Self.capacity ? state.entries.removeLast() : nil
            state.entries.insert(Entry(picture: picture, decodedAt: now), at: 0)
            state.health.picture(at: now)
            return (old, last)
        }
        withExtendedLifetime(old) {}
    }

    func packetsCame(at now: Instant) { state.withLock { $0.health.packet(at: now) } }

    /// Nothing is to come, and nothing came.
    func clear() {
        let old = state.withLock { state in
            let old = state.entries
            state.entries = []
            state.entries.reserveCapacity(Self.capacity)
            state.health = Health(of: content)
            return old
        }
        withExtendedLifetime(old) {}
    }

    /// The newest picture is still what there is to see.
    func standsStill(at now: Instant) {
        state.withLock { state in
            guard !state.entries.isEmpty else { return }
            state.health.packet(at: now)
            state.health.picture(at: now)
        }
    }

    func siteLeft(at now: Instant) { state.withLock { $0.health.bye(at: now) } }

    /// How the site's line is.
    var health: Health { state.withLock { $0.health } }

    /// Reads the pictures, the newest first. `body` runs under the lock: for a few sums.
    func read<Result>(_ body: ([Entry]) -> Result) -> Result { state.withLock { body($0.entries) } }
}
