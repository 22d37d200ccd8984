import Bridge
import Media
import RTP
import Testing

/// A camera and a tick at 30 Hz, in simulated time: what is shown at each tick.
@Suite struct PictureSamplerTests {
    private let period = Interval.seconds(1) / 30

    /// Plays `seconds` of a camera whose pictures come `phase` ms behind the tick's beat, give or take `jitter` ms.
    /// - Returns: the numbers of the pictures shown, and their mean age in ms, of the second half.
    private func play(
        phase: Double, jitter: Double, seconds: Int = 40, isFollowed: Bool = false, isSampled: Bool = true
    ) -> (shown: [Int], age: Double) {
        var random = SeededGenerator(seed: 7)
        let arrivals = (0..<30 * seconds).map { count in
            let late = Double.random(in: -jitter...jitter, using: &random)
            return Instant.zero + period * count + Interval(nanoseconds: Int64((phase + late) * 1e6))
        }
        var sampler = PictureSampler(period: period)
        var schedule = TickSchedule(period: period, start: .zero)
        var shown: [Int] = []
        var ages = 0.0
        var newest = -1
        while shown.count < 30 * seconds - 60 {
            let now = schedule.next
            schedule.advance(at: now)
            let there = (max(0, newest)..<arrivals.count).prefix { arrivals[$0] <= now }
            if let last = there.last, last != newest {
                newest = last
                sampler.found(age: now - arrivals[last])
            }
            let limit = now - (isSampled ? sampler.holdBack : .zero)
            let picture = stride(from: newest, through: max(0, newest - 2), by: -1).first { arrivals[$0] <= limit }
            shown.append(picture ?? max(0, newest - 2))
            ages += (now - arrivals[max(0, shown.last ?? 0)]).milliseconds
            if isFollowed { schedule.move(by: sampler.tickOffset) }
        }
        let half = shown.count / 2
        return (Array(shown[half...]), ages / Double(shown.count))
    }

    private func steps(_ shown: [Int]) -> [Int] { zip(shown.dropFirst(), shown).map { $0 - $1 } }

    @Test(arguments: [0.0, 1, 3, 8, 16, 25, 31, 33])
    func everyPictureIsShownOnceWhateverItsPhase(phase: Double) {
        let (shown, _) = play(phase: phase, jitter: 2)
        #expect(steps(shown).count { $0 != 1 } == 0)
    }

    @Test func withoutItAPictureAtTheTickJudders() {
        let (shown, _) = play(phase: 0, jitter: 2, isSampled: false)
        #expect(steps(shown).count { $0 != 1 } > 100)
    }

    @Test func onlyWhatComesJustBeforeTheTickWaits() {
        #expect(play(phase: 16, jitter: 2).age < 20)
        #expect(play(phase: 8, jitter: 2).age < 30)
        // Just before the tick: a whole period more.
        #expect((30...40).contains(play(phase: 32.5, jitter: 2).age))
    }

    @Test(arguments: [0.0, 5, 11, 16, 21, 29])
    func theTickComesToStandJustBehindTheSourceItFollows(phase: Double) {
        let (shown, _) = play(phase: phase, jitter: 1, isFollowed: true)
        #expect(steps(shown).count { $0 != 1 } == 0)
        // Of the whole run, so with the time it takes to get there.
        #expect(play(phase: phase, jitter: 1, seconds: 120, isFollowed: true).age < 8)
    }

    @Test func aSourceThatScattersMovesNoTick() {
        var random = SeededGenerator(seed: 7)
        var sampler = PictureSampler(period: period)
        /// The ticks' moves while 300 pictures come within so many ms of 10 ms before the tick.
        func moves(scatter: Double) -> [Interval] {
            (0..<300).map { _ in
                let age = 10 + Double.random(in: -scatter...scatter, using: &random)
                sampler.found(age: Interval(nanoseconds: Int64(age * 1e6)))
                return sampler.tickOffset
            }
        }
        // A camera's, as it is scheduled; a line's with 100 ms of jitter; and the camera's once more.
        #expect(moves(scatter: 5).suffix(200).allSatisfy { $0 != .zero })
        #expect(moves(scatter: 50).suffix(200).count { $0 != .zero } <= 20)
        #expect(moves(scatter: 5).suffix(200).allSatisfy { $0 != .zero })
    }
}
