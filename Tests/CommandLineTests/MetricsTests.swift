import Bridge
import Console
import Foundation
import Testing

@Suite("Metrics")
struct MetricsTests {
    /// The text format 0.0.4, read as strictly as its documentation has it.
    private struct Page {
        struct Family {
            var help: String
            var type: String
            var samples: [[String: String]: Double] = [:]
        }

        private(set) var families: [String: Family] = [:]

        init(_ text: String) throws {
            #expect(text.hasSuffix("\n"))
            var current = ""
            for line in text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
                if let match = line.wholeMatch(of: /# HELP ([a-z_]+) (.+)/) {
                    current = String(match.1)
                    #expect(families[current] == nil, "\(current) is there twice")
                    families[current] = Family(help: String(match.2), type: "")
                } else if let match = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|gauge)/) {
                    #expect(String(match.1) == current)
                    families[current]?.type = String(match.2)
                } else {
                    let sample = /([a-z_]+)(?:\{([\s\S]*)\})? (-?[0-9.e+-]+)/
                    let match = try #require(line.wholeMatch(of: sample), "\(line)")
                    #expect(String(match.1) == current, "\(line)")
                    let labels = try Self.labels(String(match.2 ?? ""))
                    #expect(families[current]?.samples[labels] == nil, "\(line) is there twice")
                    let value: Double = try #require(Double(String(match.3)), "\(line)")
                    families[current]?.samples[labels] = value
                }
            }
        }

        private static func labels(_ text: String) throws -> [String: String] {
            var labels: [String: String] = [:]
            var rest = text[...]
            while let match = rest.prefixMatch(of: /([a-z_]+)="((?:[^"\\]|\\["\\n])*)",?/) {
                var value = ""
                var isEscaped = false
                for scalar in match.2.unicodeScalars {
                    if isEscaped {
                        value += scalar == "n" ? "\n" : String(scalar)
                        isEscaped = false
                    } else if scalar == "\\" {
                        isEscaped = true
                    } else {
                        value.unicodeScalars.append(scalar)
                    }
                }
                labels[String(match.1)] = value
                rest = rest[match.range.upperBound...]
            }
            #expect(rest.isEmpty, "\(text)")
            return labels
        }

        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? { families[name]?.samples[labels] }
    }

    private static let process = ProcessUsage(
        stat:
            "4711 (mcu (x) y) S 1 4711 4711 0 -1 4194560 9 0 0 0 1234 566 0 0 20 0 12 0 2500 800000000 50000 18446744",
        limits: "Limit   Soft Limit  Hard Limit  Units\nMax cpu time   unlimited  unlimited  seconds\n"
            + "Max open files            1024                 524288               files\n",
        systemStat: "cpu  1 2 3\nbtime 1790000000\nprocesses 3\n", openFiles: 42)

    private func page(_ report: StatusReport = ReportTests.report) throws -> Page {
        var text = PrometheusText(conference: "giao ban", version: "1.2.3")
        return try Page(text.page(report, process: Self.process))
    }

    @Test("carry each site's line by the names that operators know")
    func sites() throws {
        let page = try page()
        func site(_ id: String, _ more: [String: String] = [:]) -> [String: String] {
            ["conference": "giao ban", "site": id].merging(more) { $1 }
        }
        #expect(page.value("mcu_site_up", site("gia-binh")) == 1)
        #expect(page.value("mcu_site_up", site("que-vo")) == 0)
        let video = site("gia-binh", ["media": "video"])
        let audio = site("gia-binh", ["media": "audio"])
        #expect(page.value("mcu_rtp_packets_received_total", video) == 9_900)
        #expect(page.value("mcu_rtp_packets_received_total", audio) == 5_000)
        #expect(page.value("mcu_rtp_bytes_received_total", video) == 9_000_000)
        #expect(page.value("mcu_rtp_packets_lost_total", video) == 100)
        #expect(page.value("mcu_rtp_packets_lost_total", audio) == 0, "never below zero")
        #expect(page.value("mcu_rtp_jitter_seconds", video) == 0.00124)
        #expect(page.value("mcu_rtcp_round_trip_seconds", site("gia-binh")) == 0.01234)
        #expect(page.value("mcu_site_sound_level_dbov", site("gia-binh")) == -23.6)
        #expect(page.value("mcu_site_sound_level_dbov", site("que-vo")) == nil)
        let reasons = ["source": 2.0, "malformed": 0, "overflow": 1, "late": 3, "dup": 0]
        for (reason, count) in reasons {
            #expect(page.value("mcu_rtp_packets_discarded_total", site("gia-binh", ["reason": reason])) == count)
        }
        #expect(page.families["mcu_rtp_packets_discarded_total"]?.samples.count == 5)
        #expect(page.value("mcu_rtp_packets_sent_total", audio) == 5_000)
    }

    @Test("carry the mix, the programs, the encodes and the process")
    func bridge() throws {
        let page = try page()
        let conference = ["conference": "giao ban"]
        #expect(page.value("mcu_build_info", ["version": "1.2.3"]) == 1)
        #expect(page.value("mcu_uptime_seconds", conference) == 3723.4)
        #expect(page.value("mcu_mix_tick_late_total", conference) == 2)
        #expect(page.value("mcu_mix_tick_duration_mean_seconds", conference) == 0.0004126)
        #expect(
            page.value("mcu_program_tick_late_total", ["conference": "giao ban", "program": "room"]) == 1)
        let group = ["conference": "giao ban", "program": "room", "group": "1"]
        #expect(page.value("mcu_encode_duration_max_seconds", group) == 0.01108)
        #expect(page.value("process_cpu_seconds_total") == 18)
        #expect(page.value("process_resident_memory_bytes") == 204_800_000)
        #expect(page.value("process_virtual_memory_bytes") == 800_000_000)
        #expect(page.value("process_start_time_seconds") == 1_790_000_025)
        #expect(page.value("process_open_fds") == 42)
        #expect(page.value("process_max_fds") == 1024)
    }

    @Test("keep to the conventions: base units, _total for what counts, and nothing without help")
    func conventions() throws {
        for (name, family) in try page().families {
            #expect(name.hasPrefix("mcu_") || name.hasPrefix("process_"))
            #expect(name.hasSuffix("_total") == (family.type == "counter"), "\(name)")
            #expect(!family.help.isEmpty && !family.samples.isEmpty, "\(name)")
            for unit in ["_ms", "_milliseconds", "_us", "_kb", "_percent"] { #expect(!name.contains(unit), "\(name)") }
        }
    }

    @Test("escape what labels can't hold")
    func escaping() throws {
        var report = StatusReport(sites: [SiteStatus(id: "a\"b\\c\r\nd}", state: "live")])
        report.sites[0].videoIn = VideoInStatus()
        let page = try page(report)
        #expect(page.value("mcu_site_up", ["conference": "giao ban", "site": "a\"b\\c\r\nd}"]) == 1)
    }

    @Test("never let a counter fall, and forget sites that are gone")
    func floors() throws {
        var text = PrometheusText(conference: "c", version: "1")
        let labels = ["conference": "c", "site": "gia-binh", "media": "video"]
        var report = StatusReport(sites: [SiteStatus(id: "gia-binh", videoIn: VideoInStatus(lost: 100))])
        func lost() throws -> Double? {
            try Page(text.page(report, process: nil)).value("mcu_rtp_packets_lost_total", labels)
        }
        #expect(try lost() == 100)
        report.sites[0].videoIn?.lost = 93
        #expect(try lost() == 100)
        report.sites[0].videoIn?.lost = 101
        #expect(try lost() == 101)
        let site = report.sites.removeFirst()
        #expect(try lost() == nil)
        report.sites = [site]
        report.sites[0].videoIn?.lost = 5
        #expect(try lost() == 5, "another site of the same name")
    }

    @Test("read the kernel's words about this very process")
    func process() throws {
        func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        let usage = try #require(
            ProcessUsage(
                stat: try text("/proc/self/stat"), limits: try text("/proc/self/limits"),
                systemStat: try text("/proc/stat"), openFiles: 7))
        #expect(usage.residentBytes > 1_000_000 && usage.virtualBytes > usage.residentBytes)
        let age = Date().timeIntervalSince1970 - (usage.startTimeSeconds ?? 0)
        #expect(age > -2 && age < 24 * 3600)
        #expect(ProcessUsage(stat: "") == nil && ProcessUsage(stat: "1 (a) S 1 2") == nil)
    }

    @Test("are all that the alert rules ask for")
    func rules() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let rules = try String(
            contentsOf: package.appendingPathComponent("packaging/prometheus/mcu-server.rules.yml"), encoding: .utf8)
        let asked = Set(rules.matches(of: /\b(mcu|process)_[a-z_]+/).map { String($0.0) })
        #expect(asked.count > 8)
        var report = ReportTests.report
        report.sites[0].lipSyncMs = 45
        let families = try page(report).families
        for name in asked where !name.hasPrefix("mcu_server") { #expect(families[name] != nil, "\(name)") }
    }
}
