import ArgumentParser
import Console
import Foundation

/// Finds how many sites this machine holds.
struct CapacityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capacity",
        abstract: "Measure how many sites this machine holds.",
        discussion: """
            Starts bridges of more and more sites, each with a camera and a microphone that this program plays on the
            loopback, until a tick is late, a picture is missing or the delay grows; then it narrows the number down. All
            of it takes about twenty minutes: let nothing else run. The cameras' own work (about 0.002 cores a site) is on
            the same machine.

            The folder gets capacity.json, which "check" and "run" compare their conference with (--capacity), and
            capacity.svg: CPU and delay against sites.

            EXAMPLES
              mcu-server capacity
              mcu-server capacity --pictures 720p --views shared --presets superfast --seconds 10
              mcu-server check --config mcu-server.yaml --capacity capacity/capacity.json

            EXIT CODES
              0 all was measured; 1 a bridge did not run; 2 a flag is wrong; 130 Ctrl-C.
            """)

    @Option(help: ArgumentHelp("720p, 1080p or both, separated by commas.", valueName: "list"))
    var pictures = "720p,1080p"
    @Option(help: ArgumentHelp("shared: one encode for all; personal: one for each site; or both.", valueName: "list"))
    var views = "shared,personal"
    @Option(
        help: ArgumentHelp(
            "full: cameras send pictures as large as what sites are sent; half: half as wide and high, as those do that obey the "
                + "bridge's requests for less; or both.", valueName: "list"))
    var cameras = "full"
    @Option(help: ArgumentHelp("x264 presets.", valueName: "list"))
    var presets = "ultrafast,superfast,veryfast"
    @Option(help: ArgumentHelp("Of each step.", valueName: "number"))
    var seconds = 4
    @Option(help: ArgumentHelp("No more are tried.", valueName: "number"))
    var mostSites = 100
    @Option(
        help: ArgumentHelp("No UDP port below this one, up to \(PortBlocks.range.upperBound).", valueName: "number"))
    var firstPort = PortBlocks.range.lowerBound
    @Option(help: ArgumentHelp("The folder for the report and the chart.", valueName: "directory"))
    var out = "capacity"

    private static let knownPresets = ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"]

    func run() async throws {
        let scenarios = try scenarios()
        try check("--seconds", seconds, 2...600)
        try check("--most-sites", mostSites, 1...196)
        try check("--first-port", firstPort, PortBlocks.range.lowerBound...PortBlocks.range.upperBound - 1000)
        let folder = URL(fileURLWithPath: out, isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw RunFailure("--out \(out): \(error.localizedDescription): expected a folder to write into")
        }
        let interruption = Interruption()
        let run = CapacityRun(
            seconds: seconds, mostSites: mostSites, firstPort: firstPort,
            log: folder.appendingPathComponent("bridge.log").path,
            interruption: interruption)
        var report = CapacityReport(
            machine: Self.processor, cores: ProcessInfo.processInfo.activeProcessorCount,
            date: Date().formatted(.iso8601.year().month().day()))
        for (index, scenario) in scenarios.enumerated() {
            Terminal.write("\(index + 1) of \(scenarios.count): \(scenario.name)\n")
            let finding = try await run.find(scenario) { step, fault in
                Terminal.write(
                    "  \(step.sites) sites: \(DecimalText.of(step.cores, digits: 2)) cores, "
                        + "delay \(step.delayMedian.map { DecimalText.of($0, digits: 0) } ?? "-") ms: \(fault ?? "held")\n"
                )
            }
            guard let finding else { throw ExitCode(130) }
            report.findings.append(finding)
            try write(report, to: folder)
        }
        Terminal.write(([""] + report.lines).joined(separator: "\n") + "\n\(out)/capacity.json, \(out)/capacity.svg\n")
    }

    private func write(_ report: CapacityReport, to folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try encoder.encode(report).write(to: folder.appendingPathComponent("capacity.json"), options: .atomic)
            try Data(CapacityChart(report).svg.utf8).write(
                to: folder.appendingPathComponent("capacity.svg"), options: .atomic)
        } catch { throw RunFailure("--out \(out): \(error.localizedDescription)") }
    }

    private func scenarios() throws -> [CapacityScenario] {
        let pictures = try list("--pictures", pictures, CapacityScenario.Picture.allCases.map(\.rawValue))
            .compactMap(CapacityScenario.Picture.init)
        let views = try list("--views", views, CapacityScenario.Views.allCases.map(\.rawValue))
            .compactMap(CapacityScenario.Views.init)
        let cameras = try list("--cameras", cameras, CapacityScenario.Cameras.allCases.map(\.rawValue))
            .compactMap(CapacityScenario.Cameras.init)
        let presets = try list("--presets", presets, Self.knownPresets)
        return pictures.flatMap { picture in
            views.flatMap { views in
                presets.flatMap { preset in
                    cameras.map { CapacityScenario(picture: picture, views: views, preset: preset, cameras: $0) }
                }
            }
        }
    }

    private func list(_ flag: String, _ text: String, _ known: [String]) throws -> [String] {
        let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard !words.isEmpty, words.allSatisfy(known.contains) else {
            throw Refusal(
                origin: .flag(flag), key: flag, value: text, expected: "a list of " + known.joined(separator: ", "))
        }
        return words
    }

    private func check(_ flag: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard !range.contains(value) else { return }
        throw Refusal(
            origin: .flag(flag), key: flag, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }

    private static var processor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    }
}
