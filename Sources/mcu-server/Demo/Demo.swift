import ArgumentParser
import Bridge
import Conference
import Console
import Foundation
import Media

/// The demo from its first line to its last.
struct Demo {
    private let stage: DemoStage
    private let seconds: Int?
    private let client: BridgeClient
    private let programs: [String]
    private let watch: BridgeWatch
    private let interruption = Interruption()

    /// Seconds between two pictures of each program, and between two lines where there is no terminal.
    private static let refresh = 4

    /// - Parameter seconds: when it ends by itself; `nil`: never.
    init(_ stage: DemoStage, seconds: Int?) throws {
        self.stage = stage
        self.seconds = seconds
        let server = stage.configuration.server
        let address = server.http.map { "\($0)" } ?? ""
        let url = "http://\(address)"
        client = try BridgeClient(url: url, token: server.token)
        guard let base = URL(string: url) else { throw RunFailure("--http \(address): no address to reach it by") }
        programs = stage.configuration.plan.programs.map(\.id.rawValue)
        watch = BridgeWatch(
            client: client,
            pictures: PictureSaver(base: base, token: server.token, folder: stage.folder, programs: programs))
    }

    func run() async throws {
        try stage.folder.prepare()
        try introduce()
        let bridge = try ChildProcess(
            "the bridge", ["/proc/self/exe".resolved] + stage.plan.command, log: stage.folder.log("bridge"))
        try await bridge.awaitHealth(asking: client, log: stage.folder.log("bridge"))
        let start = ContinuousClock.now
        var endpoints = DemoEndpoints(stage)
        var faults: [String] = []
        do {
            try await raise(&endpoints, bridge)
            faults = try await show(bridge, endpoints)
        } catch let failure as RunFailure {
            faults = [failure.description]
        }
        say("ending …")
        let (logs, cost) = await endpoints.end()
        let elapsed = start.duration(to: .now)
        bridge.terminate()
        let end = await bridge.wait(seconds: 10)
        if end.status != 0, faults.isEmpty { faults.append("the bridge did not end well: exit status \(end.status)") }

        let summary = watch.news.report.map {
            DemoSummary(
                report: $0, guest: DemoPlan.guest.id, seconds: elapsed / .seconds(1), bridge: end.cost, endpoints: cost)
        }
        if let summary { say(([""] + summary.lines).joined(separator: "\n")) }
        faults += summary?.faults ?? []
        faults += try await tellFiles()
        if logs.count == stage.province.sites.count {
            let mixMinus = MixMinusReport(sites: stage.province.sites, logs: logs)
            try stage.folder.write(mixMinus.table, to: stage.folder.report)
            say(([""] + mixMinus.lines + ["all figures: \(stage.folder.report)"]).joined(separator: "\n"))
            if !mixMinus.isRight { faults.append("the mix was wrong") }
        }
        guard faults.isEmpty else {
            for fault in faults { Terminal.complain("mcu-server: \(fault)") }
            Terminal.complain("mcu-server: the logs are in \(stage.folder.log("").deletingLastComponent)")
            throw ExitCode(1)
        }
    }
}

// MARK: What it does

