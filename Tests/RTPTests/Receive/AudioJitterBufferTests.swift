import Media
import RTP
import TestSupport
import Testing

@Suite struct AudioJitterBufferTests {
    typealias Line = VirtualNetwork.Line

    @Test(arguments: [120, 240, 480, 960, 1920, 2880])
    func aSteadyStreamPlaysEveryPacketOnce(duration: Int) {
        var call = AudioCall(seed: 1, line: Line(), duration: duration)
        call.run(milliseconds: 600_000)
        let played = call.heard.drop { $0 == .waiting }
        // Playing begins no deeper than it must: of short packets the very first ones may be left out.
        guard case .packet(let first) = played.first else {
            Issue.record("nothing was played")
            return
        }
        #expect(first * duration <= 960)
        let isWhole = played.elementsEqual((first..<first + played.count).map { .packet($0) })
        #expect(isWhole)
        #expect(call.packetsSent - played.count <= 8 + 4800 / duration)
        #expect(call.heard.prefix { $0 == .waiting }.count < 8)
        // The line, a tick of the mix, a packet and what the phases of the two leave.
        let most = Interval.milliseconds(20 + 20 + 20 + duration / 48)
        #expect((call.delays.max() ?? .zero) <= most)
    }

    @Test func jitterIsTakenUpAndHardlyHeard() {
        var call = AudioCall(seed: 2, line: Line(jitter: .milliseconds(60)))
        call.run(milliseconds: 10_000)
        call.measure()
        call.run(milliseconds: 590_000)
        let broken = call.count { $0 == .conceal || $0 == .waiting }
        #expect(broken < 295)
        let longest: Interval = call.delays.max() ?? .zero
        #expect(longest < .milliseconds(160), "20 of a packet, 60 of jitter, 80")
        #expect(call.statistics.lost == 0)
    }

    @Test func aBurstRaisesTheDelayAndItComesBackWithinFiveSeconds() {
        var call = AudioCall(seed: 3, line: Line())
        call.run(milliseconds: 5_000)
        let before = call.delays.last!
        call.network.line = Line(jitter: .milliseconds(150))
        call.run(milliseconds: 3_000)
        #expect(call.statistics.target > .milliseconds(100))
        #expect(call.delays.suffix(20).max()! > before + .milliseconds(60))
        call.network.line = Line()
        call.run(milliseconds: 5_000)
        #expect(call.delays.last! <= before + .milliseconds(20))
        #expect(call.statistics.target <= .milliseconds(40))
        call.measure()
        call.run(milliseconds: 5_000)
        #expect(call.count { if case .packet = $0 { false } else { true } } <= 1)
    }

    @Test func fiveSecondsHeldBackAndReleasedAtOnceAreGoneInTwo() {
        var call = AudioCall(seed: 4, line: Line())
        call.run(milliseconds: 5_000)
        let before = call.delays.last!
        call.network.line = Line(latency: .seconds(5))
        call.run(milliseconds: 20)
        call.network.line = Line()
        call.run(milliseconds: 4_980)
        #expect(call.statistics.delay == .zero)
        call.run(milliseconds: 1_000)
        #expect(call.delays.last! <= before + .milliseconds(220))
        #expect(call.statistics.skipped > .seconds(4))
        call.run(milliseconds: 6_000)
        #expect(call.delays.last! <= before + .milliseconds(40))
    }

    @Test func oneLostPacketIsRecoveredFromTheNext() {
        // 60 ms of jitter in the beginning make the buffer deep enough to hold the packet behind the lost one.
        var call = AudioCall(seed: 5, line: Line(jitter: .milliseconds(60)))
        call.isLost = { $0 == 500 }
        call.run(milliseconds: 20_000)
        let around = call.heard.filter { $0 == .packet(499) || $0 == .recover(501) || $0 == .packet(501) }
        #expect(around == [.packet(499), .recover(501), .packet(501)])
        #expect(call.statistics.lost == 1)
        #expect(call.statistics.recovered == 1)
    }

