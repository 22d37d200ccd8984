import Bridge

/// A running bridge as a page for a terminal: what `ctl watch` and `demo` show once a second.
package struct StatusTable {
    private let report: StatusReport

    package init(_ report: StatusReport) { self.report = report }

    package var lines: [String] {
        var lines = [headline, ""] + sites.lines + [""]
        for program in report.programs { lines.append(describe(program)) }
        for group in report.encodeGroups { lines.append(describe(group)) }
        lines.append(audio)
        return lines
    }

    private var headline: String {
        let live = report.sites.lazy.filter { $0.state == "live" }.count
        return "up \(Self.time(report.uptimeSeconds)), \(live) of \(report.sites.count) sites live"
    }

    private var sites: TextTable {
        var table = TextTable([
            ("  site", .left), ("name", .left), ("state", .left), ("dBov", .right), ("picture in", .left),
            ("fps", .right),
            ("kbit/s", .right), ("lost", .right), ("late", .right), ("jitter", .right), ("sound", .left),
            ("delay", .right), ("lost", .right), ("out fps", .right), ("kbit/s", .right), ("group", .left),
            ("RTT", .right), ("dropped", .left),
        ])
        for site in report.sites {
            let (videoIn, audioIn) = (site.videoIn, site.audioIn)
            table.add([
                (site.speaking ? "▶ " : "  ") + site.id, TextTable.shortened(site.name, to: 24), state(site),
                site.levelDbov.map { DecimalText.of($0, digits: 0) } ?? "-",
                videoIn.map { "\($0.codec) \($0.width)x\($0.height)" } ?? "-",
                videoIn.map { DecimalText.of($0.fps, digits: 1) } ?? "-", rate(videoIn?.bitrateBps),
                videoIn.map { share($0.lost, of: $0.packets) } ?? "-", count(videoIn?.late), ms(videoIn?.jitterMs),
                audioIn?.codec ?? "-", ms(audioIn?.delayMs), audioIn.map { share($0.lost, of: $0.packets) } ?? "-",
                site.videoOut.map { DecimalText.of($0.fps, digits: 1) } ?? "-", rate(site.videoOut?.bitrateBps),
                site.videoOut?.group ?? "-", ms(site.rttMs), dropped(site),
            ])
        }
        return table
    }

    private func state(_ site: SiteStatus) -> String { site.muted ? site.state + ", muted" : site.state }

    private func dropped(_ site: SiteStatus) -> String {
        site.dropped.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
            separator: ", ")
    }

    private func describe(_ program: ProgramStatus) -> String {
        var parts = [
            "program \(program.id): layout \(program.layout)", "\(program.frames) pictures",
            "\(DecimalText.of(program.composeMs, digits: 1)) ms each", "\(program.lateTicks) late",
            "\(program.droppedTicks) dropped",
        ]
        if let speaker = program.speaker { parts.append("speaker \(speaker)") }
        if let previous = program.previousSpeaker { parts.append("before \(previous)") }
        if let lecturer = program.lecturer { parts.append("lecturer \(lecturer)") }
        return parts.joined(separator: ", ")
    }

    private func describe(_ group: EncodeGroupStatus) -> String {
        "group \(group.id): \(group.codec) by \(group.encoder), \(group.width)x\(group.height), "
            + "\(DecimalText.of(group.fps, digits: 1)) fps, \(rate(group.bitrateBps)) of \(rate(group.bitrateTargetBps)) "
            + "kbit/s, \(group.keyframes) keyframes, \(DecimalText.of(group.encodeMsMean, digits: 1)) ms each "
            + "(most \(DecimalText.of(group.encodeMsMax, digits: 1))), \(group.receivers) receivers, \(group.dropped) dropped"
    }

    private var audio: String {
        let audio = report.audio
        return
            "sound: \(audio.ticks) ticks, \(audio.lateTicks) late, \(DecimalText.of(audio.tickUsMean, digits: 0)) us each "
            + "(most \(DecimalText.of(audio.tickUsMax, digits: 0))), \(audio.encodes) encodes"
    }

    private func rate(_ bitsPerSecond: Int?) -> String {
        bitsPerSecond.map { DecimalText.of(Double($0) / 1000, digits: 0) } ?? "-"
    }

    private func ms(_ value: Double?) -> String { value.map { DecimalText.of($0, digits: 1) + " ms" } ?? "-" }
    private func count(_ value: Int?) -> String { value.map(String.init) ?? "-" }

    /// Lost packets as a share of those that should have come.
    private func share(_ lost: Int, of received: Int) -> String {
        let expected = Double(received) + Double(lost)
        return lost <= 0 || expected <= 0 ? "0 %" : DecimalText.of(Double(lost) / expected * 100, digits: 2) + " %"
    }

    /// Such as `1:02:03`.
    private static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, (0..<1e9).contains(seconds) else { return "-" }
        let whole = Int(seconds)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}
