import Media

/// Decides what is played next of one sound. It holds no packets: it is told what lies at the front of the ring and
/// how much there is, and moves the playhead by what it decides.
///
/// All times within are ticks of 1/48000 s, but for `now`.
package struct PlayoutPolicy: Sendable {
    /// What to play, and by that what to do with the ring.
    package enum Decision: Equatable, Sendable {
        /// Nothing to play; the playhead stands still.
        case wait
        /// The front packet.
        case play
        /// Decode the front packet and leave it out, with a cross-fade.
        case skip
        /// Drop the front packet unheard and ask again.
        case discard(Discard)
        /// The packet before the front one is lost: decode it from the front one's FEC. The front one stays.
        case recover(duration: Int64)
        case conceal(duration: Int64)
        /// The sender was silent here.
        case silence(duration: Int64)
    }

    package enum Discard: Equatable, Sendable {
        /// It was concealed already, and waiting for it would hold back the sound by more than the target.
        case late
        /// There is too much.
        case excess
    }

    /// What the policy is told.
    package struct Situation {
        package var front: AudioPacketRing.Entry?
        /// Where the newest packet ends.
        package var end: Int64
        /// How much sound is to be held when playing begins.
        package var target: Int64
        /// What was played last is so low that leaving some out isn't heard.
        package var isQuiet: Bool
        package var now: Instant

        package init(front: AudioPacketRing.Entry?, end: Int64, target: Int64, isQuiet: Bool, now: Instant) {
            self.front = front
            self.end = end
            self.target = target
            self.isQuiet = isQuiet
            self.now = now
        }
    }

    private enum State: Equatable {
        /// Until the target is filled, or the first packet has waited that long.
        case filling(since: Instant?)
        case playing
    }

    /// The tick of the mix, 20 ms: no piece of concealment or silence is longer.
    package static let tick: Int64 = 960
    /// 2.5 ms: the shortest Opus packet, and the unit of concealment.
    package static let unit: Int64 = 120
    /// Concealed at a stretch at most: what comes after 100 ms of guessing is noise.
    private static let longestConcealment: Int64 = 4800
    /// Above the target by this much, packets are skipped at once.
    private static let pressingExcess: Int64 = 60 * 48
    /// Above the target by this much, packets are dropped at once.
    private static let hopelessExcess: Int64 = 400 * 48
    /// The span over which the excess is observed.
    private static let observation = Interval.milliseconds(250)

    /// The timestamp of the sample played next; meaningful once playing has begun.
    package private(set) var playhead: Int64 = 0
    /// The sequence number to be played next; `nil` before the first one.
    package private(set) var expected: Int64?
    /// How many packets never came in time.
    package private(set) var lost = 0

    private var state = State.filling(since: nil)
    private var lastDuration: Int64 = Self.tick
    /// Concealed since the last packet.
    private var concealed: Int64 = 0
    private var lastWasSkip = false
    /// The packet played last announced a pause (Opus DTX: no more than a table of contents).
    private var isPausing = false
    private var isDraining = false
    private var observedSince = Instant.zero
    /// The most that was held above the target in the running span.
    private var peakExcess: Int64 = 0
    /// How many spans in a row had too much.
    private var excessiveSpans = 0

    package init() {}

    package var isPlaying: Bool { state == .playing }

    /// What to play next; the playhead moves on by it.
    package mutating func decide(_ situation: Situation) -> Decision {
        guard isPlaying else { return fill(situation) }
        guard let front = situation.front else { return runDry() }
        let gap = front.timestamp &- playhead
        if gap <= -Self.unit { return catchUp(front, situation) }
        if gap >= Self.unit {
            return front.sequence == expected ? pause(front, gap, situation) : bridge(front, gap, situation)
        }
        playhead = front.timestamp
        return play(front, situation)
    }

    /// Another stream begins. The count of the lost stays.
    package mutating func restart() {
        let lost = lost
        self = PlayoutPolicy()
        self.lost = lost
    }

    private mutating func fill(_ situation: Situation) -> Decision {
        guard case .filling(let since) = state, let front = situation.front else {
            state = .filling(since: nil)
            return .wait
        }
        let waited = since.map { (situation.now - $0).nanoseconds * 48 / 1_000_000 } ?? 0
        guard situation.end &- front.timestamp >= situation.target || waited >= situation.target else {
            state = .filling(since: since ?? situation.now)
            return .wait
        }
        // Out of silence, too much can go without a cross-fade.
        if situation.end &- front.end >= situation.target {
            state = .filling(since: situation.now)
            pass(front)
            return .discard(.excess)
        }
        state = .playing
        playhead = front.timestamp
        observedSince = situation.now
        excessiveSpans = 0
        peakExcess = 0
        return emit(front, .play)
    }

    private mutating func runDry() -> Decision {
        guard !isPausing, concealed < Self.longestConcealment else {
            state = .filling(since: nil)
            return .wait
        }
        return conceal(lastDuration)
    }

    /// The front packet was concealed while it was late. If there is room for it the sound goes on with it, a little
    /// later than before; else it is dropped.
    private mutating func catchUp(_ front: AudioPacketRing.Entry, _ situation: Situation) -> Decision {
        if situation.end &- front.timestamp <= situation.target + max(Self.tick, front.duration) {
            playhead = front.timestamp
            return emit(front, .play)
        }
        pass(front)
        return .discard(.late)
    }

    /// The sender skipped timestamps but no sequence number: it was silent. Silence is the best place to catch up.
    private mutating func pause(
        _ front: AudioPacketRing.Entry, _ gap: Int64, _ situation: Situation
    ) -> Decision {
        var gap = gap
        let excess = situation.end &- playhead &- situation.target
        if excess > Self.tick {
            let shortened = min(gap, excess)
            playhead &+= shortened
            gap -= shortened
        }
        guard gap >= Self.unit else {
            playhead = front.timestamp
            return emit(front, .play)
        }
        let duration = min(gap / Self.unit * Self.unit, Self.tick)
        playhead &+= duration
        return .silence(duration: duration)
    }

    /// Packets before the front one are missing.
    private mutating func bridge(
        _ front: AudioPacketRing.Entry, _ gap: Int64, _ situation: Situation
    ) -> Decision {
        let gap = gap / Self.unit * Self.unit
        if gap <= front.duration {
            countLost(before: front)
            expected = front.sequence
            playhead &+= gap
            concealed += gap
            return .recover(duration: gap)
        }
        guard concealed < Self.longestConcealment else {
            playhead = front.timestamp
            return play(front, situation)
        }
        return conceal(min(lastDuration, max(Self.unit, (gap - front.duration) / Self.unit * Self.unit)))
    }

    private mutating func play(_ front: AudioPacketRing.Entry, _ situation: Situation) -> Decision {
        let excess = situation.end &- playhead &- situation.target
        let margin = max(Self.tick, front.duration)
        observe(excess, margin, at: situation.now)
        if excess > Self.hopelessExcess { isDraining = true }
        if isDraining {
            guard excess <= margin + front.duration else {
                playhead = front.end
                pass(front)
                return .discard(.excess)
            }
            isDraining = false
            return emit(front, .skip)
        }
        guard !lastWasSkip else { return emit(front, .play) }
        let isPressing = excess > Self.pressingExcess && excess >= front.duration
        let isLasting = excess > 0 && (excessiveSpans >= 2 || excessiveSpans == 1 && situation.isQuiet)
        guard isPressing || isLasting else { return emit(front, .play) }
        excessiveSpans = 0
        peakExcess = 0
        observedSince = situation.now
        return emit(front, .skip)
    }

    /// Sound lies too long where its highest level stays above the target by more than one packet, since a packet can
    /// have just come in.
    private mutating func observe(_ excess: Int64, _ margin: Int64, at now: Instant) {
        peakExcess = max(peakExcess, excess)
        guard now - observedSince >= Self.observation else { return }
        excessiveSpans = peakExcess > margin ? excessiveSpans + 1 : 0
        peakExcess = 0
        observedSince = now
    }

    private mutating func emit(_ front: AudioPacketRing.Entry, _ decision: Decision) -> Decision {
        pass(front)
        playhead = front.end
        lastDuration = min(Self.tick, max(Self.unit, front.duration / Self.unit * Self.unit))
        concealed = 0
        lastWasSkip = decision == .skip
        let largestPauseMark = 2
        isPausing = front.size <= largestPauseMark
        return decision
    }

    private mutating func conceal(_ duration: Int64) -> Decision {
        playhead &+= duration
        concealed += duration
        return .conceal(duration: duration)
    }

    private mutating func pass(_ front: AudioPacketRing.Entry) {
        countLost(before: front)
        expected = front.sequence &+ 1
    }

    private mutating func countLost(before front: AudioPacketRing.Entry) {
        if let expected { lost += Int(max(0, front.sequence &- expected)) }
    }
}
