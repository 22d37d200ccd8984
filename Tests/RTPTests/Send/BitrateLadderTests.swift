import Media
import RTP
import Testing

@Suite struct BitrateLadderTests {
    private static let nominal = Bitrate(bitsPerSecond: 1_000_000)

    private func estimate(_ share: Double) -> Bitrate { Bitrate(bitsPerSecond: Int(1_000_000 * share)) }

    /// The rung's index at the end of each of `seconds`, with the estimate given by `share`.
    private func run(_ ladder: inout BitrateLadder, from start: Int, seconds: Int, share: (Int) -> Double) -> [Int] {
        (start..<start + seconds).map { ladder.update(estimate(share($0)), at: .milliseconds(1000 * $0)).index }
    }

    @Test func `down at once, to the rung that fits`() {
        var ladder = BitrateLadder(nominal: Self.nominal)
        #expect(ladder.update(estimate(1), at: .zero).index == 0)
        #expect(ladder.update(estimate(0.4), at: .milliseconds(10)).index == 3)
    }

    @Test func `one move a second`() {
        var ladder = BitrateLadder(nominal: Self.nominal)
        #expect(ladder.update(estimate(0.8), at: .zero).index == 1)
        #expect(ladder.update(estimate(0.3), at: .milliseconds(900)).index == 1)
        #expect(ladder.update(estimate(0.3), at: .milliseconds(1000)).index == 4)
    }

    @Test func `the lowest rung is kept whatever the line carries`() {
        var ladder = BitrateLadder(nominal: Self.nominal)
        let rung = ladder.update(estimate(0.01), at: .zero)
        #expect(rung.index == 5 && rung.halvesFrameRate)
        #expect(rung.bitrate(of: Self.nominal).bitsPerSecond == 150_000)
        #expect(ladder.update(estimate(0.01), at: .milliseconds(5000)).index == 5)
    }

    /// Else the site gets no picture at all on the worst of lines.
    @Test(arguments: [32_000, 40_000, 53_000])
    func `the lowest rung of a small picture is one that encoders take`(rate: Int) {
        let nominal = Bitrate(bitsPerSecond: rate)
        var ladder = BitrateLadder(nominal: nominal)
        let rung = ladder.update(Bitrate(bitsPerSecond: 1_000), at: .zero)
        #expect(rung.index == 5 && rung.bitrate(of: nominal) == .leastPicture)
    }

    @Test func `up one rung after five seconds with a margin`() {
        var ladder = BitrateLadder(nominal: Self.nominal)
        _ = ladder.update(estimate(0.5), at: .zero)
        let close = run(&ladder, from: 1, seconds: 30) { _ in 0.8 }
        #expect(close.allSatisfy { $0 == 2 }, "0.8 is not 15 % above 0.7")
        let clear = run(&ladder, from: 31, seconds: 12) { _ in 1.2 }
        #expect(clear == [2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0])
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `a noisy estimate does not make it flap`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ladder = BitrateLadder(nominal: Self.nominal)
        _ = run(&ladder, from: 0, seconds: 600) { _ in Double.random(in: 0.63...0.77, using: &random) }
        #expect(ladder.moves.down <= 2 && ladder.moves.up == 0)
    }

    @Test func `each failed move up doubles the pause, to a minute`() {
        var ladder = BitrateLadder(nominal: Self.nominal)
        var ups: [Int] = []
        for second in 0..<400 {
            // The line carries 0.7; above, it fails 2 s after the move.
            let hasFailed = ladder.rung.index == 0 && second - (ups.last ?? -10) >= 2
            let before = ladder.rung.index
            _ = ladder.update(estimate(hasFailed ? 0.75 : 1.3), at: .milliseconds(1000 * second))
            if ladder.rung.index < before { ups.append(second) }
        }
        let gaps = zip(ups.dropFirst(), ups).map { $0 - $1 }
        #expect(gaps == [12, 22, 42, 62, 62, 62, 62, 62])
    }

    @Test func `a move up that holds ends the pause`() {
        var ladder = BitrateLadder(nominal: Self.nominal)
        _ = run(&ladder, from: 0, seconds: 10) { _ in 0.75 }
        _ = run(&ladder, from: 10, seconds: 6) { _ in 1.3 }
        _ = run(&ladder, from: 16, seconds: 1) { _ in 0.75 }
        #expect(ladder.moves.down == 2 && ladder.moves.up == 1)
        // Up after the doubled pause; it holds for longer than ten seconds.
        _ = run(&ladder, from: 17, seconds: 30) { _ in 1.3 }
        #expect(ladder.rung.index == 0)
        _ = run(&ladder, from: 47, seconds: 1) { _ in 0.75 }
        let again = run(&ladder, from: 48, seconds: 6) { _ in 1.3 }
        #expect(again == [1, 1, 1, 1, 1, 0])
    }

    @Test func `a site's own limit needs no margin`() {
        var ladder = BitrateLadder(nominal: Self.nominal)
        _ = ladder.update(estimate(1.5), limit: estimate(0.5), at: .zero)
        #expect(ladder.rung.index == 2)
        for second in 1...6 { _ = ladder.update(estimate(1.5), limit: estimate(0.7), at: .milliseconds(1000 * second)) }
        #expect(ladder.rung.index == 1)
        for second in 7...30 {
            _ = ladder.update(estimate(1.5), limit: estimate(0.99), at: .milliseconds(1000 * second))
        }
        #expect(ladder.rung.index == 1)
    }
}
