import Foundation
import Media
import TestSupport
import Testing

/// The built relay on the loopback, at the machine's own pace.
@Suite("The relay, live", .serialized) struct RelayTests {
    /// A relay between two sockets.
    private struct Bench {
        let site = try! LoopbackSocket()
        let bridge = try! LoopbackSocket()
        let port: Int
        let control: Int
        let reportPath = NSTemporaryDirectory() + "/mcu-server-impair-\(UUID().uuidString).json"
        let relay: Subprocess

        init(_ keys: String, script: String = "") throws {
            let block = try #require(PortAllocator.block())
            port = block.audio
            control = block.video
            let scriptPath = reportPath + ".script"
            try script.write(toFile: scriptPath, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(atPath: scriptPath) }
            relay = try Subprocess(
                [
                    TestMedia.root + "/.build/release/impair", "--control", "127.0.0.1:\(control)", "--report",
                    reportPath, "--script", scriptPath, "--seconds", "30", "--route",
                    "127.0.0.1:\(port)=127.0.0.1:\(bridge.port),name=x,\(keys)",
                ], limit: 40)
            try #require(relay.wait(for: "ready", seconds: 5), "\(relay.output)")
        }

        /// Sends numbered datagrams, one each 2 ms.
        func send(_ range: Range<Int>) {
            for number in range {
                site.send([UInt8(number >> 8), UInt8(number & 0xFF)], to: port)
                usleep(2000)
            }
        }

        /// Ends the relay as a script does.
        func report() throws -> RelayReport {
            #expect(relay.stop() == 0, "\(relay.output)")
            defer { try? FileManager.default.removeItem(atPath: reportPath) }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(RelayReport.self, from: Data(contentsOf: URL(fileURLWithPath: reportPath)))
        }

        func number(_ datagram: LoopbackSocket.Datagram) -> Int {
            Int(datagram.bytes[0]) << 8 | Int(datagram.bytes[1])
        }
    }

    @Test("loses its share and delays the rest", .timeLimit(.minutes(1)))
    func losesItsShareAndDelaysTheRest() throws {
        let bench = try Bench("loss=0.2,delay=20,seed=1")
        let start = ContinuousClock.now
        var departures: [ContinuousClock.Instant] = []
        for number in 0..<1000 {
            departures.append(.now)
            bench.send(number..<number + 1)
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        usleep(60_000)
        let arrived = bench.bridge.datagrams
        // Four standard deviations of a binomial.
        #expect((749...851).contains(arrived.count))
        #expect(Set(arrived.map(\.port)).count == 1, "the target sees one source")
        let delays = arrived.map { ($0.arrival - departures[bench.number($0)]) / .milliseconds(1) }.sorted()
        #expect(abs(delays[delays.count / 2] - 20) < 5)
        let report = try bench.report()
        let there = report.routes[0].there
        #expect(there.received == 1000 && there.passed == arrived.count)
        #expect(report.lines["x"]?["there"]?.lost == 1000 - arrived.count)
        #expect(there.meanDelay >= 20 && there.meanDelay < 30)
    }

    @Test("answers go back to the sender", .timeLimit(.minutes(1)))
    func answersGoBackToTheSender() throws {
        let bench = try Bench("delay=5,back-delay=30")
        bench.send(0..<1)
        #expect(eventually { !bench.bridge.datagrams.isEmpty })
        let port = try #require(bench.bridge.datagrams.first?.port)
        let start = ContinuousClock.now
        bench.bridge.send([9, 9], to: port)
        #expect(eventually { !bench.site.datagrams.isEmpty })
        let answer = try #require(bench.site.datagrams.first)
        #expect(answer.bytes == [9, 9] && answer.port == bench.port)
        #expect(answer.arrival - start > .milliseconds(29))
        #expect(try bench.report().routes[0].back.passed == 1)
    }

    @Test("stalls by its script then lets all go", .timeLimit(.minutes(1)))
    func stallsByItsScriptThenLetsAllGo() throws {
        let bench = try Bench("delay=0", script: "0.0 stall x 600ms")
        usleep(20_000)
        bench.send(0..<100)
        #expect(bench.bridge.datagrams.isEmpty)
        #expect(eventually { bench.bridge.datagrams.count == 100 })
        let arrived = bench.bridge.datagrams
        #expect(arrived.map(bench.number) == Array(0..<100))
        #expect(arrived[99].arrival - arrived[0].arrival < .milliseconds(100))
        let report = try bench.report()
        #expect(report.events.map(\.command) == ["stall x 600ms"])
        #expect(report.routes[0].there.longestDelay > 300)
    }

    @Test("takes commands while it runs", .timeLimit(.minutes(1)))
    func takesCommandsWhileItRuns() throws {
        let bench = try Bench("delay=0")
        func command(_ text: String) -> String {
            let known = bench.site.datagrams.count
            bench.site.send(Array(text.utf8), to: bench.control)
            #expect(eventually { bench.site.datagrams.count > known })
            return String(decoding: bench.site.datagrams.last?.bytes ?? [], as: UTF8.self)
        }
        #expect(command("kill x") == "ok\n")
        bench.send(0..<20)
        #expect(command("revive x\nset x duplicate=1") == "ok\n")
        bench.send(20..<40)
        #expect(command("kill nobody").contains("nobody: no line"))
        #expect(command("sing").contains("expected one of"))
        #expect(eventually { bench.bridge.datagrams.count == 40 })
        #expect(bench.bridge.datagrams.map(bench.number) == (20..<40).flatMap { [$0, $0] })
        let report = try bench.report()
        #expect(report.lines["x"]?["there"]?.lost == 20 && report.lines["x"]?["there"]?.duplicated == 20)
    }

    @Test("floods the target from its own address", .timeLimit(.minutes(1)))
    func floodsTheTargetFromItsOwnAddress() throws {
        let bench = try Bench("delay=0", script: "0.2 garbage x 2000/s 500ms")
        bench.send(0..<300)
        usleep(400_000)
        let report = try bench.report()
        #expect((950...1000).contains(report.routes[0].garbage))
        let arrived = bench.bridge.datagrams
        #expect(arrived.count == 300 + report.routes[0].garbage)
        #expect(Set(arrived.map(\.port)).count == 1)
        #expect(Set(arrived.map(\.bytes.count)).count > 50)
    }

    @Test("wrong flags end it at once", .timeLimit(.minutes(1)))
    func wrongFlagsEndItAtOnce() throws {
        let program = TestMedia.root + "/.build/release/impair"
        let wrong = [
            [], ["--route"], ["--route", "x"], ["--colour", "red"],
            ["--route", "127.0.0.1:0=127.0.0.1:9", "--script", "/nowhere"],
            ["--route", "127.0.0.1:0=127.0.0.1:9", "--seconds", "-1"],
            ["--route", "127.0.0.1:0=127.0.0.1:9,name=a", "--route", "127.0.0.1:0=127.0.0.1:9,name=a"],
        ]
        for flags in wrong {
            let relay = try Subprocess([program] + flags, limit: 10)
            #expect(relay.wait(seconds: 5) == 2, "\(flags): \(relay.output)")
            #expect(relay.output.hasPrefix("impair: "))
        }
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now.advanced(by: .seconds(5))
        while !condition(), ContinuousClock.now < deadline { usleep(2000) }
        return condition()
    }
}
