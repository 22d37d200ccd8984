import Conference
import Console
import Foundation
import Media
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The capacity run") struct CapacityTests {
    private static let scenario = CapacityScenario(picture: .hd, views: .shared, preset: "superfast")

    private func step(
        _ sites: Int, cores: Double = 1, delay95: Double? = 30, late: Int = 0, pictures: Double = 30, gaveWay: Int = 0
    )
        -> CapacityStep
    {
        CapacityStep(
            sites: sites, cores: cores, delayMedian: 20, delay95: delay95, late: late, picturesOut: pictures,
            gaveWay: gaveWay)
    }

    @Test("finds the most sites, whatever it is", arguments: 1...100)
    func search(held: Int) {
        var search = CapacitySearch(most: 100)
        var tried = 0
        while let sites = search.next {
            search.note(sites, isHeld: sites <= held)
            tried += 1
            #expect(sites <= 100)
        }
        #expect(search.held <= held && Double(held) <= Double(search.held) * 1.05 + 1)
        #expect(tried <= 10)
    }

    @Test("says that no site at all is held")
    func none() {
        var search = CapacitySearch(most: 100)
        while let sites = search.next { search.note(sites, isHeld: false) }
        #expect(search.held == 0 && search.tooMany == 1)
    }

    @Test("takes nothing late, missing or given up for held")
    func faults() {
        #expect(step(4).fault(calm: 20) == nil)
        #expect(step(4, late: 1).fault(calm: 20) == "1 ticks or pictures late")
        #expect(step(4, pictures: 27.5).fault(calm: 20) == "27.5 pictures a second")
        #expect(step(4, gaveWay: 1).fault(calm: 20) == "the governor gave way")
        #expect(step(4, delay95: nil).fault(calm: 20) == "no picture came")
        #expect(step(4, delay95: 120).fault(calm: 20) == "delay 120 ms, 20 with few sites")
        #expect(step(4, delay95: 120).fault(calm: nil) == nil)
    }

    @Test("starts bridges that its own flags allow, one encode for all or one for each", arguments: [1, 4, 7, 30])
    func command(sites: Int) throws {
        let lines = (0..<sites).map { CapacityScenario.Line(bridge: 20_000 + 4 * $0, endpoint: 24_000 + 4 * $0) }
        for (views, groups) in [(CapacityScenario.Views.shared, 1), (.personal, max(1, sites - 1))] {
            let scenario = CapacityScenario(picture: .fullHD, views: views, preset: "veryfast")
            let command = scenario.command(lines, http: "127.0.0.1:8080")
            let configuration = try Operator.configuration(Array(command.dropFirst()))
            #expect(configuration.plan.sites.count == sites)
            #expect(EncodeGroupPlan.groups(of: configuration.plan).count == groups)
        }
    }

    @Test("reads what the first release wrote of cameras: nothing")
    func oldReport() throws {
        let text = #"{"picture":"720p","preset":"superfast","views":"shared"}"#
        #expect(try JSONDecoder().decode(CapacityScenario.self, from: Data(text.utf8)) == Self.scenario)
        var half = Self.scenario
        half.cameras = .half
        #expect(half.cameraSize == Size(width: 640, height: 360) && half.cameraBitrate.bitsPerSecond == 500_000)
        let again = try JSONDecoder().decode(CapacityScenario.self, from: JSONEncoder().encode(half))
        #expect(again == half && again.name != Self.scenario.name)
    }

    private func report(slope: Double, offset: Double, personal: Double? = nil) -> CapacityReport {
        func finding(_ views: CapacityScenario.Views, _ slope: Double) -> CapacityReport.Finding {
            CapacityReport.Finding(
                scenario: CapacityScenario(picture: .hd, views: views, preset: "superfast"), sites: 16,
                limit: "late", steps: [4, 8, 16, 20].map { step($0, cores: offset + slope * Double($0)) })
        }
        return CapacityReport(
            machine: "a <machine>", cores: 2, date: "2026-01-01",
            findings: [finding(.shared, slope)] + (personal.map { [finding(.personal, $0)] } ?? []))
    }

    @Test("is what the warning goes by, if it was made")
    func warning() throws {
        func estimate(_ sites: Int, _ report: CapacityReport?) throws -> CapacityEstimate {
            let flags = (0..<sites).flatMap {
                ["--site", "id=s\($0),video=\(5000 + 2 * $0),video-to=10.0.0.1:\(5000 + 2 * $0)"]
            }
            return CapacityEstimate(of: try Operator.configuration(flags).plan, cores: 2, measured: report)
        }
        let fast = report(slope: 0.03, offset: 0.1)
        #expect(try abs(estimate(16, fast).needed - 0.58) < 1e-6)
        #expect(try estimate(16, fast).warning == nil)
        #expect(
            try estimate(20, fast).warning?.hasPrefix(
                "this conference takes about 0.7 cores, this machine has 2: under") == true)
        #expect(try estimate(40, nil).warning?.contains("\"mcu-server capacity\" measures it") == true)
        // An encode is what a site with one of its own takes more.
        #expect(try abs(estimate(10, report(slope: 0.03, offset: 0.1, personal: 0.12)).needed - 0.39) < 1e-6)
    }

    @Test("prints a line and draws a curve for each conference")
    func page() throws {
        let report = report(slope: 0.03, offset: 0.1, personal: 0.12)
        #expect(report.lines.count == 4)
        #expect(report.lines[2].contains("720p30 shared superfast") && report.lines[2].contains("0.030"))
        let svg = CapacityChart(report).svg
        #expect(svg.contains("a &lt;machine&gt;"))
        #expect(svg.components(separatedBy: "<polyline").count == 5)
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(CapacityReport.self, from: data) == report)
    }

    @Test("refuses a file that is none of its own")
    func file() throws {
        #expect(try CapacityReport.read(nil) == nil)
        #expect(throws: CapacityReport.Failure.self) { try CapacityReport.read("/nonexistent/capacity.json") }
    }
}
