import Media
import RTP
import Testing

@Suite struct FecRateTests {
    @Test(arguments: [(0, 0), (0.004, 0), (0.005, 0.01), (0.05, 0.1), (0.25, 0.5), (0.6, 0.5), (1, 0.5)])
    func `twice the loss, from half a percent up to a half`(loss: Double, overhead: Double) {
        #expect(FecRate.overhead(forLoss: loss) == overhead)
        var rate = FecRate()
        rate.update(fractionLost: loss, at: .zero)
        #expect(rate.overhead == overhead)
    }

    @Test func `up at once, down by half in five seconds, to nothing in the end`() {
        var rate = FecRate()
        for second in 0..<10 { rate.update(fractionLost: second == 4 ? 0.2 : 0, at: .zero + .seconds(second)) }
        #expect(rate.loss > 0.1 && rate.loss < 0.13)
        rate.update(fractionLost: 0.15, at: .zero + .seconds(10))
        #expect(rate.loss == 0.15)
        rate.update(fractionLost: 0, at: .zero + .seconds(40))
        #expect(rate.overhead == 0)
        rate.update(fractionLost: 0, at: .zero + .seconds(1_000_000))
        #expect(rate.loss == 0)
    }

    @Test(arguments: [Double.nan, .infinity, -1]) func `what is no share counts as none`(fraction: Double) {
        var rate = FecRate()
        rate.update(fractionLost: fraction, at: .zero)
        rate.update(fractionLost: fraction, at: .zero + .seconds(-1))
        #expect(rate.overhead == 0)
    }
}
