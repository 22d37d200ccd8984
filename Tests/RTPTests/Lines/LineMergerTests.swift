import Media
import RTP
import Testing

@Suite struct LineMergerTests {
    @Test func theFirstCopyPassesWhicheverLineBringsIt() {
        var bench = LineBench()
        for sequence in 0..<4000 {
            let (fast, slow): (Line, Line) = sequence % 100 < 50 ? (.first, .second) : (.second, .first)
            // From 65000 on: across the wrap of sequence numbers.
            #expect(bench.receive(fast, sequence: 65_000 + sequence, at: sequence * 20) == .pass)
            #expect(bench.receive(slow, sequence: 65_000 + sequence, at: sequence * 20 + 7) == .duplicate)
        }
        let statistics = bench.merger.statistics(at: .milliseconds(80_000))
        #expect(statistics.duplicates == 4000)
        #expect(statistics.lines.first.packets == 4000 && statistics.lines.second.packets == 4000)
        #expect(statistics.lines.first.lost == 0 && statistics.lines.second.lost == 0)
        #expect(statistics.lines.first.onlyHere == 0 && statistics.lines.second.onlyHere == 0)
        #expect(statistics.stale == 0)
    }

    @Test func halfASecondBehindAtAThousandPacketsASecond() {
        var bench = LineBench()
        for time in 0..<5000 {
            #expect(bench.receive(.first, sequence: time, timestamp: time * 90, at: time) == .pass)
            guard time >= 500 else { continue }
            #expect(bench.receive(.second, sequence: time - 500, timestamp: (time - 500) * 90, at: time) == .duplicate)
        }
        _ = bench.events(at: 5000)
        let statistics = bench.merger.statistics(at: .milliseconds(5000))
        #expect(statistics.skew == .milliseconds(500))
        #expect(statistics.requiredWait == .milliseconds(500))
    }

