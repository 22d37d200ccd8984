import Bridge
import Media
import RTP
import Testing

/// A camera and a tick at 30 Hz, in simulated time: what is shown at each tick.
@Suite struct PictureSamplerTests {
    private static let period = Interval.seconds(1) / 30

    private struct Shot: TimedPicture {
        var number: Int
        var timestamp: Int64
        var decodedAt: Instant
    }

    /// A camera whose pictures come `phase` ms behind the tick's beat, give or take `jitter` ms; its clock is `drift` ppm fast.
    private struct Camera {
        var phase: Double
        var jitter = 2.0
        var drift = 0.0
        var rate = 30
        /// Each so many pictures one comes `late` ms later: a keyframe is larger.
        var keyframes = 0
        var late = 0.0
        /// From this one on all come so many ms later.
        var longerFrom = Int.max
        var longerBy = 0.0
        /// Each so many pictures one never comes.
        var losses = 0
        var firstTimestamp: Int64 = 1 << 31
    }

    /// What was shown at each tick, and how long after it came, in ms.
    private struct Shown {
        var numbers: [Int] = []
        var ages: [Double] = []
        /// How long the tick waited for a picture, in ms.
        var waits: [Double] = []
        var steps: [Int] { zip(numbers.dropFirst(), numbers).map { $0 - $1 } }
        var age: Double { ages.reduce(0, +) / Double(ages.count) }
        func second(_ range: Range<Int>) -> Shown {
            let ticks = range.lowerBound * 30..<min(range.upperBound * 30, numbers.count)
            return Shown(numbers: Array(numbers[ticks]), ages: Array(ages[ticks]), waits: Array(waits[ticks]))
        }
    }

    private func play(
        _ camera: Camera, seconds: Int = 40, isAwaited: Bool = false, isFollowed: Bool = false, isSampled: Bool = true,
        delay: (Double) -> Interval = { _ in .zero }
    ) -> Shown {
        var random = SeededGenerator(seed: 7)
        let shots = (0..<camera.rate * (seconds + 1)).compactMap { count -> Shot? in
            let isKeyframe = camera.keyframes > 0 && count % camera.keyframes == 0
            let late =
                camera.phase + Double.random(in: -camera.jitter...camera.jitter, using: &random)
                + (isKeyframe ? camera.late : 0) + (count >= camera.longerFrom ? camera.longerBy : 0)
            guard camera.losses == 0 || count % camera.losses != camera.losses / 2 else { return nil }
            let taken = 1e9 * Double(count) / Double(camera.rate) * (1 - camera.drift / 1e6)
            return Shot(
                number: count, timestamp: camera.firstTimestamp + Int64(90_000 * count / camera.rate),
                decodedAt: Instant(nanoseconds: Int64(taken + late * 1e6)))
        }
        var sampler = PictureSampler(period: Self.period)
        let isAwaited = isAwaited || isFollowed
        sampler.isAwaited = isAwaited
        var schedule = TickSchedule(period: Self.period, start: .zero + .milliseconds(50))
        var result = Shown()
        var there = 0
        var shown = 0
        for _ in 0..<30 * seconds {
            let due = schedule.next
            var now = due
            schedule.advance(at: due)
            while there < shots.count, shots[there].decodedAt <= now { there += 1 }
            // The tick waits for it.
            while isAwaited, now - due < sampler.longestWait,
                sampler.awaits(due, newest: there > 0 ? shots[there - 1] : nil)
            {
                now = now + .microseconds(500)
                while there < shots.count, shots[there].decodedAt <= now { there += 1 }
            }
            while there < shots.count, shots[there].decodedAt <= now { there += 1 }
            let recent = Array(shots[max(0, there - 6)..<there].reversed())
            let choice = sampler.choose(from: recent, at: due, atLeast: delay(Double(result.numbers.count) / 30))
            shown = isSampled ? choice.map { there - 1 - $0 } ?? shown : there - 1
            result.numbers.append(shots[shown].number)
            result.waits.append((now - due).milliseconds)
            result.ages.append((now - shots[shown].decodedAt).milliseconds)
            if isFollowed, let offset = sampler.tickOffset { schedule.move(by: offset) }
        }
        return result
    }

    private static let phases = [0.0, 1, 3, 8, 16, 25, 31, 33]

