import Conference
import Foundation
import Media
import Testing

@Suite struct LineCheckTests {
    /// Sites in simulated time: each gives its statistics once a second, and is heard when it is listened to.
    private struct Desk {
        struct Site {
            var id: SiteID
            var name: String
            var reading: (_ second: Int) -> LineReading
            var heard = SoundFinding(seconds: 5, meanDbov: -23, peakDbov: -6, noiseFloorDbov: -62)
            var echo = EchoFinding(state: .none, sentSeconds: 5)
        }

        var sites: [Site]
        /// What was done, and in which second.
        var actions: [String] = []
        var report: LineCheckReport?

        init(_ sites: [Site]) { self.sites = sites }

        mutating func run(hasSound: Bool = true, stopAt: Int? = nil, answers: Bool = true, until end: Int = 200) {
            var check = LineCheck(
                sites.map { LineCheck.Place(id: $0.id, name: $0.name, hasSound: hasSound) }, at: .at(milliseconds: 0))
            for second in 0..<end where !check.isOver {
                let now = Instant.at(milliseconds: second * 1000)
                for site in sites { check.handle(.reading(site.id, site.reading(second)), at: now) }
                if second == stopAt { check.handle(.stop, at: now) }
                while let action = check.next(at: now) {
                    switch action {
                    case .listen(let id): actions.append("\(second): listen \(id)")
                    case .collect(let id):
                        actions.append("\(second): collect \(id)")
                        guard answers, let site = sites.first(where: { $0.id == id }) else { break }
                        check.handle(.sound(id, site.heard, site.echo), at: now)
                    case .finish(let report):
                        actions.append("\(second): finish")
                        self.report = report
                    }
                }
                #expect(check.isOver || check.deadline > now)
            }
        }

        func place(_ id: String) -> LineCheckReport.Place? { report?.places.first { $0.id == id } }
        func summary(_ id: String) -> String { place(id)?.summary.vietnamese ?? "" }
    }

    /// A site whose line, picture and sound are good: 30 pictures and 250 packets a second.
    private func good(_ second: Int) -> LineReading {
        LineReading(
            picture: .init(packets: 200 * second, lost: 0, jitterMs: 2), decoded: 30 * second, changed: 30 * second,
            width: 1280, height: 720, sound: .init(packets: 50 * second, lost: 0, jitterMs: 1), roundTripMs: 12,
            lipSyncMs: 10)
    }

    private func giaBinh(_ reading: @escaping (Int) -> LineReading) -> Desk.Site {
        Desk.Site(id: .named("gia-binh"), name: "Gia Bình", reading: reading)
    }

