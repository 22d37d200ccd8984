import Media

/// Plays a file in time: hands out what is due, sound and pictures by the same clock, once or over and over. It has no
/// clock: `now` comes as an argument. A still stands for ever. A live source is not paced: it is handed out as it comes, and
/// waited for. Confined to its owner's queue.
package struct FilePlayer: ~Copyable {
    /// What is due.
    package enum Item {
        /// Stands until the next one. Its timestamp rises over all repetitions.
        case picture(Picture)
        /// Holds until the next call.
        case samples(AudioBlock)
        /// All has been played.
        case end
    }

    /// How often the caller came so late that playing was put off, rather than hurried to catch up.
    package private(set) var stalls = 0
    /// How far in the file we are: the time of what was handed out last.
    package private(set) var position: Interval = .zero
    package private(set) var hasEnded = false

    private var reader: MediaFileReader
    /// Decoded, but not due yet.
    private var waiting: MediaFileReader.Item?
    /// When the source's time 0 is, or would have been.
    private var start: Instant?
    private var pausedAt: Instant?
    /// Whether a still has been handed out, after which nothing comes.
    private var stands = false

    /// Lateness beyond which a caller has stalled.
    private static let patience = Interval.milliseconds(500)

    package init(_ reader: consuming MediaFileReader) { self.reader = reader }

    package var location: MediaLocation { reader.location }
    /// Ends what hangs, from any thread.
    package var interruption: Interruption { reader.interruption }
    /// Of one pass; `nil` if nobody knows, and of a still.
    package var duration: Interval? { reader.duration }
    package var isStill: Bool { reader.isStill }
    package var isLive: Bool { reader.isLive }
    package var hasPictures: Bool { reader.hasPictures }
    package var hasSound: Bool { reader.hasSound }
    package var isPaused: Bool { pausedAt != nil }
    /// Whether the file begins anew at its end; may change while it plays.
    package var repeats: Bool {
        get { reader.repeats }
        set { reader.repeats = newValue }
    }

    /// When `next(at:)` has something: at once if it isn't known yet, never while paused or after the end.
    package var deadline: Instant {
        if isPaused || hasEnded || stands { return .distantFuture }
        guard !reader.isLive, let start, let waiting else { return .zero }
        return start + Self.time(of: waiting)
    }

    /// The next thing that is due at `now`, or `nil` if nothing is. Call it until it gives `nil`.
    ///
    /// - Parameter deadline: when to give up waiting for the peer of a URL; a live source is waited for until then.
    package mutating func next(
        at now: Instant, deadline: Instant = .distantFuture
    ) throws(MediaFileError) -> Item? {
        guard !isPaused, !hasEnded, !stands else { return nil }
        let item: MediaFileReader.Item
        if let waiting {
            item = waiting
            self.waiting = nil
        } else {
            item = try reader.next(arrival: now, deadline: deadline)
        }
        let time = Self.time(of: item)
        let start = start ?? now - time
        self.start = start
        if !reader.isLive {
            guard start + time <= now else {
                waiting = item
                return nil
            }
            if now - (start + time) > Self.patience {
                self.start = now - time
                stalls += 1
            }
        }
        return handOut(item, time)
    }

    /// Stops time. Sound and pictures that were not handed out wait.
    package mutating func pause(at now: Instant) { pausedAt = pausedAt ?? now }

    /// Goes on where it was paused.
    package mutating func resume(at now: Instant) {
        guard let pausedAt else { return }
        self.pausedAt = nil
        if let start { self.start = start + (now - pausedAt) }
    }

    private mutating func handOut(_ item: MediaFileReader.Item, _ time: Interval) -> Item? {
        switch item {
        case .picture(let picture, _):
            position = reader.position(of: time)
            return .picture(picture)
        case .samples(let block, _):
            position = reader.position(of: time)
            return .samples(block)
        case .end:
            guard !reader.isStill else {
                stands = true
                return nil
            }
            position = reader.position(of: time)
            hasEnded = true
            return .end
        }
    }

    private static func time(of item: MediaFileReader.Item) -> Interval {
        switch item {
        case .picture(_, let time), .samples(_, let time), .end(let time): time
        }
    }
}
