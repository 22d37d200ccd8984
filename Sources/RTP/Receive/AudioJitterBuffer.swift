import Media

/// The packets of one sound, held just long enough that they can be played without a break.
///
/// `insert` takes packets as they come. At each tick of the mix the caller asks `pace` once, and then `next` again and
/// again until it has its samples, or gets `waiting`. The delay follows the line: up when packets come late, down within
/// seconds, and never with the drift of clocks. It is the wait of the fastest packets from their arrival to the tick that
/// plays them.
package struct AudioJitterBuffer: ~Copyable {
    package struct Settings: Equatable, Sendable {
        /// The least delay; never less than a tick of the mix, so that no packet is just missed.
        package var minimumDelay = Interval.milliseconds(20)
        /// The largest delay, however late packets come.
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

    /// The longest packet, 120 ms (RFC 6716 section 3.2).
    private static let longestPacket: Int64 = 5760
    /// A timestamp further off than this belongs to another stream. 2 s.
    private static let largestJump: Int64 = 96_000
    /// A sequence number further off than this belongs to another stream.
    private static let largestSequenceJump: Int64 = 3000
    /// Nobody needs more delay than this, whoever asks for it.
    private static let largestExternalMinimum = Interval.milliseconds(500)
    /// The packet after a longer one isn't waited for.
    private static let longestRepairedPacket: Int64 = 2880

    /// A floor of the delay that others set: lip-sync, and the slower of two lines. It may lie above `maximumDelay`; the
    /// delay gets there without a jump.
    package var externalMinimum = Interval.zero
    /// Packets carry FEC of the one before them, so that where packets are lost it pays to wait for the next.
    package var hasFEC = false

    private let settings: Settings
    private var ring: AudioPacketRing
    private var estimator = DelayEstimator()
    private var policy = PlayoutPolicy()
    private var controller = PaceController()
    private var loss = LossShare()
    private var history = SequenceHistory()
    private var counts = Statistics()
    private var concealedTicks: Int64 = 0
    private var skippedTicks: Int64 = 0
    /// The newest packet that was taken.
    private var newest: AudioPacketRing.Entry?
    /// A packet whose timestamp or sequence number is far off; the next one tells whether it was a stray.
    private var stray: AudioPacketRing.Entry?

    /// A tick is to be invented, to lengthen a buffer that is too shallow to be stretched.
    private var isInsertionDue = false
    /// Since when less is held than wanted, and how long sound was held then.
    private var lack: (since: Instant, delay: Int64)?

    /// What must be held for the time-stretch to lengthen it: two of its longest periods, and a tick.
    private static let stretchDepth: Int64 = 3_440
    /// By so much a stretch that works lengthens it within `insertionPause`.
    private static let stretchProgress: Int64 = 240
    private static let insertionPause = Interval.milliseconds(200)

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
        all.lossShare = loss.value
        all.pace = controller.pace
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
        if policy.isPlaying, timestamp < policy.playhead { lift(by: delay, at: arrival) }
        ring.insert(entry, payload)
        if sequence >= newest?.sequence ?? sequence { newest = entry }
        return hasRestarted ? .restart : .queued
    }

    /// Takes note of a packet that another line had brought already: it was late by the difference of the lines, and the
    /// delay covers that, so that the faster line can be lost unheard.
    /// - Parameters: as of `insert`.
    package mutating func noteLateCopy(timestamp: Int64, duration: Int, arrival: Instant) {
        guard let newest, (timestamp &- newest.timestamp).magnitude <= Self.largestJump.magnitude,
            (PlayoutPolicy.unit...Self.longestPacket).contains(Int64(duration))
        else { return }
        estimator.addCopy(timestamp: timestamp, duration: Int64(duration), arrival: arrival)
    }

    /// How fast sound is to be played until the next tick. Once a tick, before `next`.
    /// - Parameters:
    ///   - decoded: samples at 48 kHz that were taken out by `next` and are not played yet.
    ///   - isQuiet: what was played last is so low that haste isn't heard.
    package mutating func pace(at now: Instant, decoded: Int, isQuiet: Bool = false) -> Pace {
        guard policy.isPlaying else { return controller.pause() }
        let target = target(at: now)
        let delay = delay(at: now, decoded: decoded)
        counts.delay = Self.interval(max(0, delay))
        let held = max(0, (ring.back?.end ?? policy.playhead) &- policy.playhead) + Int64(decoded)
        // What the tick takes, and as much for the time-stretch to look ahead in, isn't too much.
        let surplus = min(delay - target, held - 2 * PlayoutPolicy.tick)
        noteLack(delay: delay, target: target, held: held, at: now)
        return controller.update(.init(excess: delay - target, surplus: surplus, isQuiet: isQuiet, now: now))
    }

    /// Where too little is held for the time-stretch to lengthen it, a tick is invented now and then, until there is enough.
    private mutating func noteLack(delay: Int64, target: Int64, held: Int64, at now: Instant) {
        guard target - delay > PlayoutPolicy.tick, held < Self.stretchDepth else {
            lack = nil
            return
        }
        guard let known = lack, delay - known.delay < Self.stretchProgress else {
            lack = (now, delay)
            return
        }
        guard now - known.since >= Self.insertionPause else { return }
        lack = (now, delay)
        isInsertionDue = true
    }

    /// Whether no packet is here to be played: time to play what the time-stretch holds back.
    package var isDry: Bool { ring.held == 0 }

    /// The next stretch of sound; see `Playout`.
    /// - Parameter decoded: as of `pace`.
    package mutating func next(at now: Instant, decoded: Int) -> Playout {
        let target = target(at: now)
        if isInsertionDue {
            isInsertionDue = false
            concealedTicks += PlayoutPolicy.tick
            return .conceal(duration: Int(PlayoutPolicy.tick))
        }
        while true {
            let front = ring.front
            let expected = policy.expected
            let lost = policy.lost
            let decision = policy.decide(
                PlayoutPolicy.Situation(
                    front: front, end: ring.back?.end ?? policy.playhead, target: target,
                    excess: delay(at: now, decoded: decoded) - target))
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
                loss.add(lost: policy.lost - lost)
                counts.recovered += 1
                return .recover(ring.frontBytes, duration: Int(duration))
            case .play, .skip, .discard:
                guard let front else { return .waiting }
                let bytes = ring.frontBytes
                ring.removeFront()
                remember(until: front.sequence, since: expected, arrived: false)
                history.pass(1, arrived: true)
                loss.add(lost: policy.lost - lost)
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
        controller = PaceController()
        isInsertionDue = false
        lack = nil
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
        lift(by: delay, at: arrival)
        counts.late += 1
        return .late
    }

    /// A packet came too late: the target covers it at once, as far as it may.
    private mutating func lift(by delay: Interval, at now: Instant) {
        estimator.late(by: min(delay, settings.maximumDelay), at: now)
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

    /// How long the fastest packets must wait so that sound goes on without a break.
    private func target(at now: Instant) -> Int64 {
        // A packet may be needed at any point of a tick, and is there at the tick or not.
        var needed = Self.ticks(estimator.estimate(at: now)) + PlayoutPolicy.tick
        if hasFEC, loss.isHigh, let newest, newest.duration <= Self.longestRepairedPacket { needed += newest.duration }
        let floor = max(settings.minimumDelay, .milliseconds(20))
        let ceiling = max(settings.maximumDelay, floor)
        let bounded = min(max(needed, Self.ticks(floor)), Self.ticks(ceiling))
        return max(bounded, Self.ticks(min(externalMinimum, Self.largestExternalMinimum)))
    }

    /// How long the fastest packets wait when what comes next is played at `now`.
    private func delay(at now: Instant, decoded: Int) -> Int64 {
        let next = policy.isPlaying ? policy.playhead : ring.front?.timestamp ?? policy.playhead
        return Self.ticks(estimator.wait(of: next &- Int64(decoded), playedAt: now))
    }

    private static func ticks(_ interval: Interval) -> Int64 { interval.nanoseconds * 3 / 62_500 }
    private static func interval(_ ticks: Int64) -> Interval { Interval(nanoseconds: ticks * 62_500 / 3) }
}
