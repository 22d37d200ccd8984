import Media

/// Decides which access units go on to the decoder and when a keyframe is asked for. It holds no bytes.
///
/// After damage the last good picture stays until a keyframe comes. A stream that never sends one, whatever it is
/// asked, is resumed where a decoder can find its feet: at a recovery point, or else at any whole picture.
package struct KeyframePolicy: Sendable {
    /// What is to be done with an access unit.
    package enum Verdict: Equatable, Sendable {
        case pass
        /// Pass it, and take the pictures after it for undamaged though no keyframe came.
        case resume
        case drop
    }

    package struct Settings: Equatable, Sendable {
        /// How long a new stream has to begin with a keyframe by itself.
        package var patience = Interval.milliseconds(300)
        /// The time between two requests while one is missing. `RTPSession` spaces them further.
        package var reminder = Interval.milliseconds(500)
        /// The same for a stream whose keyframes are refused.
        package var refusedReminder = Interval.seconds(5)
        /// How long after the first request a stream counts as one that has no keyframes.
        package var surrender = Interval.seconds(10)
        /// How long such a stream is waited for to bring a recovery point.
        package var recoveryPatience = Interval.seconds(2)
        /// A sender silent for this long is asked for nothing.
        package var silence = Interval.seconds(2)

        package init() {}
    }

    private enum State {
        /// No packet yet.
        case idle
        case waiting(since: Instant)
        case flowing
    }

    private let settings: Settings
    private var state = State.idle
    /// When the next request is due.
    private var requestDue = Instant.distantFuture
    /// The first request of this wait.
    private var firstRequest: Instant?
    private var lastPacket = Instant.zero
    /// The last keyframe was refused: nothing can be decoded before another one comes.
    private var isRefused = false
    private(set) var sawRecoveryPoint = false
    /// The stream has once shown that it has no keyframes.
    private var hasNoKeyframes = false

    package init(settings: Settings = Settings()) { self.settings = settings }

    /// Whether pictures go through.
    package var isFlowing: Bool { if case .flowing = state { true } else { false } }

    /// Whether only a keyframe helps: pictures are held back, and the stream is one that has keyframes.
    package var awaitsKeyframe: Bool { !isFlowing && !hasNoKeyframes }

    /// When `isRequestDue` may become true.
    package var deadline: Instant { requestDue }

    /// A packet came in.
    package mutating func packetReceived(at now: Instant) {
        lastPacket = now
        switch state {
        case .idle:
            state = .waiting(since: now)
            requestDue = now + settings.patience
        case .waiting where requestDue == .distantFuture:
            requestDue = now
        case .waiting, .flowing:
            break
        }
    }

    /// Pictures are lost or can't be decoded: ask at once.
    package mutating func damaged(at now: Instant) {
        guard isFlowing else { return }
        state = .waiting(since: now)
        firstRequest = nil
        sawRecoveryPoint = false
        requestDue = now
    }

    /// Packets of the keyframe that is waited for are lost: don't wait for the reminder.
    package mutating func keyframeDamaged(at now: Instant) {
        guard awaitsKeyframe, !isRefused else { return }
        requestDue = min(requestDue, now)
    }

    /// A picture was refused for its size. Asking for the like of it again is of little use.
    package mutating func refused(at now: Instant) {
        damaged(at: now)
        isRefused = true
        requestDue = now + settings.refusedReminder
    }

    /// What to do with an access unit.
    package mutating func judge(_ unit: AccessUnit, _ completeness: Completeness, at now: Instant) -> Verdict {
        if unit.isKeyframe, completeness.isWhole {
            hasNoKeyframes = false
            flow()
            return .pass
        }
        if unit.isDamaged { damaged(at: now) }
        guard case .waiting(let since) = state else { return .pass }
        guard completeness.isWhole else {
            // The keyframe that was asked for came to harm: don't wait for the reminder.
            if unit.isKeyframe, !isRefused { requestDue = min(requestDue, now) }
            return .drop
        }
        if completeness.isRecoveryPoint { sawRecoveryPoint = true }
        guard canResume(completeness, since: since, at: now) else { return .drop }
        hasNoKeyframes = true
        flow()
        return .resume
    }

    /// Whether to ask for a keyframe now; true once per request.
    package mutating func isRequestDue(at now: Instant) -> Bool {
        guard now >= requestDue else { return false }
        // A line gone dead answers nothing; the next packet asks again.
        guard now - lastPacket < settings.silence else {
            requestDue = .distantFuture
            firstRequest = nil
            return false
        }
        if firstRequest == nil { firstRequest = now }
        requestDue = now + (isRefused ? settings.refusedReminder : settings.reminder)
        return true
    }

    /// Another stream begins.
    package mutating func reset() { self = KeyframePolicy(settings: settings) }

    private mutating func flow() {
        state = .flowing
        requestDue = .distantFuture
        firstRequest = nil
        isRefused = false
    }

    private func canResume(_ completeness: Completeness, since: Instant, at now: Instant) -> Bool {
        guard !isRefused, let firstRequest else { return false }
        let surrenderedAt = hasNoKeyframes ? since : firstRequest + settings.surrender
        guard now >= surrenderedAt else { return false }
        let waitsForRecoveryPoint = sawRecoveryPoint || hasNoKeyframes
        return completeness.isRecoveryPoint || !waitsForRecoveryPoint
            || now >= surrenderedAt + settings.recoveryPatience
    }
}