    @Test func severalLostPacketsAreConcealedUpToTheLastWhichIsRecovered() {
        var call = AudioCall(seed: 6, line: Line(jitter: .milliseconds(100)))
        call.isLost = { (500..<503).contains($0) }
        call.run(milliseconds: 20_000)
        let start = call.heard.firstIndex(of: .packet(499))!
        #expect(
            Array(call.heard[start..<start + 5]) == [.packet(499), .conceal, .conceal, .recover(503), .packet(503)])
        #expect(call.statistics.lost == 3)
        #expect(call.statistics.recovered == 1)
    }

    @Test func inAShallowBufferALostPacketIsConcealedAndTheDelayStays() {
        var call = AudioCall(seed: 7, line: Line())
        call.isLost = { $0 == 500 }
        call.run(milliseconds: 20_000)
        let start = call.heard.firstIndex(of: .packet(499))!
        #expect(Array(call.heard[start..<start + 3]) == [.packet(499), .conceal, .packet(501)])
        #expect(abs(call.waits[5].milliseconds - call.waits.last!.milliseconds) < 10)
        #expect(call.statistics.lost == 1)
    }

    @Test func aDeadLineIsConcealedFor100MillisecondsAndThenWaitedFor() {
        var call = AudioCall(seed: 8, line: Line())
        call.isLost = { (500..<600).contains($0) }
        call.run(milliseconds: 20_000)
        #expect(call.count { $0 == .conceal } == 5)
        let start = call.heard.firstIndex(of: .packet(499))!
        #expect(call.heard[start + 1..<start + 6].allSatisfy { $0 == .conceal })
        #expect(call.heard[start + 6..<start + 100].allSatisfy { $0 == .waiting })
        #expect(call.statistics.lost == 100)
        #expect(call.heard.last == .packet(call.packetsSent - 3) || call.heard.last == .packet(call.packetsSent - 2))
    }

    @Test func aPauseOfTheSenderIsSilenceAndNoLoss() {
        var settings = AudioJitterBuffer.Settings()
        settings.minimumDelay = .milliseconds(100)
        var call = AudioCall(seed: 9, line: Line(), settings: settings)
        call.isSilent = { (500..<502).contains($0) }
        call.run(milliseconds: 20_000)
        let start = call.heard.firstIndex(of: .packet(499))!
        let pause = call.heard[(start + 1)...].prefix { $0 != .packet(502) }
        #expect(Array(pause) == [.silence, .silence])
        #expect(call.statistics.lost == 0)
        #expect(call.statistics.recovered == 0)
    }

    @Test func talkSpurtsComeThroughWhole() {
        var call = AudioCall(seed: 10, line: Line(jitter: .milliseconds(10)))
        call.isSilent = { $0 % 100 >= 50 }
        call.run(milliseconds: 60_000)
        let played = call.count { if case .packet = $0 { true } else { false } }
        #expect(played >= call.packetsSent / 2 - 60)
        #expect(call.statistics.lost == 0)
    }

    @Test func duplicatesAndLatecomersAreCounted() {
        var call = AudioCall(seed: 11, line: Line(duplication: 1))
        call.run(milliseconds: 10_000)
        #expect(call.statistics.duplicate >= 495)
        #expect(call.statistics.late == 0)
        #expect(call.count { if case .packet = $0 { false } else { $0 != .waiting } } == 0)
    }

    @Test func tenMinutesOfABadLineStayWithinTheDelayCap() {
        let line = Line(
            jitter: .milliseconds(80), keepsOrder: false, loss: 0.02, burst: (begin: 0.005, end: 0.3), duplication: 0.01
        )
        var call = AudioCall(seed: 12, line: line)
        call.run(milliseconds: 600_000)
        #expect((call.delays.max() ?? .zero) <= .milliseconds(20 + 200 + 80))
        let played = call.count { if case .packet = $0 { true } else { false } }
        #expect(Double(played) > 0.93 * Double(call.packetsSent))
        #expect(call.statistics.recovered > 100)
    }

    @Test func aLeapInTimeNeedsASecondPacketToBeBelieved() {
        var call = Stream()
        for number in 0..<50 { #expect(call.insert(Int64(number)) == .queued) }
        #expect(call.insert(50, timestamp: 1 << 33) == .refused)
        #expect(call.insert(51) == .queued)
        #expect(call.insert(52, timestamp: -1 << 33) == .refused)
        #expect(call.insert(53, timestamp: (-1 << 33) + 960) == .restart)
        #expect(call.buffer.statistics(at: .zero).restarts == 1)
    }

    @Test func tooManyPacketsDropTheOldest() {
        var call = Stream()
        for number in 0..<1000 { #expect(call.insert(Int64(number), duration: 120) == .queued) }
        #expect(call.buffer.statistics(at: .zero).overflow == 1000 - 256)
        #expect(call.insert(740, duration: 120) == .late)
    }

    @Test func impossiblePacketsAreRefused() {
        var call = Stream()
        #expect(call.insert(0, duration: 0) == .refused)
        #expect(call.insert(0, duration: -5) == .refused)
        #expect(call.insert(0, duration: 6000) == .refused)
        #expect(call.insert(0, size: 0) == .refused)
        #expect(call.insert(0, size: 1501) == .refused)
    }

    @Test func garbageNeverTraps() {
        var random = SeededGenerator(seed: 5)
        var call = Stream()
        var now = Instant.zero
        var sounds = 0
        for _ in 0..<100_000 {
            let isWild = UInt8.random(in: 0..<20, using: &random) == 0
            let range: ClosedRange<Int64> = isWild ? -1 << 40...1 << 40 : 0...300
            _ = call.insert(
                Int64.random(in: range, using: &random), timestamp: Int64.random(in: range, using: &random) * 100,
                duration: Int.random(in: -10...6000, using: &random), size: Int.random(in: 0...1600, using: &random),
                at: now)
            now += .milliseconds(Int.random(in: 0...30, using: &random))
            let pace = call.buffer.pace(at: now, decoded: 0, isQuiet: Bool.random(using: &random))
            #expect((0.7...1.3).contains(pace.speed) && (-1000...1000).contains(pace.correction))
            call.buffer.noteLateCopy(
                timestamp: Int64.random(in: range, using: &random) * 100,
                duration: Int.random(in: -10...6000, using: &random), arrival: now)
            for _ in 0..<8 {
                if case .waiting = call.buffer.next(at: now, decoded: Int.random(in: 0..<960, using: &random)) { break }
                sounds += 1
            }
        }
        #expect(sounds > 0)
    }
}

/// Puts single packets into a jitter buffer.
private struct Stream: ~Copyable {
    var buffer = AudioJitterBuffer()
    private let payload = [UInt8](repeating: 1, count: 2000)

    mutating func insert(
        _ sequence: Int64, timestamp: Int64? = nil, duration: Int = 960, size: Int = 40, at now: Instant = .zero
    ) -> AudioJitterBuffer.Insertion {
        payload.withUnsafeBytes {
            buffer.insert(
                sequence: sequence, timestamp: timestamp ?? sequence * Int64(max(1, duration)), duration: duration,
                payload: UnsafeRawBufferPointer(rebasing: $0[..<size]), arrival: now)
        }
    }
}
