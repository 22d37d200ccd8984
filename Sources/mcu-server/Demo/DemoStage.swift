import Console
import Foundation
import Glibc
import Media

/// All that must be there before anything is started: tools, media, free ports, and a command that the bridge takes.
struct DemoStage {
    let folder: DemoFolder
    let province: Province
    let plan: DemoPlan
    /// What the bridge will make of the command.
    let configuration: Configuration

    init(_ options: PlanOptions) throws {
        try Self.refuseSites(options)
        for tool in ["ffmpeg", "ffprobe", "setpriv", "bash"] where Self.path(of: tool) == nil {
            throw RunFailure("\(tool) isn't installed: scripts/install-packages does that, and so does \"make demo\"")
        }
        folder = try DemoFolder()
        province = try Self.province(in: folder)
        // A token is no word of the command: others could read it there.
        if let token = options.token { setenv("MCU_TOKEN", token, 1) }
        let environment = ProcessInfo.processInfo.environment
        guard let ports = PortBlocks(count: DemoPlan.blocks(for: province), isFree: FreePorts.isFree) else {
            throw RunFailure(
                "too few UDP ports are free between \(PortBlocks.range.lowerBound) and \(PortBlocks.range.upperBound)")
        }
        plan = DemoPlan(
            province: province, ports: ports, http: options.http ?? FreePorts.httpAddress(),
            descriptions: folder.descriptions,
            flags: try Self.flags(options), hasPrograms: !options.programs.isEmpty,
            hasLayout: options.layout != nil || environment["MCU_LAYOUT"]?.isEmpty == false)
        configuration = try PlanOptions.configuration(flags: Array(plan.command.dropFirst()), environment: environment)
        guard configuration.server.http != nil else {
            throw RunFailure("--http off: the demo reads its table there")
        }
    }

    /// A command for the running bridge, to try out.
    var controlExample: String {
        let address = configuration.server.http.map { "\($0)" } ?? ""
        let url = address == "127.0.0.1:8080" ? "" : "--url http://\(address) "
        return "mcu-server ctl \(url)layout 1+12"
    }

    private static func refuseSites(_ options: PlanOptions) throws {
        var refusals = Refusals()
        for (flag, isGiven) in [
            ("--config", options.config != nil), ("--site", !options.sites.isEmpty),
            ("--uplink", !options.uplinks.isEmpty),
            ("--downlink", !options.downlinks.isEmpty), ("--bind", options.bind != nil),
            ("--sdp-dir", options.sdpDir != nil),
        ] where isGiven {
            refusals.add(Refusal(origin: .flag(flag), key: flag, expected: "it with run: the demo brings its own"))
        }
        if !refusals.isEmpty { throw refusals }
    }

    private static func province(in folder: DemoFolder) throws -> Province {
        let province: Province
        do {
            guard let table = try? String(contentsOfFile: folder.sites, encoding: .utf8) else {
                throw RunFailure("\(folder.sites) isn't there: run scripts/make-media, or \"make demo\", which does")
            }
            province = try Province(table: table)
        } catch let fault as Province.Fault {
            throw RunFailure("\(folder.sites): \(fault)")
        }
        for site in province.sites where !FileManager.default.isReadableFile(atPath: folder.media(of: site.id)) {
            throw RunFailure(
                "\(folder.media(of: site.id)) isn't there: run scripts/make-media, or \"make demo\", which does")
        }
        return province
    }

    /// The flags that go to the bridge as they are.
    private static func flags(_ options: PlanOptions) throws -> [String] {
        let settings = try options.layer().settings
        var flags = options.programs.flatMap { ["--program", $0] }
        for key in GeneralKey.allCases where key != .http && key != .token {
            if let field = settings[key] { flags += [key.flag, field.value] }
        }
        return flags
    }

    private static func path(of tool: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
            .map { "\($0)/\(tool)" }.first { access($0, X_OK) == 0 }
    }
}
