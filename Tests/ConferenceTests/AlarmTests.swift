import Conference
import Foundation
import Media
import Testing

@Suite struct AlarmTests {
    /// A board that is given samples second by second, and what it said of them.
    private struct Desk {
        var board = AlarmBoard(startedAt: .at(milliseconds: 0))
        var second = 0
        var log: [String] = []

        mutating func run(_ seconds: Int, _ samples: SiteHealthSample...) {
            for _ in 0..<seconds {
                for sample in samples { board.handle(sample, at: .at(milliseconds: second * 1000)) }
                listen()
                second += 1
            }
        }

        mutating func run(_ seconds: Int, bridge sample: BridgeHealthSample) {
            for _ in 0..<seconds {
                board.handle(sample, at: .at(milliseconds: second * 1000))
                listen()
                second += 1
            }
        }

        mutating func listen() {
            while let change = board.next() {
                #expect(change.atSeconds == Double(second))
                log.append("\(second) \(change.event.rawValue) \(change.alarm.severity.rawValue) \(change.alarm.id)")
            }
        }
    }

    private func giaBinh(loss: Double = 0) -> SiteHealthSample {
        SiteHealthSample(
            site: .named("gia-binh"), name: "Gia Bình", lossShare: loss, jitterMs: 3, picture: .moving, hasSound: true,
            lipSyncMs: 0)
    }

    @Test func lossIsRaisedAfterThreeSecondsAndClearedAfterFive() throws {
        var desk = Desk()
        desk.run(10, giaBinh())
        desk.run(3, giaBinh(loss: 0.06))
        #expect(desk.log.isEmpty, "two seconds and a bit are not enough")
        desk.run(2, giaBinh(loss: 0.062))
        #expect(desk.log == ["13 raised critical loss/gia-binh"])
        let alarm = try #require(desk.board.standing.first)
        #expect(alarm.words == Words("Gia Bình: mất gói 6,2 %", "Gia Bình: 6.2 % of packets lost"))
        #expect(alarm.sinceSeconds == 10 && alarm.site == "gia-binh" && alarm.kind == .loss)
        // Good from second 15: it stands until it was good for 5 s, with its last words.
        desk.run(5, giaBinh())
        #expect(desk.log.count == 1 && desk.board.standing.first?.words.english == "Gia Bình: 6.2 % of packets lost")
        desk.run(1, giaBinh())
        #expect(desk.log == ["13 raised critical loss/gia-binh", "20 cleared critical loss/gia-binh"])
        #expect(desk.board.standing.isEmpty)
    }

    @Test func belowOnePercentIsNormal() {
        var desk = Desk()
        desk.run(60, giaBinh(loss: 0.0099))
        #expect(desk.log.isEmpty)
        desk.run(4, giaBinh(loss: 0.01))
        #expect(desk.log == ["63 raised warning loss/gia-binh"])
    }

    @Test func aLineAtTheEdgeDoesNotFlicker() {
        var desk = Desk()
        // Two bad seconds, then a good one, over and over: never three in a row.
        for _ in 0..<20 {
            desk.run(2, giaBinh(loss: 0.2))
            desk.run(1, giaBinh())
        }
        #expect(desk.log.isEmpty)
        desk.run(4, giaBinh(loss: 0.2))
        // Once it stands, four good seconds don't clear it.
        for _ in 0..<20 {
            desk.run(4, giaBinh())
            desk.run(1, giaBinh(loss: 0.2))
        }
        #expect(desk.log == ["63 raised critical loss/gia-binh"])
        #expect(desk.board.standing.first?.sinceSeconds == 60)
    }