    @Test func aGapOfOneLineIsFilledByTheOther() {
        var bench = LineBench()
        for sequence in 0..<200 {
            if sequence % 10 != 3 { #expect(bench.receive(.first, sequence: sequence, at: sequence * 20) == .pass) }
            let expected: LineMerger.Verdict = sequence % 10 == 3 ? .pass : .duplicate
            #expect(bench.receive(.second, sequence: sequence, at: sequence * 20 + 1) == expected)
        }
        // Silence is no loss; what came last still has time to be doubled.
        let statistics = bench.merger.statistics(at: .milliseconds(4000))
        #expect(statistics.lines.first.lost == 20)
        #expect(statistics.lines.second.lost == 0)
        #expect((16...18).contains(statistics.lines.second.onlyHere))
        #expect(statistics.lines.first.onlyHere == 0)
    }

    @Test func aRestartIsNeitherHiddenNorDoubled() {
        var bench = LineBench()
        // The new stream has sequence numbers of the old one, of all distances, and other timestamps.
        for (round, jump) in [-50, -300, -2000, 5, 20_000, -20_000, 0].enumerated() {
            let first = round * 100_000
            let start = round * 20_000
            for sequence in 0..<500 {
                let expected = first + sequence
                _ = bench.receive(
                    .first, sequence: expected, timestamp: start * 90 + sequence * 900, at: start + sequence * 10)
                guard sequence >= 20 else { continue }
                #expect(
                    bench.receive(
                        .second, sequence: expected - 20, timestamp: start * 90 + (sequence - 20) * 900,
                        at: start + sequence * 10 + 1) == .duplicate)
            }
            let again = first + 500 + jump
            let timestamp = 1_000_000_000 + round * 300_000_000
            for index in 0..<60 {
                let time = start + 5000 + index * 10
                #expect(
                    bench.receive(.first, sequence: again + index, timestamp: timestamp + index * 900, at: time)
                        == .pass)
                // The second line still brings the end of the old stream, then the new one.
                let old = index < 20
                let copy = old ? first + 480 + index : again + index - 20
                let stamp = old ? start * 90 + (480 + index) * 900 : timestamp + (index - 20) * 900
                #expect(bench.receive(.second, sequence: copy, timestamp: stamp, at: time + 1) == .duplicate)
            }
        }
    }

    @Test func whatOnlyTheSlowLineBroughtBeforeARestartIsStaleAfterIt() {
        var bench = LineBench()
        for sequence in 0..<100 { _ = bench.receive(.first, sequence: sequence, at: sequence * 10) }
        for sequence in 0..<90 { _ = bench.receive(.second, sequence: sequence, at: 900 + sequence) }
        #expect(bench.receive(.first, sequence: 30_000, at: 1010) == .pass)
        #expect(bench.receive(.first, sequence: 30_001, at: 1020) == .pass)
        // Lost on the first line: two in order of the old stream, that the session would take for a restart.
        for sequence in 100..<110 { #expect(bench.receive(.second, sequence: sequence, at: 1021) == .stale) }
        #expect(bench.receive(.second, sequence: 30_000, at: 1100) == .duplicate)
        #expect(bench.receive(.first, sequence: 30_002, at: 1100) == .pass)
        #expect(bench.receive(.second, sequence: 30_002, at: 1110) == .duplicate)
        #expect(bench.receive(.second, sequence: 30_003, at: 1110) == .pass)
        // Ten before the restart and one after it; the restart itself is no loss.
        #expect(bench.merger.statistics(at: .milliseconds(1110)).lines.second.lost == 11)
    }

    @Test func whatAStallOfOneLineHeldBackIsNoRestart() {
        var bench = LineBench()
        for sequence in 0..<200 {
            _ = bench.receive(.first, sequence: sequence, at: sequence * 20)
            _ = bench.receive(.second, sequence: sequence, at: sequence * 20)
        }
        // For a minute only the first line; it loses every second packet.
        for sequence in stride(from: 200, to: 3200, by: 2) {
            #expect(bench.receive(.first, sequence: sequence, at: sequence * 20) == .pass)
        }
        for sequence in 200..<3098 {
            let verdict = bench.receive(.second, sequence: sequence, at: 64_000)
            #expect(verdict == .stale, "packet \(sequence)")
        }
        #expect(bench.receive(.second, sequence: 3199, at: 64_001) == .pass)
        #expect(bench.receive(.first, sequence: 3200, at: 64_002) == .pass)
        #expect(bench.receive(.second, sequence: 3200, at: 64_003) == .duplicate)
    }

    @Test func aLineThatGoesOnAloneIsBelievedWithinASecond() {
        var bench = LineBench()
        for sequence in 0..<100 {
            _ = bench.receive(.first, sequence: sequence, at: sequence * 20)
            _ = bench.receive(.second, sequence: sequence, at: sequence * 20)
        }
        // Two strays make the stream begin anew; then the first line is dead.
        #expect(bench.receive(.first, sequence: 40_000, at: 2000) == .pass)
        #expect(bench.receive(.first, sequence: 40_001, at: 2000) == .pass)
        var passed = 0
        for sequence in 100..<200 {
            if bench.receive(.second, sequence: sequence, at: sequence * 20) == .pass { passed += 1 }
        }
        #expect((45...50).contains(passed))
    }

    @Test func aSenderThatBeginsAnewWithTheVerySameNumbersIsHeard() {
        var bench = LineBench()
        for round in 0..<3 {
            for sequence in 0..<500 {
                let time = round * 15_000 + sequence * 20
                #expect(bench.receive(.first, sequence: sequence, at: time) == .pass)
                #expect(bench.receive(.second, sequence: sequence, at: time + 5) == .duplicate)
            }
        }
    }

    @Test func anotherSSRCIsAnotherStream() {
        var bench = LineBench()
        for ssrc: UInt32 in 1...20 {
            for sequence in 0..<50 {
                let time = Int(ssrc) * 1500 + sequence * 20
                #expect(bench.receive(.first, ssrc: ssrc, sequence: sequence, at: time) == .pass)
                #expect(bench.receive(.second, ssrc: ssrc, sequence: sequence, at: time + 5) == .duplicate)
            }
        }
    }

    @Test func aFloodOfSSRCsFindsNoPlaceAndTheStreamKeepsItsOwn() {
        var bench = LineBench()
        for sequence in 0..<200 {
            #expect(bench.receive(.first, sequence: sequence, at: sequence * 20) == .pass)
            for stranger in 0..<100 {
                let ssrc = UInt32(1_000_000 + sequence * 100 + stranger)
                #expect(bench.receive(.first, ssrc: ssrc, sequence: 1, at: sequence * 20) == .pass)
            }
            #expect(bench.receive(.second, sequence: sequence, at: sequence * 20 + 5) == .duplicate)
        }
        #expect(bench.merger.statistics(at: .milliseconds(4000)).untracked > 19_900)
    }

    @Test func linesDieAndComeBack() {
        var bench = LineBench()
        #expect(bench.events(at: 0) == [])
        #expect(bench.merger.deadline == .distantFuture)
        _ = bench.receive(.first, sequence: 0, at: 100)
        #expect(bench.events(at: 100) == [.alive(.first)])
        // The second one never came.
        #expect(bench.merger.deadline == .milliseconds(1100))
        for time in stride(from: 200, to: 1100, by: 100) { _ = bench.receive(.first, sequence: time / 100, at: time) }
        #expect(bench.events(at: 1099) == [])
        #expect(bench.events(at: 1100) == [.dead(.second)])
        #expect(bench.merger.deadline == .milliseconds(2000))
        _ = bench.receive(.second, sequence: 9, at: 1500)
        #expect(bench.events(at: 1500) == [.alive(.second)])
        #expect(bench.merger.statistics(at: .milliseconds(1500)).lines.second.isAlive)
        #expect(bench.events(at: 2000) == [.dead(.first)])
        // RTCP is life too.
        _ = bench.receive(.second, hex("81 C9 0001 00000001"), at: 2400)
        #expect(bench.events(at: 2500) == [])
        #expect(bench.events(at: 3400) == [.dead(.second)])
        #expect(bench.merger.deadline == .distantFuture)
        #expect(!bench.merger.statistics(at: .milliseconds(3400)).lines.second.isAlive)
    }

    @Test(arguments: [-700, -200, -31, 0, 30, 200, 700])
    func theWaitIsForTheSlowerLine(skew: Int) {
        var bench = LineBench()
        for index in 0..<400 {
            let (a, b): (Line, Line) = skew >= 0 ? (.first, .second) : (.second, .first)
            _ = bench.receive(a, sequence: index + 100, at: index * 20)
            _ = bench.receive(b, sequence: index + 100 - abs(skew) / 20, at: index * 20 + abs(skew) % 20)
            _ = bench.events(at: index * 20)
        }
        let statistics = bench.merger.statistics(at: .milliseconds(8000))
        #expect(abs((statistics.skew ?? .zero).milliseconds - Double(skew)) <= 2)
        #expect(abs(statistics.largestSkew.milliseconds - Double(abs(skew))) <= 2)
        let wait = bench.merger.requiredWait.milliseconds
        switch abs(skew) {
        case 0: #expect(wait == 0)
        // Too late for anything: waiting would be in vain.
        case 700: #expect(wait == 0)
        default: #expect(wait >= Double(abs(skew)) && wait <= Double(abs(skew)) + 4)
        }
    }

    @Test(arguments: [(3, 0.0), (1, 102.0)])
    func aWaitThatIsMostlyInVainIsNone(hopeless: Int, expected: Double) {
        // So many of four packets are 700 ms late by the second line, the others 100 ms.
        var bench = LineBench()
        for index in 0..<400 {
            let time = 1000 + index * 20
            _ = bench.receive(.first, sequence: index + 100, at: time)
            if index >= 35, index % 4 < hopeless { _ = bench.receive(.second, sequence: index + 65, at: time) }
            if index >= 5, (index - 5) % 4 >= hopeless { _ = bench.receive(.second, sequence: index + 95, at: time) }
            _ = bench.events(at: time)
        }
        #expect(bench.merger.requiredWait.milliseconds == expected)
    }

    @Test func theWaitEndsWithTheLine() {
        var bench = LineBench()
        for index in 0..<100 {
            _ = bench.receive(.first, sequence: index + 10, at: index * 20)
            _ = bench.receive(.second, sequence: index, at: index * 20)
            _ = bench.events(at: index * 20)
        }
        #expect(bench.merger.requiredWait > .milliseconds(199))
        for index in 100..<200 {
            _ = bench.receive(.second, sequence: index, at: index * 20)
            _ = bench.events(at: index * 20)
        }
        #expect(bench.merger.requiredWait == .zero)
        #expect(bench.merger.gapWait(at: .milliseconds(4000)) == .zero)
        #expect(bench.merger.statistics(at: .milliseconds(4000)).skew == nil)
        // The first line is back, nobody knows how far ahead.
        _ = bench.receive(.first, sequence: 240, at: 4000)
        _ = bench.events(at: 4000)
        #expect(bench.merger.gapWait(at: .milliseconds(4000)) == LineMerger.longestWait)
        #expect(bench.merger.requiredWait == .zero)
        for index in 240..<260 { _ = bench.receive(.second, sequence: index - 20, at: index * 20) }
        #expect(bench.merger.gapWait(at: .milliseconds(6000)) == .zero)
    }

    @Test func rtcpComesOnce() {
        var bench = LineBench()
        let pli = hex("81 CE 0002 00000001 0A0B0C0D")
        #expect(bench.receive(.first, pli, at: 0) == .pass)
        #expect(bench.receive(.second, pli, at: 200) == .duplicate)
        // Said again, and only the second line brings it.
        #expect(bench.receive(.second, pli, at: 400) == .pass)
        #expect(bench.receive(.first, pli, at: 500) == .duplicate)
        #expect(bench.receive(.first, pli, at: 600) == .pass)
        #expect(bench.receive(.first, hex("81 CE 0002 00000001 0A0B0C0E"), at: 610) == .pass)
        // A second later it is another message.
        #expect(bench.receive(.second, pli, at: 1000) == .pass)
        #expect(bench.merger.statistics(at: .milliseconds(1000)).controlDuplicates == 2)
    }

    @Test func aFloodOfRTCPAndGarbageIsPassedAndForgotten() {
        var bench = LineBench()
        for index in 0..<10_000 {
            let body = hex("80 C9 0001") + withUnsafeBytes(of: UInt32(index).bigEndian) { Array($0) }
            #expect(bench.receive(.first, body, at: index / 10) == .pass)
        }
        for size in 0..<12 { #expect(bench.receive(.second, [UInt8](repeating: 0x80, count: size), at: 1000) == .pass) }
        // Garbage is no sign of life.
        #expect(!bench.merger.statistics(at: .milliseconds(1000)).lines.second.isAlive)
    }

    @Test func anythingMayComeInAnyOrder() {
        var bench = LineBench()
        var random = SeededGenerator(seed: 7)
        var now = 0
        for _ in 0..<200_000 {
            now += Int.random(in: 0...3, using: &random)
            let base = Int.random(in: 0...3, using: &random) * 20_000
            _ = bench.receive(
                Bool.random(using: &random) ? .first : .second, ssrc: UInt32.random(in: 0...7, using: &random),
                sequence: base + Int.random(in: 0...9000, using: &random),
                timestamp: Int(UInt32.random(in: 0 ... .max, using: &random)), at: now)
            _ = bench.events(at: now)
        }
        let statistics = bench.merger.statistics(at: .milliseconds(now))
        #expect(statistics.lines.first.packets + statistics.lines.second.packets == 200_000)
    }
}
