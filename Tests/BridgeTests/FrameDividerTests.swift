import Bridge
import Media
import Testing

@Suite struct FrameDividerTests {
    @Test(arguments: [(30, 30), (15, 15), (15, 30), (5, 60), (60, 60)], [-27.0, 27.0])
    func ticksThatMoveToFollowASourceCostNoPicture(rates: (rendition: Int, ticks: Int), slew: Double) {
        var divider = FrameDivider(frameRate: rates.rendition)
        let period = 90_000 / Double(rates.ticks) + slew
        let ticks = 600 * rates.ticks / rates.rendition
        let taken = (0..<ticks).filter { divider.takes(Int64(Double($0) * period)) }
        #expect((600...615).contains(taken.count))
        let distances = Set(zip(taken.dropFirst(), taken).map { $0 - $1 })
        // Where ticks move later there is room for one more now and then; none is ever left out.
        #expect(distances.max() == rates.ticks / rates.rendition)
    }

    @Test func aKeyframeComesByTheClockThoughPicturesAreDropped() {
        var budget = KeyframeBudget(longestDistance: .seconds(4))
        var keyframes: [Double] = []
        budget.request()
        // 12 of 30 pictures a second: an encoder that counts to 120 would take 10 s.
        for tick in 0..<150 {
            let now = Instant.zero + (Interval.seconds(1) / 12) * tick
            guard budget.grant(at: now) else { continue }
            keyframes.append((now - .zero).seconds)
            budget.sent(at: now)
        }
        #expect(keyframes.count == 4)
        #expect(zip(keyframes.dropFirst(), keyframes).allSatisfy { $0 - $1 < 4.1 })
    }

    @Test func theClockRestsForAMinuteWhereEverybodyAsks() {
        var budget = KeyframeBudget(longestDistance: .seconds(4))
        budget.sent(at: .zero)
        func grant(_ second: Double, allAsk: Bool) -> Bool {
            budget.grant(at: .zero + Interval(nanoseconds: Int64(second * 1e9)), allAsk: allAsk)
        }
        #expect(!grant(5, allAsk: true) && !grant(59, allAsk: true))
        #expect(grant(60, allAsk: true))
        #expect(grant(5, allAsk: false), "somebody came who does not")
        budget.request()
        #expect(grant(5, allAsk: true))
    }
}