    /// 10 ms is how far apart ffmpeg's sends lie from their time.
    @Test(arguments: phases, [(2.0, false), (10, false), (2, true), (10, true)])
    func everyPictureIsShownOnceWhateverItsPhase(phase: Double, kind: (jitter: Double, isAwaited: Bool)) {
        let shown = play(Camera(phase: phase, jitter: kind.jitter), isAwaited: kind.isAwaited)
        #expect(shown.second(10..<40).steps.count { $0 != 1 } == 0)
        #expect(shown.steps.count { $0 != 1 } <= 6)
    }

    @Test func withoutItAPictureAtTheTickJudders() {
        #expect(play(Camera(phase: 16), isSampled: false).steps.count { $0 != 1 } > 100)
    }

    @Test(arguments: phases) func aPictureWaitsForAPeriodAndAHalfAtMost(phase: Double) {
        #expect(play(Camera(phase: phase)).age < 37)
        #expect(play(Camera(phase: phase, jitter: 10)).age < 50)
    }

    @Test func whatComesWellBeforeTheTickWaitsForItOnly() {
        // Ticks are at 16.7 ms of the beat.
        for wait in [8.0, 16, 25] {
            let age = play(Camera(phase: 16.7 - wait)).second(10..<40).age
            #expect(abs(age - wait) < 1)
        }
    }

    @Test(arguments: [0.0, 5, 11, 16, 21, 29])
    func theTickComesToStandJustBehindTheSourceItFollows(phase: Double) {
        let shown = play(Camera(phase: phase, jitter: 1), seconds: 120, isFollowed: true)
        #expect(shown.second(20..<120).steps.count { $0 != 1 } == 0)
        #expect(shown.second(20..<120).age < 8)
    }

    /// 10 s apart, 8 ms late: the others wait for those 8 ms, and not for a period.
    @Test(arguments: [0.0, 5, 11, 16, 21, 29], [60, 300])
    func keyframesOfTheSourceTheTickFollowsCostNoPeriod(phase: Double, keyframes: Int) {
        let camera = Camera(phase: phase, jitter: 2, keyframes: keyframes, late: 8)
        let shown = play(camera, seconds: 180, isFollowed: true).second(60..<180)
        #expect(shown.steps.count { $0 != 1 } <= 2)
        #expect(shown.age < 14)
    }

    /// Packets of ffmpeg's leave each 24 ms, whenever their time is in between.
    @Test(arguments: phases) func theTickFollowsWhatScattersOverMostOfAPeriodToo(phase: Double) {
        let shown = play(Camera(phase: phase, jitter: 12), seconds: 120, isFollowed: true).second(30..<120)
        #expect(shown.steps.count { $0 != 1 } == 0)
        #expect(shown.age < 15)
    }

    /// The first keyframe that is late after a minute of pictures in time.
    @Test(arguments: phases) func theTickWaitsForWhatWasLateOnceAndNoLongerThanThat(phase: Double) {
        let camera = Camera(phase: phase, jitter: 1, keyframes: 1_800, late: 8)
        let shown = play(camera, seconds: 80, isFollowed: true)
        #expect(shown.second(20..<60).age < 8)
        #expect(shown.second(66..<80).age < 12)
        #expect(shown.second(20..<80).steps.count { $0 != 1 } <= 2)
    }

    /// Late by more than the tick leaves, every two seconds: all wait for it.
    @Test(arguments: phases) func whatIsLateAgainAndAgainIsWaitedFor(phase: Double) {
        let camera = Camera(phase: phase, jitter: 1, keyframes: 60, late: 12)
        let shown = play(camera, seconds: 300).second(40..<300)
        #expect(shown.steps.count { $0 != 1 } <= 2)
    }

    /// Every 4 s, as our own keyframes by the clock are, or 15: one picture is shown twice and one left out, and nothing waits.
    @Test(arguments: phases, [(120, 20.0), (120, 45), (450, 12), (450, 60)])
    func whatIsLateNowAndThenCostsNoDelay(phase: Double, kind: (keyframes: Int, late: Double)) {
        let camera = Camera(phase: phase, jitter: 1, keyframes: kind.keyframes, late: kind.late)
        let shown = play(camera, seconds: 300, isFollowed: true).second(20..<300)
        #expect(shown.steps.count { $0 != 1 } <= 4 * (280 * 30 / kind.keyframes + 1))
        #expect(shown.age < 12)
    }

