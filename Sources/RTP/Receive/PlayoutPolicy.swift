/// Decides what is played next of one sound. It holds no packets: it is told what lies at the front of the ring and
/// how much there is, and moves the playhead by what it decides.
///
/// All times within are ticks of 1/48000 s.
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
        /// How long the fastest packets are to wait before they are played.
        package var target: Int64
        /// How much longer than that they wait when what comes next is played now.
        package var excess: Int64

        package init(front: AudioPacketRing.Entry?, end: Int64, target: Int64, excess: Int64) {
            self.front = front
            self.end = end
            self.target = target
            self.excess = excess
        }
    }

    private enum State: Equatable {
        /// Until the front packet has waited for its target.
        case filling
        case playing
    }

    /// The tick of the mix, 20 ms: no piece of concealment or silence is longer.
    package static let tick: Int64 = 960
    /// 2.5 ms: the shortest Opus packet, and the unit of concealment.
    package static let unit: Int64 = 120
    /// Concealed at a stretch at most: what comes after 100 ms of guessing is noise.
    private static let longestConcealment: Int64 = 4800
    /// Above the target by this much, packets are dropped at once: haste would take seconds.
    private static let hopelessExcess: Int64 = 400 * 48
    /// Playing begins within half a tick of the target: it can only begin at a tick.
    private static let halfTick = tick / 2
    /// A pause is shortened or lengthened by no less.
    private static let leastPauseChange = 2 * unit

    /// The timestamp of the sample played next; meaningful once playing has begun.
    package private(set) var playhead: Int64 = 0
    /// The sequence number to be played next; `nil` before the first one.
    package private(set) var expected: Int64?
    /// How many packets never came in time.
    package private(set) var lost = 0

    private var state = State.filling
    private var lastDuration: Int64 = Self.tick
    /// Concealed since the last packet.
    private var concealed: Int64 = 0
    /// The packet played last announced a pause (Opus DTX: no more than a table of contents).
    private var isPausing = false
    private var isDraining = false

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
        guard let front = situation.front else { return .wait }
        // Short packets fill the first tick, or wait until there is time for all of them.
        let fillsTick = situation.end &- front.timestamp >= Self.tick
        guard situation.excess >= (fillsTick ? -Self.halfTick : 0) else { return .wait }
        // Out of silence, too much can go without a cross-fade.
        let glut = min(situation.excess, situation.end &- front.timestamp &- situation.target)
        if glut >= max(front.duration, Self.tick) - Self.halfTick, situation.end > front.end {
            pass(front)
            return .discard(.excess)
        }
        state = .playing
        isDraining = false
        return emit(front, .play)
    }

    private mutating func runDry() -> Decision {
        guard !isPausing, concealed < Self.longestConcealment else {
            state = .filling
            return .wait
        }
        return conceal(lastDuration)
    }

    /// The front packet was concealed while it was late. If there is room for it the sound goes on with it, a little
    /// later than before; else it is dropped.
    private mutating func catchUp(_ front: AudioPacketRing.Entry, _ situation: Situation) -> Decision {
        let excess = situation.excess &+ (playhead &- front.timestamp)
        // Where the sender set its timestamps back, only what is held tells.
        let held = situation.end &- front.timestamp
        if excess <= Self.tick || held <= situation.target + max(Self.tick, front.duration) {
            return emit(front, .play)
        }
        pass(front)
        return .discard(.late)
    }

    /// The sender skipped timestamps but no sequence number: it was silent. Silence is the best place to bring the delay
    /// to its target.
    private mutating func pause(
        _ front: AudioPacketRing.Entry, _ gap: Int64, _ situation: Situation
    ) -> Decision {
        if situation.excess <= -Self.leastPauseChange {
            return .silence(duration: min(Self.tick, -situation.excess / Self.unit * Self.unit))
        }
        var gap = gap
        if situation.excess >= Self.leastPauseChange {
            let shortened = min(gap, situation.excess)
            playhead &+= shortened
            gap -= shortened
        }
        guard gap >= Self.unit else { return emit(front, .play) }
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
        let glut = min(situation.excess, situation.end &- playhead &- situation.target)
        if glut > Self.hopelessExcess { isDraining = true }
        guard isDraining else { return emit(front, .play) }
        guard glut <= front.duration else {
            playhead = front.end
            pass(front)
            return .discard(.excess)
        }
        isDraining = false
        return emit(front, .skip)
    }

    private mutating func emit(_ front: AudioPacketRing.Entry, _ decision: Decision) -> Decision {
        pass(front)
        playhead = front.end
        lastDuration = min(Self.tick, max(Self.unit, front.duration / Self.unit * Self.unit))
        concealed = 0
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