    @Test func worseAndBetterAreChanges() {
        var desk = Desk()
        desk.run(5, giaBinh(loss: 0.02))
        desk.run(10, giaBinh(loss: 0.2))
        desk.run(10, giaBinh(loss: 0.02))
        desk.run(10, giaBinh())
        #expect(
            desk.log == [
                "3 raised warning loss/gia-binh", "8 changed critical loss/gia-binh",
                "20 changed warning loss/gia-binh", "30 cleared warning loss/gia-binh",
            ])
    }

    @Test func eachKindHasItsWords() {
        var sample = giaBinh()
        sample.lines = 2
        sample.deadLines = 1
        sample.jitterMs = 140
        sample.picture = .frozen
        sample.hasSound = false
        sample.lipSyncMs = -120
        var desk = Desk()
        desk.run(5, sample)
        #expect(
            desk.board.standing.map(\.words.vietnamese).sorted() == [
                "Gia Bình: hình đứng", "Gia Bình: không có tiếng", "Gia Bình: mất 1 trong 2 đường truyền",
                "Gia Bình: tiếng sớm hơn hình 120 ms", "Gia Bình: trễ dao động 140 ms",
            ])
        #expect(
            Set(desk.board.standing.map(\.id)) == [
                "frozen-picture/gia-binh", "no-sound/gia-binh", "line-down/gia-binh",
                "lip-sync/gia-binh", "jitter/gia-binh",
            ])
        sample.picture = .absent
        desk.run(6, sample)
        #expect(
            desk.log.filter { $0.contains("picture") } == [
                "3 raised warning frozen-picture/gia-binh", "7 raised critical no-picture/gia-binh",
                "10 cleared warning frozen-picture/gia-binh",
            ])
    }

    @Test func aSiteThatIsGoneHasOneAlarm() {
        var desk = Desk()
        desk.run(3, giaBinh())
        var gone = giaBinh(loss: 1)
        gone.deadLines = 1
        gone.picture = .absent
        gone.hasSound = false
        desk.run(20, gone)
        #expect(desk.log == ["5 raised critical line-down/gia-binh"])
        #expect(desk.board.standing.map(\.words.vietnamese) == ["Gia Bình: mất tín hiệu"])
        desk.run(6, giaBinh())
        #expect(desk.log.last == "28 cleared critical line-down/gia-binh")
    }

    @Test func aLoopIsSaidAlone() {
        var desk = Desk()
        var looped = giaBinh(loss: 0.5)
        looped.isLoop = true
        desk.run(4, looped)
        #expect(desk.log == ["2 raised critical loop/gia-binh"])
    }

    @Test func oneSitesAlarmsAreItsOwnAndTheWorstComesFirst() {
        var desk = Desk()
        var queVo = SiteHealthSample(site: .named("que-vo"), name: "Quế Võ", jitterMs: 40)
        desk.run(2, giaBinh(), queVo)
        queVo.deadLines = 1
        desk.run(5, giaBinh(loss: 0.03), queVo)
        #expect(desk.board.standing.map(\.id) == ["line-down/que-vo", "loss/gia-binh"])
        desk.board.remove(.named("que-vo"), at: .at(milliseconds: desk.second * 1000))
        desk.listen()
        #expect(desk.log.last == "7 cleared critical line-down/que-vo")
        #expect(desk.board.standing.map(\.id) == ["loss/gia-binh"])
    }

    @Test func theBridgeItself() {
        var desk = Desk()
        desk.run(
            5, bridge: BridgeHealthSample(lateTickShare: 0.02, load: 0.97, overflows: 3, freeDiskBytes: 900_000_000))
        #expect(
            desk.board.standing.map(\.words.vietnamese) == [
                "Máy chủ: đĩa ghi còn 0,9 GB", "Máy chủ: tải CPU 97 %", "Máy chủ: nhịp trộn trễ 2 %",
                "Máy chủ: bỏ 3 gói vì bộ đệm đầy",
            ])
        #expect(desk.board.standing.map(\.id) == ["disk", "load", "late-ticks", "overflow"])
        desk.run(6, bridge: BridgeHealthSample(lateTickShare: 0, load: 0.3, freeDiskBytes: 90_000_000_000))
        #expect(desk.board.standing.isEmpty)
    }

    @Test func changesThatNobodyAsksForAreBounded() {
        var board = AlarmBoard(startedAt: .at(milliseconds: 0))
        for second in 0..<20_000 {
            // Four bad seconds and six good ones: an alarm raised and cleared every ten.
            board.handle(giaBinh(loss: second % 10 < 4 ? 0.3 : 0), at: .at(milliseconds: second * 1000))
        }
        var count = 0
        while board.next() != nil { count += 1 }
        #expect(count == 1_024)
        #expect(board.lost == 4_000 - 1_024)
    }

    @Test func alarmsTravelAsJSON() throws {
        var board = AlarmBoard(startedAt: .at(milliseconds: 0))
        for second in 0..<4 { board.handle(giaBinh(loss: 0.06), at: .at(milliseconds: second * 1000)) }
        let first = board.next()
        let change = try #require(first)
        let data = try JSONEncoder().encode(change)
        #expect(try JSONDecoder().decode(AlarmChange.self, from: data) == change)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let alarm = try #require(json["alarm"] as? [String: Any])
        #expect(json["event"] as? String == "raised" && alarm["id"] as? String == "loss/gia-binh")
        #expect((alarm["words"] as? [String: String])?["vi"] == "Gia Bình: mất gói 6 %")
    }
}
