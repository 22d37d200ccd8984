import Foundation
import TestSupport
import Testing

/// `mcu-server capacity` with real bridges and cameras, small.
@Suite("The capacity run, live", .serialized)
struct CapacityRunTests {
    @Test("measures a conference and leaves a report and a chart, which check reads")
    func smallRun() throws {
        let folder = NSTemporaryDirectory() + "/mcu-capacity-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try #require(PortAllocator.block()).audio
        let run = try Subprocess(
            [
                BridgeProcess.program, "capacity", "--pictures", "720p", "--views", "shared", "--presets", "ultrafast",
                "--seconds", "2", "--most-sites", "4", "--first-port", "\(port)", "--out", folder,
            ], limit: 120)
        #expect(run.wait(seconds: 100) == 0, "\(run.output)")
        let data = try #require(FileManager.default.contents(atPath: folder + "/capacity.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let finding = try #require((report["findings"] as? [[String: Any]])?.first)
        let step = try #require((finding["steps"] as? [[String: Any]])?.last)
        // Whether so many were held is a matter of what else runs; that they were seen is not.
        #expect(try #require(step["cores"] as? Double) > 0.02, "\(step)")
        #expect(try #require(step["picturesOut"] as? Double) > 15, "\(step)")
        #expect(try (5...400).contains(#require(step["delayMedian"] as? Double)), "\(step)")
        let chart = try #require(FileManager.default.contents(atPath: folder + "/capacity.svg"))
        #expect(String(decoding: chart, as: UTF8.self).contains("720p30 shared ultrafast"))

        let check = try Subprocess([
            BridgeProcess.program, "check", "--no-ports", "--site", "id=a,audio=20000,video=20002,from=any",
            "--capacity",
            folder + "/capacity.json",
        ])
        #expect(check.wait(seconds: 10) == 0, "\(check.output)")
        let other = try Subprocess([
            BridgeProcess.program, "check", "--no-ports", "--site", "id=a,audio=20000,video=20002,from=any",
            "--capacity",
            folder + "/capacity.svg",
        ])
        #expect(other.wait(seconds: 10) == 1 && other.output.contains("expected a file that"), "\(other.output)")
    }
}
