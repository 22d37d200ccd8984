import Bridge
import Media
import Testing

@Suite struct TickPlaceTests {
    private static let period = Interval.milliseconds(33)

    /// Cells of these areas, whose pictures wait so many ms longer than they must.
    private func cells(_ spares: [Double?], areas: [Int]? = nil) -> [TickPlace.Cell] {
        spares.enumerated().map { index, spare in
            TickPlace.Cell(
                area: areas?[index] ?? 1, spare: spare.map { .microseconds(Int(1_000 * $0)) }, step: Self.period)
        }
    }

    private func choice(_ spares: [Double?], areas: [Int]? = nil, current: Int? = nil) -> Int? {
        var place = TickPlace()
        return place.choose(among: cells(spares, areas: areas), current: current, at: .zero)
    }

    @Test func inAGridTheTickStandsBehindThoseThatComeTogether() {
        // Three come within 2 ms, and one 14 ms after them: behind that one three would wait for 14 ms, behind them one for 19.
        #expect(choice([30, 16, 31, 32]) == 0)
    }

    @Test func whoeverFillsMostOfTheCanvasIsFollowed() {
        #expect(choice([30, 16, 31, 32], areas: [1, 9, 1, 1]) == 1)
    }

    @Test func whomNoPlaceSuitsBetterIsNotAsked() {
        #expect(choice([nil, 16, nil]) == 1)
        #expect(choice([nil, nil]) == nil)
        #expect(choice([]) == nil)
        // It scatters all over the period since a while.
        #expect(choice([nil, 16], current: 0) == 1)
    }

    @Test func itStaysWhereAnotherPlaceIsHardlyBetter() {
        #expect(choice([0, 8, 8], current: 0) == 0)
        #expect(choice([0, 32, 32], current: 0) == 1)
        // So little before its place will do for the first.
        #expect(choice([32.7, 0, 1], current: 1) == 1)
    }

    @Test func itIsMovedLessAndLessOften() {
        var place = TickPlace()
        // While nobody is there it looks, and that is no rest.
        for _ in 0..<20 { _ = place.choose(among: cells([nil, nil, nil]), current: nil, at: .zero) }
        let (first, second) = (cells([0, 32, 32]), cells([32, 0, 0]))
        /// When it goes from one place to the other, while the sites make it do so each time it looks.
        var moves: [Double] = []
        var current = place.choose(among: first, current: nil, at: .zero)
        for tick in 1..<900 {
            let at = Interval.milliseconds(33) * tick
            let next = place.choose(among: current == 0 ? first : second, current: current, at: .zero + at)
            if next != current { moves.append(at.milliseconds) }
            current = next
        }
        // It looks after 0.5, 1, 2, 4 and then every 5 s.
        let rests = zip(moves, [0] + moves).map { $0 - $1 }
        let expected = [500.0, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]
        #expect(zip(rests, expected).allSatisfy { abs($0 - $1) < 34 })
        #expect(rests.count == expected.count)
        // Whoever it followed has gone.
        #expect(place.choose(among: cells([16, 0]), current: nil, at: .zero + .seconds(30)) == 1)
    }
}
