import Bridge
import Conference
import Media
import Testing

@Suite struct EncodingTests {
    @Test(arguments: [(30, 30, 300), (15, 30, 150), (10, 30, 100), (25, 30, 250), (30, 15, 150), (7, 30, 70)])
    func aRenditionTakesItsShareOfTheTicks(rate: Int, ticks: Int, expected: Int) {
        var divider = FrameDivider(frameRate: rate)
        let count = (0..<10 * ticks).count { divider.takes(Int64($0 * 90_000 / ticks)) }
        #expect(abs(count - expected) <= 1)
    }

    @Test func afterAPauseTheDividerDoesNotCatchUp() {
        var divider = FrameDivider(frameRate: 15)
        let first = divider.takes(0)
        #expect(first)
        // Ten seconds later: one picture, then every second tick again.
        let taken = (0..<30).count { divider.takes(900_000 + Int64($0 * 3_000)) }
        #expect((15...16).contains(taken))
    }

    @Test func oneSiteAskingAllTheTimeCostsAKeyframeASecond() {
        var budget = KeyframeBudget()
        var granted = 0
        for tick in 0..<300 {
            let now = Instant.zero + (Interval.seconds(1) / 30) * tick
            budget.request()
            if budget.grant(at: now) {
                granted += 1
                budget.sent(at: now)
            }
        }
        #expect((9...10).contains(granted))
    }

    @Test func requestsBeforeAKeyframeAreOne() {
        var budget = KeyframeBudget()
        for _ in 0..<5 { budget.request() }
        let first = budget.grant(at: .zero)
        budget.sent(at: .zero)
        let second = budget.grant(at: .zero + .seconds(5))
        #expect(first && !second)
    }

    @Test func aKeyframeOfTheEncodersOwnScheduleAnswersRequests() {
        var budget = KeyframeBudget()
        budget.request()
        budget.sent(at: .zero)
        let granted = budget.grant(at: .zero + .seconds(3))
        #expect(!granted)
    }

    @Test func aPictureThatCouldNotBeSentIsFollowedByAKeyframe() {
        var budget = KeyframeBudget()
        budget.sent(at: .zero)
        budget.lost(isKeyframe: false, at: .zero + .milliseconds(33))
        let next = budget.grant(at: .zero + .milliseconds(66), allAsk: true)
        #expect(next)
    }

    @Test func keyframesThatAreTooLargeAreTriedOnceASecond() {
        var budget = KeyframeBudget()
        budget.sent(at: .zero)
        budget.lost(isKeyframe: false, at: .zero)
        var tried = 0
        for tick in 1...300 {
            let now = Instant.zero + (Interval.seconds(1) / 30) * tick
            guard budget.grant(at: now) else { continue }
            tried += 1
            budget.lost(isKeyframe: true, at: now)
        }
        #expect((9...11).contains(tried))
    }

    @Test func anEncoderThatGivesNothingTenTimesInARowIsGivenUp() {
        var watch = EncoderWatch()
        let verdicts = (0..<20).map { _ in watch.note(isLost: true) }
        // And the next one has as many tries.
        #expect(verdicts.indices.filter { verdicts[$0] } == [9, 19])
    }

    @Test func anEncoderThatGivesAPictureNowAndThenIsKept() {
        var watch = EncoderWatch()
        let isGivenUp = (0..<100).contains { watch.note(isLost: $0 % 10 != 0) }
        #expect(!isGivenUp)
    }

    /// Else what gives way to save work adds an encoder.
    @Test(arguments: Concession.allCases) func whatIsRecordedGivesWayAsWhatIsSentButInItsSize(concession: Concession) {
        let size = Size(width: 1280, height: 720)
        let nominal = Rendition(
            of: VideoPlan(
                port: 5_002, accepts: [:], size: size, frameRate: 30, bitrate: Bitrate(bitsPerSecond: 1_500_000)))
        var (sent, recorded) = (nominal, nominal)
        sent.concede(concession)
        recorded.concede(recording: concession)
        #expect(recorded.size == size)
        #expect((recorded == sent) == (concession < .size))
    }

    @Test func ratesAreThoseOfTheLastWholeSecond() {
        var meter = RateMeter()
        for count in 0...90 { meter.add(1000, at: .zero + (Interval.seconds(1) / 30) * count) }
        let now = Instant.zero + .seconds(3)
        #expect(abs(meter.eventsPerSecond(at: now) - 30) < 1.1)
        #expect(abs(meter.amountPerSecond(at: now) - 30_000) < 1_100)
        #expect(meter.eventsPerSecond(at: now + .seconds(10)) == 0)
    }
}

/// What one site may cost the others.
@Suite struct KeyframeAllowanceTests {
    @Test func aStormCostsNoMoreThanTheEncodersOwnKeyframes() {
        var allowance = KeyframeAllowance(refill: .seconds(4))
        // 20 requests a second for a minute: two at the beginning, then one in four seconds.
        let granted = (0..<1200).count { allowance.take(at: .zero + .seconds(100) + .milliseconds(50) * $0) }
        #expect((16...17).contains(granted))
        #expect(allowance.refused == 1200 - granted)
    }

    /// The two together, as a shared encoder has them: what 1000 PLI/s of one site cost those who watch the same.
    @Test func aThousandRequestsASecondCostTheGroupTwoKeyframesAndThenNoneBeyondItsOwn() {
        var allowance = KeyframeAllowance(refill: .seconds(4))
        var budget = KeyframeBudget(longestDistance: .seconds(4))
        var keyframes: [Instant] = []
        for millisecond in 0..<60_000 {
            let now = Instant.zero + .seconds(100) + .milliseconds(millisecond)
            if allowance.take(at: now) { budget.request() }
            guard millisecond % 33 == 0, budget.grant(at: now) else { continue }
            keyframes.append(now)
            budget.sent(at: now)
        }
        #expect((15...17).contains(keyframes.count), "one in four seconds, as without the storm")
        #expect(zip(keyframes.dropFirst(), keyframes).allSatisfy { $0 - $1 >= .seconds(1) })
    }

    @Test func aSiteThatLosesNowAndThenIsHeardEachTime() {
        var allowance = KeyframeAllowance(refill: .seconds(4))
        let granted = (0..<20).count { allowance.take(at: .zero + .seconds(5) * $0) }
        #expect(granted == 20)
    }
}

@Suite struct RateRequestTests {
    private static let whole = 1280 * 720

    @Test func aSmallCellIsAskedForLessOnlyAfterAWhile() {
        var request = RateRequest()
        let large = request.update(area: Self.whole, at: .zero)
        let stillLarge = request.update(area: Self.whole / 16, at: .zero + .seconds(1))
        let small = request.update(area: Self.whole / 16, at: .zero + .seconds(7))
        #expect(large == stillLarge && small.bitsPerSecond < large.bitsPerSecond / 4)
        #expect(small.bitsPerSecond >= 256_000)
    }

    @Test func aCellThatGrowsIsServedAtOnce() {
        var request = RateRequest()
        let small = request.update(area: Self.whole / 9, at: .zero)
        let large = request.update(area: Self.whole, at: .zero + .milliseconds(500))
        #expect(large > small)
    }

    @Test func aCellThatIsSmallForAMomentChangesNothing() {
        var request = RateRequest()
        let large = request.update(area: Self.whole, at: .zero)
        _ = request.update(area: 0, at: .zero + .seconds(1))
        _ = request.update(area: Self.whole, at: .zero + .seconds(3))
        let after = request.update(area: 0, at: .zero + .seconds(7))
        #expect(after == large)
    }
}