extension Demo {
    /// First those that listen, so that nobody misses a word; then those that speak.
    private func raise(_ endpoints: inout DemoEndpoints, _ bridge: ChildProcess) async throws {
        try endpoints.startListening()
        say("the bridge runs; \(stage.province.sites.count) sites begin to listen …")
        for _ in 0..<300 where endpoints.listening < stage.province.sites.count && !interruption.isAsked {
            guard bridge.end == nil else { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        guard !interruption.isAsked else { return }
        guard endpoints.listening == stage.province.sites.count else {
            throw RunFailure(
                "only \(endpoints.listening) of \(stage.province.sites.count) sites hear the bridge after 30 s")
        }
        try endpoints.startSending()
    }

    /// Shows the table until it is time to end.
    ///
    /// - Returns: why it had to end before its time, and which endpoints did.
    private func show(_ bridge: ChildProcess, _ endpoints: DemoEndpoints) async throws -> [String] {
        let start = ContinuousClock.now
        var area = LiveArea()
        var lost: Set<String> = []
        for beat in 1... {
            watch.refresh(withPictures: beat % Self.refresh == 1)
            // An absolute schedule: what the beat itself takes doesn't add up.
            let due = start.advanced(by: .seconds(beat))
            while ContinuousClock.now < due, !interruption.isAsked, bridge.end == nil {
                try await Task.sleep(for: min(.milliseconds(50), ContinuousClock.now.duration(to: due)))
            }
            if let end = bridge.end { return ["the bridge ended by itself, with exit status \(end.status)"] }
            for endpoint in endpoints.lost { lost.insert(endpoint.name) }
            draw(in: &area, beat: beat)
            if interruption.isAsked || seconds.map({ beat >= $0 }) == true { break }
        }
        try await finishWatch()
        return lost.sorted().map { "\($0) ended by itself" }
    }

    /// A last look, unless the bridge doesn't answer any more.
    private func finishWatch() async throws {
        for attempt in [false, true] {
            if attempt { watch.refresh(withPictures: true) }
            for _ in 0..<60 where watch.isAsking { try await Task.sleep(for: .milliseconds(50)) }
        }
    }

    private func draw(in area: inout LiveArea, beat: Int) {
        let news = watch.news
        guard let report = news.report else { return }
        let table = DemoTable(report, guest: DemoPlan.guest.id)
        let time = seconds.map { "\(beat) of \($0) s" } ?? "\(beat) s"
        let fresh = news.files.isEmpty ? "no picture yet" : "pictures: \(news.files.joined(separator: ", "))"
        if Terminal.isInteractive {
            let foot = ["\(fresh), each \(Self.refresh) s", "\(time); Ctrl-C ends it with a summary"]
            area.draw(table.lines + [""] + foot)
        } else if beat % Self.refresh == 1 {
            say("\(time): \(table.line); \(fresh)")
        }
    }
}

// MARK: What it says

extension Demo {
    private func say(_ text: String) { Terminal.write(text + "\n") }

    private func introduce() throws {
        let (plan, folder) = (stage.plan, stage.folder)
        let joining = plan.joining
        try folder.write(plan.typed(isShort: false) + "\n", to: folder.command)
        try folder.write("\(joining.sends)\n\(joining.shows)\n", to: folder.joining)
        say(
            """
            A province meets on this machine: \(plan.lines.count) endpoints, and the bridge as you would start it:

            \(plan.typed(isShort: true))

            (whole in \(folder.command))

            One more site joins, from another terminal; its cell is kept free:

            \(joining.sends)

            and sees and hears what it is sent:

            \(joining.shows)

            (both in \(folder.joining)) The operator's desk, while it runs:

            \(stage.controlExample)

            """)
    }

    /// Says where the film and the pictures are.
    ///
    /// - Returns: what is wrong with the film.
    private func tellFiles() async throws -> [String] {
        let line = DemoEndpoints.filmedLine(of: stage.plan)
        let path = stage.folder.recording(of: line.site.id)
        let pictures = programs.map(stage.folder.picture(of:)).filter(FileManager.default.fileExists(atPath:))
        if !pictures.isEmpty { say("\npictures: \(pictures.joined(separator: ", "))") }
        guard let film = try await Recording.probe(path, log: stage.folder.log("ffprobe")) else {
            return ["\(path) can't be played"]
        }
        say(
            "film: \(path), what \(line.site.name) received: \(DecimalText.of(film.seconds, digits: 1)) s, "
                + film.streams.joined(separator: ", "))
        return film.streams.count == 2 ? [] : ["\(path): expected picture and sound"]
    }
}

extension String {
    fileprivate var deletingLastComponent: String { (self as NSString).deletingLastPathComponent }
    /// The path with all symbolic links followed.
    fileprivate var resolved: String { URL(fileURLWithPath: self).resolvingSymlinksInPath().path }
}
