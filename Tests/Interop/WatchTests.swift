import Foundation
import Media
import TestSupport
import Testing

/// What the bridge says of a running meeting by itself: line check, alarms, attendance, metrics.
@Suite("Watch", .serialized)
struct WatchTests {
    private struct Alarm: Decodable {
        var id: String
        var severity: String
        var vi: String
    }

    private struct LineCheck: Decodable {
        struct Site: Decodable {
            var site: String
            var verdict: String
            var vi: [String]
        }

        var running: Bool
        var sites: [Site]
    }

    private struct RollCall: Decodable {
        struct Row: Decodable {
            var path: String
            var joined: String?
            var lost: String?
        }

        var rows: [Row]
    }

    @Test("lines are checked without a call, a line that dies is an alarm, and the roll call knows since when")
    func watch() async throws {
        let media = try TestMedia.prepared()
        let (good, dying, absent) = (try SiteLine("gia-binh"), try SiteLine("que-vo"), try SiteLine("tu-son"))
        let bridge = try await BridgeProcess(
            good.flags("name=Huyện ủy Gia Bình") + dying.flags("name=Thị ủy Quế Võ") + absent.flags("name=Từ Sơn")
                + ["--size", "640x360", "--fps", "30"])
        let senders = try [good, dying].map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(["gia-binh", "que-vo"])
        func get<Value: Decodable>(_ path: String, as: Value.Type) async throws -> Value {
            try JSONDecoder().decode(Value.self, from: try await bridge.answer(path).body)
        }
        let start = try Subprocess([
            "curl", "-fsS", "-X", "POST", "-H", "Content-Type: application/json", "-d", "{}",
            "\(bridge.url)/v1/line-check",
        ])
        #expect(start.wait(seconds: 10) == 0, "\(start.output)")
        // Three sites, listened to for five seconds each.
        try await eventually("the end of the check", seconds: 30) {
            try await !get("v1/line-check", as: LineCheck.self).running
        }
        let check = try await get("v1/line-check", as: LineCheck.self)
        #expect(check.sites.map(\.site) == ["gia-binh", "que-vo", "tu-son"])
        #expect(check.sites[2].verdict == "bad" && !check.sites[2].vi.isEmpty)
        // A tone that never pauses is a noise, whoever sends it; nothing else is wrong with these two.
        #expect(check.sites[..<2].allSatisfy { $0.vi.count == 1 && $0.vi[0].hasPrefix("tiếng ồn nền") }, "\(check)")
        let page = try await bridge.answer("v1/line-check.html")
        #expect(String(decoding: page.body, as: UTF8.self).contains("Huyện ủy Gia Bình"))

        senders[1].stop(signal: 9)
        try await eventually("an alarm", seconds: 15) {
            let alarms = try await get("v1/alarms", as: [Alarm].self)
            return alarms.contains {
                $0.id == "line-down/que-vo" && $0.severity == "critical" && $0.vi.contains("Quế Võ")
            }
        }
        #expect(try await !get("v1/alarms", as: [Alarm].self).contains { $0.id.hasSuffix("/gia-binh") })
        let rows = try await get("v1/roll-call", as: RollCall.self).rows
        #expect(rows.map { $0.joined != nil } == [true, true, false])
        try await eventually("the site is lost") {
            try await get("v1/roll-call", as: RollCall.self).rows.first { $0.path == "que-vo" }?.lost != nil
        }
        let metrics = String(decoding: try await bridge.answer("metrics").body, as: UTF8.self)
        #expect(metrics.contains("mcu_site_up{conference=\"gia-binh\",site=\"gia-binh\"} 1\n"))
        #expect(metrics.contains("mcu_site_up{conference=\"gia-binh\",site=\"que-vo\"} 0\n"))
        // Whom the operator took out is nobody's trouble.
        #expect(try bridge.ctl("disable", "que-vo").status == 0)
        try await eventually("no alarm of who takes no part") {
            try await !get("v1/alarms", as: [Alarm].self).contains { $0.id.hasSuffix("/que-vo") }
        }
        #expect(bridge.stop() == 0)
    }
}