    /// 25 ms late for once, 12 ms from the tick: two disturbed steps, and no delay.
    @Test(arguments: [false, true]) func aHiccupCostsAPictureAndNoDelay(isFollowed: Bool) {
        let camera = Camera(phase: 4.7, jitter: 1, keyframes: 1_200, late: 25)
        let shown = play(camera, seconds: 60, isFollowed: isFollowed)
        let before = shown.second(20..<39).age
        #expect(shown.second(20..<39).steps.allSatisfy { $0 == 1 })
        #expect(shown.second(39..<42).steps.filter { $0 != 1 } == [0, 2])
        #expect(abs(shown.second(41..<43).age - before) < 1)
        #expect(shown.second(41..<60).steps.allSatisfy { $0 == 1 })
    }

    /// From then on all of them are: they wait a period more, and none is left out.
    @Test(arguments: [false, true]) func aLineThatBecomesLongerLosesNoPicture(isAwaited: Bool) {
        let camera = Camera(phase: 4.7, jitter: 1, longerFrom: 900, longerBy: 20)
        let shown = play(camera, seconds: 60, isAwaited: isAwaited)
        #expect(shown.second(20..<60).steps.filter { $0 != 1 } == [0])
    }

    /// By more than a period: no tick waits for what is a period late.
    @Test(arguments: [60.0, 300]) func aDetourHoldsUpNoTick(longerBy: Double) {
        let camera = Camera(phase: 12, jitter: 1, longerFrom: 900, longerBy: longerBy)
        let shown = play(camera, seconds: 60, isFollowed: true)
        #expect(shown.second(20..<60).waits.count { $0 > 4 } < 60)
        #expect(shown.second(50..<60).steps.allSatisfy { $0 == 1 })
        #expect(shown.second(50..<60).age < 3)
    }

    /// Where pictures are lost one is shown twice, and that is all.
    @Test(arguments: [false, true]) func aPictureThatIsLostSetsNobodyBack(isFollowed: Bool) {
        let camera = Camera(phase: 12, jitter: 1, losses: 45)
        let shown = play(camera, seconds: 60, isAwaited: true, isFollowed: isFollowed).second(20..<60)
        let disturbed = shown.steps.filter { $0 != 1 }
        #expect(abs(disturbed.count - 2 * 40 * 30 / 45) <= 2, "\(disturbed)")
        #expect(shown.age < (isFollowed ? 2.5 : 7))
    }

    /// Ticks are at 16.7 ms of the beat. They wait for what comes late now and then; what always does waits for the next.
    @Test func noTickWaitsForWhoIsAlwaysLate() {
        let punctual = play(Camera(phase: 15, jitter: 0.5, keyframes: 60, late: 5), seconds: 60, isAwaited: true)
        #expect(punctual.second(20..<60).steps.allSatisfy { $0 == 1 })
        #expect(punctual.second(20..<60).age < 2.5)
        #expect((15...25).contains(punctual.second(20..<60).waits.count { $0 > 0 }))
        for phase in [18.0, 20, 22] {
            let late = play(Camera(phase: phase, jitter: 0.5), seconds: 60, isAwaited: true)
            #expect(late.second(20..<60).waits.allSatisfy { $0 == 0 })
            #expect(abs(late.second(20..<60).age - (50 - phase)) < 1)
        }
    }

    /// Two of 30 come 3.5 ms late: the tick waits for those, and the others do not wait for them.
    @Test func aTickThatWaitsForWhatIsLateStandsCloseToWhatIsNot() {
        let camera = Camera(phase: 10, jitter: 0.3, keyframes: 15, late: 3.5)
        let shown = play(camera, seconds: 60, isFollowed: true).second(20..<60)
        #expect(shown.steps.allSatisfy { $0 == 1 })
        #expect(shown.age < 1.5)
    }

    @Test func aSourceOfAnotherRhythmMovesNoTick() {
        let camera = Camera(phase: 8, jitter: 2, rate: 25)
        let followed = play(camera, seconds: 60, isFollowed: true)
        let alone = play(camera, seconds: 60, isAwaited: true)
        #expect(followed.second(30..<60).numbers == alone.second(30..<60).numbers)
    }

    @Test(arguments: [-100.0, 100], [false, true])
    func aDriftOfClocksCostsOnePictureInAPeriod(drift: Double, isAwaited: Bool) {
        // 100 ppm: a period of 33 ms in 333 s.
        let shown = play(Camera(phase: 3, jitter: 5, drift: drift), seconds: 1_000, isAwaited: isAwaited)
        #expect((1...(isAwaited ? 5 : 50)).contains(shown.steps.count { $0 != 1 }))
        #expect(shown.second(900..<1_000).age < 45)
    }

