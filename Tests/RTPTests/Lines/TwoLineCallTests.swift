import Media
import RTP
import TestSupport
import Testing

/// What reaches the eye and the ear of a site with two lines.
@Suite struct TwoLineCallTests {
    typealias Line = VirtualNetwork.Line

    private func line(_ latency: Int, jitter: Int = 0, loss: Double = 0) -> Line {
        Line(latency: .milliseconds(latency), jitter: .milliseconds(jitter), loss: loss)
    }

    @Test func tenPercentLostOnEachLineAreOneTogether() {
        var lines = TwoLines(seed: 3, first: line(20, jitter: 10, loss: 0.1), second: line(60, jitter: 10, loss: 0.1))
        let count = 20_000
        for number in 0..<count {
            let now = Instant.milliseconds(number * 5)
            lines.send(TwoLines.packet(sequence: number, timestamp: number * 450, payload: [1]), at: now)
            while lines.receive(by: now) != nil {}
        }
        while lines.receive(by: .milliseconds(count * 5 + 500)) != nil {}
        let residual = Double(count - lines.session.statistics.packets) / Double(count)
        #expect(abs(residual - 0.01) < 0.003, "residual loss \(residual)")
        #expect(lines.session.statistics.duplicate == 0)
        #expect(lines.streamChanges == 1)
        let statistics = lines.merger.statistics(at: .milliseconds(count * 5))
        for line in RTP.Line.allCases {
            #expect(abs(Double(statistics.lines[line].lost) / Double(count) - 0.1) < 0.01)
            #expect(abs(Double(statistics.lines[line].onlyHere) / Double(count) - 0.09) < 0.01)
        }
        #expect(abs((statistics.skew ?? .zero).milliseconds - 40) <= 4)
        #expect((40...52).contains(statistics.requiredWait.milliseconds))
    }

    @Test(arguments: [(20, 20), (20, 220), (220, 20), (50, 30)])
    func everyPictureIsShownWhicheverLineDies(latencies: (Int, Int)) {
        var call = TwoLineVideoCall(first: line(latencies.0, jitter: 5), second: line(latencies.1, jitter: 5))
        call.run(milliseconds: 5_000)
        call.lines.isCut.first = true
        call.run(milliseconds: 5_000)
        call.lines.isCut.first = false
        call.run(milliseconds: 5_000)
        call.lines.isCut.second = true
        call.run(milliseconds: 5_000)
        call.lines.isCut.second = false
        call.run(milliseconds: 5_000)
        let events = Array(call.lines.events.suffix(4))
        #expect(events == [.dead(.first), .alive(.first), .dead(.second), .alive(.second)])
        call.drain()
        #expect(call.passed == call.sent)
        #expect(call.requests == 0)
        #expect(call.lost == 0)
        #expect(call.lines.streamChanges == 1)
        // The change to the slower line is seen once, by as much as it is slower.
        #expect(call.longestGap < .milliseconds(34 + 10 + abs(latencies.0 - latencies.1)))
    }

    @Test func whatOneLineLosesTheSlowerOneBringsInTime() {
        var call = TwoLineVideoCall(seed: 5, first: line(20), second: line(150, jitter: 20))
        call.run(milliseconds: 3_000)
        call.lines[.first] = line(20, loss: 0.3)
        call.run(milliseconds: 60_000)
        call.drain()
        #expect(call.passed == call.sent)
        #expect(call.requests == 0)
    }

    @Test(arguments: [(20, 20), (20, 220), (220, 20), (60, 20)])
    func noSoundIsConcealedWhicheverLineDies(latencies: (Int, Int)) {
        let skew = abs(latencies.0 - latencies.1)
        var call = TwoLineAudioCall(
            first: line(latencies.0), second: line(latencies.1), delay: .milliseconds(20 + 20 + skew))
        call.run(milliseconds: 5_000)
        call.measure()
        for line in RTP.Line.allCases {
            call.lines.isCut[line] = true
            call.run(milliseconds: 5_000)
            call.lines.isCut[line] = false
            call.run(milliseconds: 5_000)
        }
        #expect(call.broken == 0)
        #expect(call.played == 1000)
        #expect(call.lost == 0)
    }

    @Test func theJitterBufferIsToldHowLateTheSlowerLineIs() {
        var call = TwoLineAudioCall(first: line(20), second: line(120), delay: .milliseconds(140))
        call.run(milliseconds: 2_000)
        #expect(call.lines.copies.count > 90)
        let base: Int64 = 1 << 32
        for copy in call.lines.copies {
            let sent = Instant.milliseconds(Int(copy.timestamp - base) / 48)
            #expect(copy.arrival - sent == .milliseconds(120))
        }
    }

    @Test(arguments: [nil, 0x2222_2222] as [UInt32?])
    func aSenderThatBeginsAnewDoesSoOnce(newSSRC: UInt32?) {
        var lines = TwoLines(seed: 9, first: line(20, loss: 0.1), second: line(180, jitter: 30, loss: 0.1))
        var received: [Int] = []
        for number in 0..<3000 {
            let now = Instant.milliseconds(number * 10)
            let isNew = number >= 1500
            let sequence = isNew ? 50_000 + number : number
            let timestamp = isNew ? 3_000_000_000 + number * 900 : number * 900
            lines.send(
                TwoLines.packet(
                    ssrc: isNew ? newSSRC ?? 0x1111_1111 : 0x1111_1111, sequence: sequence, timestamp: timestamp,
                    payload: [UInt8(number >> 8), UInt8(number & 0xFF)]),
                at: now)
            while let arrival = lines.receive(by: now) {
                guard case .media(let header, _, _) = arrival.reception else { continue }
                let payload = arrival.datagram[header.payload]
                received.append(Int(payload[payload.startIndex]) << 8 | Int(payload[payload.startIndex + 1]))
            }
        }
        #expect(lines.streamChanges == 2)
        #expect(Set(received).count == received.count)
        let first = received.firstIndex { $0 >= 1500 } ?? 0
        #expect(received[first...].allSatisfy { $0 >= 1500 })
        // The session waits for 300 ms of silence before another SSRC takes over, which the slow line prolongs.
        #expect(received[first] <= (newSSRC == nil ? 1505 : 1560))
        #expect(received.count > 2850)
    }
}
