import Media

/// What the jitter buffer has for the next stretch of sound. Durations are in ticks of 1/48000 s; bytes hold until the
/// next packet is inserted.
package enum Playout {
    /// Decode and play.
    case packet(UnsafeRawBufferPointer, duration: Int)
    /// A packet is lost and this is the one behind it: decode its FEC for `duration`. It comes again as a `packet`.
    case recover(UnsafeRawBufferPointer, duration: Int)
    /// Nothing came: let the decoder conceal.
    case conceal(duration: Int)
    /// The sender was silent.
    case silence(duration: Int)
    /// There is too much sound: decode this and leave it out, with a cross-fade into what comes next.
    case skip(UnsafeRawBufferPointer, duration: Int)
    /// Nothing to play: silence to the end of the tick.
    case waiting
}

/// The packets of one sound, held just long enough that they can be played without a break.
///
/// `insert` takes packets as they come. At each tick of the mix the caller asks `next` again and again until it has its
/// samples, or gets `waiting`. The delay follows the line: up at once when packets come late, down within seconds.
package struct AudioJitterBuffer: ~Copyable {
    package struct Settings: Equatable, Sendable {
        /// The least that is held when playing begins; never less than a packet and a tick of the mix.
        package var minimumDelay = Interval.milliseconds(20)
        /// The most that is held, however late packets come.
        package var maximumDelay = Interval.milliseconds(200)

        package init() {}
    }

    /// What became of a packet.
    package enum Insertion: Equatable, Sendable {
        case queued
        /// As `queued`, but a new stream begins with it: what was held has been thrown away.
        case restart
        case duplicate
        /// It was concealed or given up already.
        case late
        /// It is empty, larger than a slot or of no possible duration; or its timestamp lies seconds off and no other
        /// packet has confirmed it yet.
        case refused
    }

    package struct Statistics: Equatable, Sendable {
        package var late = 0
        package var duplicate = 0
        /// Packets that were not there when they were due.
        package var lost = 0
        /// Lost packets that the one behind had the FEC of.
        package var recovered = 0
        package var overflow = 0
        package var refused = 0
        package var restarts = 0
        /// What was concealed by the decoder's guess.
        package var concealed = Interval.zero
        /// What was left out to bring the delay down.
        package var skipped = Interval.zero
        /// How much sound was held when it was asked for last.
        package var delay = Interval.zero
        /// How much is to be held.
        package var target = Interval.zero
    }

    /// The longest packet, 120 ms (RFC 6716 section 3.2).
    private static let longestPacket: Int64 = 5760
    /// A timestamp further off than this belongs to another stream. 2 s.
    private static let largestJump: Int64 = 96_000
    /// A sequence number further off than this belongs to another stream.
    private static let largestSequenceJump: Int64 = 3000

    private let settings: Settings
    private var ring: AudioPacketRing
    private var estimator = DelayEstimator()
    private var policy = PlayoutPolicy()
    private var history = SequenceHistory()
    private var counts = Statistics()
    private var concealedTicks: Int64 = 0
    private var skippedTicks: Int64 = 0
    /// The newest packet that was taken.
    private var newest: AudioPacketRing.Entry?
    /// A packet whose timestamp or sequence number is far off; the next one tells whether it was a stray.
    private var stray: AudioPacketRing.Entry?

    package init(settings: Settings = Settings()) {
        self.settings = settings
        ring = AudioPacketRing()
    }

    /// The timestamp of the sample played next; `nil` while nothing plays. Lip-sync needs it.
    package var playhead: Int64? { policy.isPlaying ? policy.playhead : nil }

    /// - Parameter now: the target wears off with time.
    package func statistics(at now: Instant) -> Statistics {
        var all = counts
        all.lost = policy.lost
        all.concealed = Self.interval(concealedTicks)
        all.skipped = Self.interval(skippedTicks)
        all.target = Self.interval(target(at: now))
        return all
    }

    /// Takes one packet.
    /// - Parameters:
    ///   - sequence: unwrapped to 64 bits.
    ///   - timestamp: unwrapped, in ticks of 1/48000 s: scale it for codecs with another clock.
    ///   - duration: of the packet, in ticks; Opus says it in its first byte.
    ///   - payload: read during this call only.
    package mutating func insert(
        sequence: Int64, timestamp: Int64, duration: Int, payload: UnsafeRawBufferPointer, arrival: Instant
    ) -> Insertion {
        let entry = AudioPacketRing.Entry(sequence: sequence, timestamp: timestamp, duration: Int64(duration))
        guard !payload.isEmpty, payload.count <= ring.slotSize,
            (PlayoutPolicy.unit...Self.longestPacket).contains(entry.duration)
        else { return refuse() }
        var hasRestarted = false
        if let newest, Self.isFar(entry, from: newest) {
            guard confirms(entry) else { return refuse() }
            restart()
            hasRestarted = true
        }
        stray = nil
        if let expected = policy.expected, sequence < expected {
            return insertOld(entry, before: expected &- sequence, arrival: arrival)
        }
        guard !ring.contains(sequence) else {
            counts.duplicate += 1
            return .duplicate
        }
        guard makeRoom(for: sequence) else {
            counts.late += 1
            return .late
        }
        let delay = estimator.add(timestamp: timestamp, duration: entry.duration, arrival: arrival)
        if policy.isPlaying, timestamp < policy.playhead { estimator.late(by: delay, at: arrival) }
        ring.insert(entry, payload)
        if sequence >= newest?.sequence ?? sequence { newest = entry }
        return hasRestarted ? .restart : .queued
    }

    /// The next stretch of sound; see `Playout`.
    /// - Parameter isQuiet: what was played last is so low that leaving some out isn't heard.
    package mutating func next(at now: Instant, isQuiet: Bool = false) -> Playout {
        let target = target(at: now)
        while true {
            let front = ring.front
            let end = ring.back?.end ?? policy.playhead
            if policy.isPlaying { counts.delay = Self.interval(max(0, end &- policy.playhead)) }
            let expected = policy.expected
            let decision = policy.decide(
                PlayoutPolicy.Situation(front: front, end: end, target: target, isQuiet: isQuiet, now: now))
            switch decision {
            case .wait:
                counts.delay = .zero
                return .waiting
            case .conceal(let duration):
                concealedTicks += duration
                return .conceal(duration: Int(duration))
            case .silence(let duration):
                return .silence(duration: Int(duration))
            case .recover(let duration):
                remember(until: policy.expected, since: expected, arrived: false)
                counts.recovered += 1
                return .recover(ring.frontBytes, duration: Int(duration))
            case .play, .skip, .discard:
                guard let front else { return .waiting }
                let bytes = ring.frontBytes
                ring.removeFront()
                remember(until: front.sequence, since: expected, arrived: false)
                history.pass(1, arrived: true)
                if decision == .play { return .packet(bytes, duration: Int(front.duration)) }
                if decision == .discard(.late) {
                    counts.late += 1
                    continue
                }
                skippedTicks += front.duration
                if decision == .skip { return .skip(bytes, duration: Int(front.duration)) }
            }
        }
    }

    /// Another stream begins: another SSRC, or a sender that began anew.
    package mutating func streamChanged() {
        stray = nil
        restart()
    }

    private mutating func restart() {
        counts.restarts += 1
        ring.removeAll()
        policy.restart()
        estimator.reset()
        history = SequenceHistory()
        newest = nil
    }

    private mutating func refuse() -> Insertion {
        counts.refused += 1
        return .refused
    }

    private mutating func insertOld(
        _ entry: AudioPacketRing.Entry, before distance: Int64, arrival: Instant
    ) -> Insertion {
        guard !history.hasArrived(before: distance) else {
            counts.duplicate += 1
            return .duplicate
        }
        let delay = estimator.add(timestamp: entry.timestamp, duration: entry.duration, arrival: arrival)
        estimator.late(by: delay, at: arrival)
        counts.late += 1
        return .late
    }

    /// Whether a packet that lies far off begins a new stream: nothing plays that it could disturb, or the one before
    /// lay there too.
    private mutating func confirms(_ entry: AudioPacketRing.Entry) -> Bool {
        defer { stray = entry }
        if ring.held == 0, !policy.isPlaying { return true }
        guard let stray else { return false }
        return !Self.isFar(entry, from: stray) && entry.sequence != stray.sequence
    }

    /// Whether two packets can't be of one stream: many sequence numbers apart, or further apart in time than those
    /// tell by seconds.
    private static func isFar(_ entry: AudioPacketRing.Entry, from other: AudioPacketRing.Entry) -> Bool {
        let packets = entry.sequence &- other.sequence
        guard packets.magnitude <= largestSequenceJump.magnitude else { return true }
        let unexplained = entry.timestamp &- other.timestamp &- packets &* other.duration
        return unexplained.magnitude > largestJump.magnitude
    }

    /// Drops the oldest packets that don't fit beside this one; false if this one is the oldest.
    private mutating func makeRoom(for sequence: Int64) -> Bool {
        while !ring.fits(sequence) {
            guard let front = ring.front, sequence > front.sequence else { return false }
            ring.removeFront()
            counts.overflow += 1
        }
        return true
    }

    /// Notes in the history that the sequence numbers since `earlier` went by.
    private mutating func remember(until later: Int64?, since earlier: Int64?, arrived: Bool) {
        guard let later, let earlier else { return }
        history.pass(Int(later &- earlier), arrived: arrived)
    }

    /// How much sound must be held when playing begins so that it goes on without a break.
    private func target(at now: Instant) -> Int64 {
        let needed = Self.ticks(estimator.estimate(at: now)) + max(newest?.duration ?? 0, PlayoutPolicy.tick)
        return min(max(needed, Self.ticks(settings.minimumDelay)), Self.ticks(settings.maximumDelay))
    }

    private static func ticks(_ interval: Interval) -> Int64 { interval.nanoseconds * 3 / 62_500 }
    private static func interval(_ ticks: Int64) -> Interval { Interval(nanoseconds: ticks * 62_500 / 3) }
}
