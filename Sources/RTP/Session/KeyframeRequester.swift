import Media

/// When to ask for a keyframe, and how: PLI first, and FIR in turn with it for endpoints that know only the old way.
/// Asked until `keyframeReceived`, ever more slowly: every request costs the sender's encoder and all its receivers.
struct KeyframeRequester {
    enum Message: Equatable {
        case pictureLossIndication
        case fullIntraRequest(sequence: UInt8)
    }

    static let firstPause = Interval.milliseconds(250)
    static let longestPause = Interval.seconds(2)
    /// Unanswered PLIs after which FIR is tried.
    static let patience = 3

    private(set) var isWanted = false
    private var unanswered = 0
    private var pause = Self.firstPause
    private var earliest = Instant.zero
    private var sequence: UInt8 = 0
    private var underwaySince: Instant?
    /// A keyframe that takes longer to arrive is asked for again.
    static let longestArrival = Interval.seconds(1)

    mutating func request() { isWanted = true }

    /// A keyframe came: nothing is asked for, and the pauses are short again.
    mutating func keyframeReceived() {
        isWanted = false
        unanswered = 0
        pause = Self.firstPause
        underwaySince = nil
    }

    /// Part of a keyframe has come, and the rest is waited for; or that wait has ended.
    mutating func note(isUnderway: Bool, at now: Instant) {
        if isUnderway {
            if underwaySince == nil { underwaySince = now }
        } else if underwaySince != nil {
            underwaySince = nil
            guard isWanted else { return }
            // It came to harm; but the sender does answer, and is asked as if for the first time.
            unanswered = 0
            pause = Self.firstPause
            earliest = min(earliest, now + pause)
        }
    }

    /// When `next` has something to say.
    var deadline: Instant {
        guard isWanted else { return .distantFuture }
        return underwaySince.map { max(earliest, $0 + Self.longestArrival) } ?? earliest
    }

    /// The message to send now, if one is due.
    /// - Parameter kinds: with PLI or FIR among them.
    mutating func next(at now: Instant, by kinds: FeedbackKinds) -> Message? {
        guard isWanted, now >= deadline else { return nil }
        underwaySince = nil
        earliest = now + pause
        pause = min(pause * 2, Self.longestPause)
        unanswered += 1
        let isFirsTurn = unanswered > Self.patience && (unanswered - Self.patience) % 2 == 1
        guard kinds.contains(.fir), isFirsTurn || !kinds.contains(.pli) else { return .pictureLossIndication }
        // A new number each time: the keyframe that answered the last one may have been lost on the way.
        sequence &+= 1
        return .fullIntraRequest(sequence: sequence)
    }
}
