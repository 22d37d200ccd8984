import Bridge

/// What processes took of this machine.
package struct ProcessCost: Hashable, Sendable {
    /// User and system time in seconds.
    package var processor: Double
    /// The most memory that was resident, in bytes.
    package var memory: Int

    package init(processor: Double = 0, memory: Int = 0) {
        self.processor = processor
        self.memory = memory
    }

    package static func + (a: ProcessCost, b: ProcessCost) -> ProcessCost {
        ProcessCost(processor: a.processor + b.processor, memory: a.memory + b.memory)
    }
}

/// What the demo says in the end: a line for each site, the bridge's own figures, and what went wrong.
package struct DemoSummary {
    /// The bridge's last word.
    package var report: StatusReport
    package var guest: String
    /// How long bridge and endpoints ran, in seconds.
    package var seconds: Double
    package var bridge: ProcessCost
    package var endpoints: ProcessCost

    package init(
        report: StatusReport, guest: String, seconds: Double, bridge: ProcessCost, endpoints: ProcessCost
    ) {
        self.report = report
        self.guest = guest
        self.seconds = seconds
        self.bridge = bridge
        self.endpoints = endpoints
    }

    package var lines: [String] { sites.lines + [""] + programs + [cost] }

    /// Sites that never came through, a sentence each. The guest may stay away.
    package var faults: [String] {
        report.sites.filter { $0.id != guest }.flatMap { site in
            var faults: [String] = []
            if (site.videoIn?.framesDecoded ?? 0) == 0 { faults.append("\(site.name) was never seen") }
            if (site.audioIn?.packets ?? 0) == 0 { faults.append("\(site.name) was never heard") }
            if (site.videoOut?.frames ?? 0) == 0 { faults.append("\(site.name) was sent no picture") }
            return faults
        }
    }

    private var sites: TextTable {
        var table = TextTable([
            ("site", .left), ("packets in", .right), ("lost", .right), ("pictures decoded", .right),
            ("pictures sent", .right), ("packets out", .right),
        ])
        for site in report.sites {
            let received = (site.videoIn?.packets ?? 0) + (site.audioIn?.packets ?? 0)
            let lost = (site.videoIn?.lost ?? 0) + (site.audioIn?.lost ?? 0)
            table.add([
                TextTable.shortened(site.name, to: 40), "\(received)", "\(lost)", "\(site.videoIn?.framesDecoded ?? 0)",
                "\(site.videoOut?.frames ?? 0)", "\((site.videoOut?.packets ?? 0) + (site.audioOut?.packets ?? 0))",
            ])
        }
        return table
    }

    private var programs: [String] {
        report.programs.map { program in
            "program \(program.id): \(program.frames) pictures, \(program.lateTicks) late, \(program.droppedTicks) dropped, "
                + "\(DecimalText.of(program.composeMs, digits: 1)) ms each to compose"
        } + ["sound: \(report.audio.ticks) ticks of 20 ms, \(report.audio.lateTicks) late"]
    }

    private var cost: String {
        func cores(_ cost: ProcessCost) -> String { DecimalText.of(cost.processor / max(seconds, 0.001), digits: 2) }
        return "\(DecimalText.of(seconds, digits: 1)) s; the bridge took \(cores(bridge)) cores and "
            + "\(DecimalText.of(Double(bridge.memory) / 1_048_576, digits: 0)) MiB, all endpoints together "
            + "\(cores(endpoints)) cores"
    }
}
