import Media

/// How long repairs take on one line, and how long it pays to wait for them: learnt from reordering, from the requests
/// that were answered, and from those that were not.
package struct RepairTiming: Sendable {
    package struct Settings: Equatable, Sendable {
        /// No gap is waited for longer.
        package var longestWindow = Interval.milliseconds(400)
        /// Reordering beyond this is treated as loss first.
        package var longestAllowance = Interval.milliseconds(20)

        package init() {}
    }

    /// Taken for the round trip before anything is known of it.
    static let assumedRoundTrip = Interval.milliseconds(100)
    static let shortestRoundTrip = Interval.milliseconds(20)
    /// Answers after which they are believed rather than RTCP's round trip: they hold what the sender's pacing adds.
    private static let enoughAnswers = 4
    private static let answersPerPeriod = 16
    /// The share of lost packets that may stay unrepaired for want of another try.
    private static let tolerance = 1e-5
    /// NACKs are gathered for a few milliseconds, and answers are paced.
    private static let margin = Interval.milliseconds(10)

    package let settings: Settings
    /// The round trip by RTCP; `nil` as long as the peer's reports don't tell.
    package var reported: Interval?

    /// How long a gap is taken for reordering before its packets are asked for.
    package private(set) var allowance = Interval.zero
    private var answers = 0
    /// The shortest answers of this period and of the one before: a minimum that forgets. The first request is what
    /// is measured from: a later one may get the answer of an earlier one, but no answer comes sooner than a round
    /// trip.
    private var shortest = (current: Interval?.none, before: Interval?.none)
    /// The share of rounds of requests that bring the packet.
    private var answeredShare = 0.9
    /// Whether so many rounds fail that each had better be asked for twice. More than 6 % of loss each way begin it; by
    /// asking twice the share becomes so much better that only a clean line ends it.
    package private(set) var isLossy = false
    private static let lossyShares = (begins: 0.88, ends: 0.995)
    /// From a request to its echo: what loses one by chance, or in a short burst, seldom loses both.
    static let echoPause = Interval.milliseconds(10)
    /// How long to wait, worked out when something is learnt.
    private var tries = 2

    package init(settings: Settings = Settings()) { self.settings = settings }

    /// From a request to its answer.
    package var roundTrip: Interval { learnt ?? reported ?? Self.assumedRoundTrip }

    /// From one request for a packet to the next.
    package var retryPause: Interval { max(roundTrip, Self.shortestRoundTrip) * 5 / 4 }

    /// How long a gap is worth waiting for: until the last try can have been answered, but at least `floor`. Two tries
    /// as long as nobody has answered, then four to eight, the more the fewer get through.
    package func window(atLeast floor: Interval) -> Interval {
        let echo = isLossy ? Self.echoPause * 2 : .zero
        let answered = allowance + retryPause * (tries - 1) + echo + roundTrip + Self.margin
        return max(floor, min(answered, settings.longestWindow))
    }

    /// Whether an answer can come before the longest window is over: where it can't, waiting for one only adds delay.
    package var canBeInTime: Bool { allowance + roundTrip <= settings.longestWindow }

    /// Whether a packet that came so soon after the first request for it was on its way by itself. What was learnt has
    /// no say: if the first answers were slow ones, a quick one is what corrects it.
    package func isTooEarly(_ elapsed: Interval) -> Bool {
        guard let reported else { return elapsed < Self.shortestRoundTrip }
        return elapsed < min(reported / 2, settings.longestAllowance * 2)
    }

    /// A packet came by itself this long after the gap was seen.
    package mutating func noteReordering(_ lateness: Interval) {
        allowance = min(max(allowance, lateness * 5 / 4), settings.longestAllowance)
    }

    /// A request was needed: the gap was no reordering.
    package mutating func noteLoss() {
        allowance = allowance - allowance / 32
        // What is left in the end is below any timer.
        if allowance < .microseconds(100) { allowance = .zero }
    }

    /// A packet was asked for in vain `failures` times, and then came, `elapsed` after the first request.
    package mutating func noteAnswer(after elapsed: Interval, failures: Int) {
        for _ in 0..<failures { noteRequest(answered: false) }
        noteRequest(answered: true)
        answers += 1
        shortest.current = min(shortest.current ?? elapsed, elapsed)
        if answers % Self.answersPerPeriod == 0 { shortest = (current: nil, before: shortest.current) }
        update()
    }

    /// A packet was asked for this often, and given up.
    package mutating func noteFailure(requests: Int) {
        guard answers > 0 else { return }
        for _ in 0..<requests { noteRequest(answered: false) }
        update()
    }

    private mutating func noteRequest(answered: Bool) { answeredShare += ((answered ? 1 : 0) - answeredShare) / 64 }

    private mutating func update() {
        let bound = isLossy ? Self.lossyShares.ends : Self.lossyShares.begins
        isLossy = answers >= Self.answersPerPeriod && answeredShare < bound
        tries = 4
        var unanswered = 1.0
        for _ in 0..<4 { unanswered *= 1 - answeredShare }
        while tries < 8, unanswered > Self.tolerance {
            unanswered *= 1 - answeredShare
            tries += 1
        }
    }

    private var learnt: Interval? {
        guard answers >= (reported == nil ? 1 : Self.enoughAnswers), let known = shortest.current ?? shortest.before
        else { return nil }
        return min(known, shortest.before ?? known)
    }
}