    @Test func sitesAreListenedToInTurnFiveSecondsEach() {
        var desk = Desk((1...3).map { Desk.Site(id: .number($0), name: "Site \($0)", reading: good) })
        desk.run()
        #expect(
            desk.actions == [
                "0: listen s1", "5: collect s1", "5: listen s2", "10: collect s2", "10: listen s3", "15: collect s3",
                "15: finish",
            ])
        #expect(desk.report?.isComplete == true && desk.report?.seconds == 15)
        #expect(desk.report?.grade == .good && desk.report?.count(.good) == 3)
        #expect(desk.summary("s2") == "Site 2: tốt")
        #expect(desk.place("s2")?.summary.english == "Site 2: good")
        #expect(desk.place("s3")?.measurement.seconds == 15, "packets are counted all the time")
    }

    @Test func sitesWithoutSoundAreMeasuredForFiveSeconds() {
        var desk = Desk([
            giaBinh {
                var reading = good($0); reading.sound = nil; return reading
            }
        ])
        desk.run(hasSound: false)
        #expect(desk.actions == ["5: finish"])
        #expect(desk.place("gia-binh")?.grade == .good)
    }

    @Test func whoIsNotHeardInTimeIsJudgedWithoutIt() {
        var desk = Desk([giaBinh(good)])
        desk.run(answers: false)
        #expect(desk.actions == ["0: listen gia-binh", "5: collect gia-binh", "6: finish"])
        #expect(desk.place("gia-binh")?.measurement.heard == nil)
        #expect(desk.place("gia-binh")?.grade == .good)
    }

    @Test func theOperatorStopsIt() {
        var desk = Desk((1...3).map { Desk.Site(id: .number($0), name: "Site \($0)", reading: good) })
        desk.run(stopAt: 7)
        #expect(
            desk.actions == ["0: listen s1", "5: collect s1", "5: listen s2", "7: collect s2", "7: finish"])
        #expect(desk.report?.isComplete == false)
        #expect(desk.place("s3")?.measurement.seconds == 7)
    }

    @Test func lossAndAFrozenPictureInOneLine() {
        var desk = Desk([
            giaBinh { second in
                var reading = good(second)
                reading.picture = .init(packets: 188 * second, lost: 12 * second, jitterMs: 8)
                // It stands from second 1 to second 4.
                if second > 1 { reading.changed = 30 * max(1, second - 3) }
                if second > 1 { reading.decoded = reading.changed }
                return reading
            }, Desk.Site(id: .number(2), name: "Quế Võ", reading: good),
        ])
        desk.run()
        #expect(desk.summary("gia-binh") == "Gia Bình: mất gói 6 %, hình đứng 3 s: kiểm tra đường truyền")
        #expect(
            desk.place("gia-binh")?.summary.english
                == "Gia Bình: 6 % of packets lost, picture frozen for 3 s: check the line")
        #expect(desk.place("gia-binh")?.grade == .bad && desk.report?.grade == .bad)
        #expect(desk.place("s2")?.grade == .good, "the other is as good as it was")
    }

    @Test(arguments: [
        (0.009, Grade.good, ""), (0.01, .warning, "mất gói 1 %"), (0.015, .warning, "mất gói 1,5 %"),
        (0.05, .warning, "mất gói 5 %"), (0.051, .bad, "mất gói 5,1 %"), (0.3, .bad, "mất gói 30 %"),
    ])
    func lossOfTheSound(share: Double, grade: Grade, words: String) {
        var desk = Desk([
            giaBinh { second in
                var reading = good(second)
                let lost = Int((Double(10_000 * second) * share).rounded())
                reading.sound = .init(packets: 10_000 * second - lost, lost: lost, jitterMs: 1)
                return reading
            }
        ])
        desk.run()
        #expect(desk.place("gia-binh")?.grade == grade)
        #expect(desk.place("gia-binh")?.reasons.map(\.words.vietnamese) == (words.isEmpty ? [] : [words]))
    }

    @Test(arguments: [
        (29.0, Grade.good), (30, .warning), (100, .warning), (101, .bad),
    ])
    func jitter(milliseconds: Double, grade: Grade) {
        var desk = Desk([
            giaBinh { second in
                var reading = good(second)
                // A burst is enough.
                if second == 3 { reading.picture?.jitterMs = milliseconds }
                return reading
            }
        ])
        desk.run()
        #expect(desk.place("gia-binh")?.grade == grade)
    }

    @Test(arguments: [
        (-91.0, Grade.bad), (-46, .warning), (-45, .good), (125, .good), (126, .warning), (186, .bad),
    ])
    func lipSyncByWhatIsNoticed(milliseconds: Double, grade: Grade) {
        let measured = LineMeasurement(
            seconds: 5, picture: nil, sound: .init(packets: 250), lipSyncMs: milliseconds)
        let place = LineCheckReport.Place(id: "a", name: "A", measurement: measured)
        #expect(place.grade == grade)
        let ahead = milliseconds < 0
        #expect(
            grade == .good
                || place.summary.vietnamese.hasPrefix(ahead ? "A: tiếng sớm hơn hình" : "A: tiếng trễ hơn hình"))
    }

    @Test func aDeadLineIsSaidOnce() {
        var desk = Desk([
            giaBinh { _ in LineReading(picture: .init(), sound: .init()) },
            Desk.Site(
                id: .number(2), name: "Quế Võ",
                reading: { second in
                    var reading = good(second)
                    reading.picture = .init(packets: 7)
                    return reading
                }),
            Desk.Site(
                id: .number(3), name: "Tiên Du",
                reading: { second in
                    var reading = good(second)
                    (reading.decoded, reading.changed) = (3, 3)
                    return reading
                }),
            Desk.Site(
                id: .number(4), name: "Từ Sơn",
                reading: { second in
                    var reading = good(second)
                    reading.changed = 1
                    return reading
                }),
        ])
        desk.sites[0].heard = SoundFinding(seconds: 5, zeroShare: 1, silentShare: 1)
        desk.run()
        #expect(
            desk.summary("gia-binh")
                == "Gia Bình: không có tín hiệu: kiểm tra thiết bị đã bật và đã gửi, kiểm tra đường truyền")
        #expect(desk.summary("s2") == "Quế Võ: không có hình: bật camera, kiểm tra cổng hình")
        #expect(
            desk.summary("s3")
                == "Tiên Du: có gói nhưng không ra hình: kiểm tra chuẩn nén hình và khóa mã hóa")
        #expect(
            desk.summary("s4") == "Từ Sơn: hình không chuyển động: kiểm tra camera có đang dừng hình không")
        #expect(desk.place("s4")?.grade == .warning)
    }

    @Test(arguments: [
        (SoundFinding(seconds: 5, zeroShare: 1, silentShare: 1), Grade.bad, "tiếng bị tắt ở điểm cầu", "bật micro"),
        (
            SoundFinding(seconds: 5, meanDbov: -72, silentShare: 1), .warning, "im lặng (-72 dB)",
            "nhờ điểm cầu nói thử, kiểm tra micro"
        ),
        (
            SoundFinding(seconds: 5, meanDbov: -51.4, noiseFloorDbov: -64), .warning, "tiếng nhỏ (-51 dB)",
            "tăng âm lượng micro"
        ),
        (
            SoundFinding(seconds: 5, meanDbov: -8, noiseFloorDbov: -60, clippedShare: 0.031), .bad,
            "tiếng bị vỡ (3,1 %)", "giảm âm lượng micro"
        ),
        (
            SoundFinding(seconds: 5, meanDbov: -20, noiseFloorDbov: -60, offset: -0.05), .warning,
            "tiếng lệch một chiều 5 %", "kiểm tra card âm thanh và dây micro"
        ),
        (
            SoundFinding(seconds: 5, meanDbov: -20, noiseFloorDbov: -28), .bad, "tiếng ồn nền -28 dB",
            "tìm nguồn ồn (quạt, điều hòa), đưa micro lại gần"
        ),
        (
            SoundFinding(
                seconds: 5, meanDbov: -20, noiseFloorDbov: -50, hum: .init(mainsHz: 50, levelDbov: -47.6)), .warning,
            "tiếng ù điện 50 Hz (-48 dB)", "kiểm tra dây tiếp đất và dây micro"
        ),
    ])
    func whatIsWrongWithTheSound(heard: SoundFinding, grade: Grade, words: String, advice: String) {
        var desk = Desk([giaBinh(good)])
        desk.sites[0].heard = heard
        desk.run()
        #expect(desk.summary("gia-binh") == "Gia Bình: \(words): \(advice)")
        #expect(desk.place("gia-binh")?.grade == grade)
    }

    @Test func anEchoIsSaidWithItsDelay() {
        var desk = Desk([giaBinh(good)])
        desk.sites[0].echo = EchoFinding(state: .heard, delayMs: 430.2, attenuationDb: 21.7, sentSeconds: 5)
        desk.run()
        #expect(
            desk.summary("gia-binh")
                == "Gia Bình: tiếng vọng sau 430 ms, nhỏ hơn 22 dB: bật khử tiếng vọng, giảm âm lượng loa")
        desk.sites[0].echo.attenuationDb = 46
        desk.run()
        #expect(desk.place("gia-binh")?.grade == .good)
    }

    @Test func theReportTravelsAsJSON() throws {
        var desk = Desk([giaBinh(good)])
        desk.sites[0].echo = EchoFinding(state: .heard, delayMs: 430, attenuationDb: 21, sentSeconds: 5)
        desk.run()
        let report = try #require(desk.report)
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(LineCheckReport.self, from: data) == report)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let place = try #require((json["places"] as? [[String: Any]])?.first)
        #expect(place["grade"] as? String == "bad")
        #expect((place["summary"] as? [String: String])?.keys.sorted() == ["en", "vi"])
    }

    @Test func nobodyToCheck() {
        var check = LineCheck([], at: .at(milliseconds: 0))
        #expect(check.next(at: .at(milliseconds: 0)) == nil)
        #expect(check.deadline == .at(milliseconds: 5_000))
        let end = Instant.at(milliseconds: 5_000)
        #expect(
            check.next(at: end) == .finish(LineCheckReport(seconds: 5, isComplete: true, places: [])))
        #expect(check.next(at: end) == nil && check.deadline == .distantFuture)
    }
}