    @Test(arguments: [15, 60]) func aRateThatIsAMultipleHasOneRhythm(rate: Int) {
        for phase in Self.phases {
            // After the two windows in which it learns how soon it may show them.
            let steps = play(Camera(phase: phase, jitter: 2, rate: rate)).second(12..<40).steps
            let pairs = stride(from: 0, to: steps.count - 1, by: 2).map { steps[$0] + steps[$0 + 1] }
            #expect(pairs.count { $0 != rate / 15 } == 0)
        }
    }

    /// A camera of 15 Hz, or one of 30 at 60 ticks: each picture is shown by two ticks, and by the first as soon as may be.
    @Test(arguments: phases, [0.0, 5]) func aSlowerRhythmWaitsNoLonger(phase: Double, late: Double) {
        let camera = Camera(phase: phase, jitter: 0.5, rate: 15, keyframes: 15, late: late)
        let shown = play(camera, seconds: 60, isFollowed: true).second(20..<60)
        #expect(shown.steps.allSatisfy { (0...1).contains($0) })
        #expect(zip(shown.steps.dropFirst(), shown.steps).allSatisfy { $0 + $1 == 1 })
        let first = zip(shown.ages.dropFirst(), shown.steps).filter { $1 == 1 }.map(\.0)
        #expect(first.reduce(0, +) / Double(first.count) < 2, "\(first.prefix(20))")
        #expect(shown.waits.allSatisfy { $0 < 7.5 })
    }

    /// Each 45th is lost: the tick waits once for it, and for no other longer than that.
    @Test(arguments: phases) func aSlowerRhythmThatLosesPicturesIsNotWaitedForLong(phase: Double) {
        let camera = Camera(phase: phase, jitter: 0.5, rate: 15, losses: 45)
        let shown = play(camera, seconds: 60, isFollowed: true).second(20..<60)
        #expect(shown.waits.count { $0 > 3 } <= 2 * 40 * 15 / 45)
    }

    @Test func aRateThatIsNoneIsShownInTurn() {
        let steps = play(Camera(phase: 8, jitter: 3, rate: 25)).second(10..<40).steps
        #expect(steps.allSatisfy { (0...1).contains($0) })
        #expect(abs(steps.reduce(0, +) - 25 * 30) <= 1)
    }

    @Test func lipSyncHasItsDelayAndGivesItBack() {
        let shown = play(Camera(phase: 3), seconds: 60) { $0 > 20 && $0 < 30 ? .milliseconds(100) : .zero }
        #expect(shown.second(21..<30).ages.allSatisfy { (99...140).contains($0) })
        #expect(shown.steps.allSatisfy { $0 >= 0 })
        #expect(shown.second(45..<60).age < 37)
    }

    @Test func aStreamThatBeginsAnewIsShownAtOnce() {
        var sampler = PictureSampler(period: Self.period)
        var recent: [Shot] = []
        for count in 0..<60 {
            let now = Instant.zero + Self.period * count
            // Its timestamps begin anew, far behind, and far ahead, of what they were.
            let first: Int64 = count < 20 ? 1 << 30 : count < 40 ? 0 : 1 << 31
            recent.insert(
                Shot(number: count, timestamp: first + Int64(3_000 * count), decodedAt: now - .milliseconds(5)), at: 0)
            #expect(sampler.choose(from: recent.prefix(6), at: now) == 0)
        }
    }

    @Test func aSourceThatScattersMovesNoTick() {
        var random = SeededGenerator(seed: 7)
        var sampler = PictureSampler(period: Self.period)
        var count = 0
        /// The ticks' moves while 300 pictures come within so many ms of 10 ms before the tick.
        func moves(scatter: Double) -> [Interval] {
            (0..<300).map { _ in
                let due = Instant.zero + Self.period * count
                let age = 10 + Double.random(in: -scatter...scatter, using: &random)
                let came = due - Interval(nanoseconds: Int64(age * 1e6))
                let shot = Shot(number: count, timestamp: Int64(3_000 * count), decodedAt: came)
                count += 1
                _ = sampler.choose(from: [shot], at: due)
                return sampler.tickOffset ?? .zero
            }
        }
        // A camera's, as it is scheduled; a line's with 100 ms of jitter; and the camera's once more.
        #expect(moves(scatter: 5).suffix(200).allSatisfy { $0 != .zero })
        #expect(moves(scatter: 50).suffix(200).count { $0 != .zero } <= 20)
        #expect(moves(scatter: 5).suffix(200).allSatisfy { $0 != .zero })
    }
}
