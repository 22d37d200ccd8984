import Bridge

/// The demo's live table: what `ctl watch` shows, for who sees it for the first time and on a narrow terminal.
package struct DemoTable {
    private let report: StatusReport
    private let guest: String
    /// Sounds softer than that draw no bar, in dBov.
    private static let floor = -60.0

    /// - Parameter guest: the id of the place that is kept for one more site.
    package init(_ report: StatusReport, guest: String) {
        self.report = report
        self.guest = guest
    }

    package var lines: [String] { sites.lines + [""] + report.programs.map(describe) }

    /// The same in one line, for a log.
    package var line: String {
        let live = report.sites.lazy.filter { $0.state == "live" }.count
        let speaker = report.sites.first(where: \.speaking)?.name ?? "nobody"
        let lost = report.sites.reduce(0) { $0 + max(0, $1.videoIn?.lost ?? 0) + max(0, $1.audioIn?.lost ?? 0) }
        let late = report.programs.reduce(0) { $0 + $1.lateTicks + $1.droppedTicks }
        return "\(live) of \(report.sites.count) sites live, \(speaker) speaks, \(frames) pictures, \(late) late, "
            + "\(lost) packets lost"
    }

    private var frames: Int { report.programs.first?.frames ?? 0 }

    private var sites: TextTable {
        var table = TextTable([
            ("  site", .left), ("level", .left), ("dBov", .right), ("picture in", .left), ("fps", .right),
            ("kbit/s", .right), ("lost", .right), ("picture out", .left), ("fps", .right), ("kbit/s", .right),
        ])
        for site in report.sites {
            let (input, output) = (site.videoIn, site.videoOut)
            let isComing = (input?.width ?? 0) > 0 && site.state != "slate"
            table.add([
                (site.speaking ? "▶ " : "  ") + TextTable.shortened(site.name, to: 24), Self.bar(site.levelDbov),
                site.levelDbov.flatMap { $0 > -127 ? DecimalText.of($0, digits: 0) : nil } ?? "-",
                isComing ? size(input?.width, input?.height) : site.id == guest ? "free: join" : site.state,
                isComing ? rate(input?.fps) : "-", isComing ? kilobits(input?.bitrateBps) : "-", lost(site),
                output.map { size($0.width, $0.height) } ?? "-", rate(output?.fps), kilobits(output?.bitrateBps),
            ])
        }
        return table
    }

    private func describe(_ program: ProgramStatus) -> String {
        // Who has the floor is the same in all of them.
        let isFirst = program.id == report.programs.first?.id
        let speaker = isFirst ? program.speaker.map { ", \($0) has the floor" } ?? "" : ""
        return "program \(program.id): \(program.frames) pictures, \(program.lateTicks) late, "
            + "\(program.droppedTicks) dropped\(speaker)"
    }

    /// A meter of eight blocks.
    package static func bar(_ level: Double?) -> String {
        guard let level, level > floor else { return "········" }
        let filled = max(1, min(8, Int(((level - floor) / -floor * 8).rounded(.up))))
        return String(repeating: "█", count: filled) + String(repeating: "·", count: 8 - filled)
    }

    /// Of sound and picture, as a share of what should have come.
    private func lost(_ site: SiteStatus) -> String {
        let lost = max(0, site.videoIn?.lost ?? 0) + max(0, site.audioIn?.lost ?? 0)
        let received = (site.videoIn?.packets ?? 0) + (site.audioIn?.packets ?? 0)
        guard received > 0 else { return "-" }
        return lost == 0 ? "0 %" : DecimalText.of(Double(lost) / Double(received + lost) * 100, digits: 2) + " %"
    }

    private func size(_ width: Int?, _ height: Int?) -> String { "\(width ?? 0)x\(height ?? 0)" }
    private func rate(_ rate: Double?) -> String { rate.map { DecimalText.of($0, digits: 1) } ?? "-" }
    private func kilobits(_ rate: Int?) -> String { rate.map { DecimalText.of(Double($0) / 1000, digits: 0) } ?? "-" }
}
