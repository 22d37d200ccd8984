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

    mutating func request() { isWanted = true }

    /// A keyframe came: nothing is asked for, and the pauses are short again.
    mutating func keyframeReceived() {
        isWanted = false
        unanswered = 0
        pause = Self.firstPause
    }

    /// When `next` has something to say.
    var deadline: Instant { isWanted ? earliest : .distantFuture }

    /// The message to send now, if one is due.
    mutating func next(at now: Instant) -> Message? {
        guard isWanted, now >= earliest else { return nil }
        earliest = now + pause
        pause = min(pause * 2, Self.longestPause)
        unanswered += 1
        guard unanswered > Self.patience, (unanswered - Self.patience) % 2 == 1 else { return .pictureLossIndication }
        // A new number each time: the keyframe that answered the last one may have been lost on the way.
        sequence &+= 1
        return .fullIntraRequest(sequence: sequence)
    }
}
