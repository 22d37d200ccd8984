/// Who stands where in the demo: the command that starts its bridge, and those that start its endpoints.
package struct DemoPlan: Hashable, Sendable {
    /// One site's ports: where the bridge takes its packets, and where the endpoint takes the bridge's.
    package struct Line: Hashable, Sendable {
        package var site: DemoSite
        package var bridge: Int
        package var endpoint: Int

        /// `key=value,…` for `--site`.
        var specification: String {
            "id=\(site.id),name=\(Self.escaped(site.name)),audio=\(bridge),video=\(bridge + 2),"
                + "to=\(DemoPlan.host):\(endpoint)"
        }

        private static func escaped(_ text: String) -> String {
            text.map { ",\"\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        }
    }

    package static let host = "127.0.0.1"
    /// A place that is kept for one more site.
    package static let guest = DemoSite(id: "khach", name: "Khách", tone: 1180)
    /// The speaker large, who spoke before beside, and twelve more: fourteen pictures of one shape. It is what 1+12
    /// would be for one site more.
    package static let layout = """
        speaker speaker speaker previous previous / speaker speaker speaker previous previous / \
        speaker speaker speaker * * / * * * * * / * * * * *
        """
    /// Bridge and endpoint of every site and of the guest.
    package static func blocks(for province: Province) -> Int { 2 * (province.sites.count + 1) }

    /// In the order of the province.
    package let lines: [Line]
    package let guest: Line
    /// The words after `mcu-server`.
    package let command: [String]
    package let descriptions: String

    /// - Parameters:
    ///   - http: where the bridge's HTTP API shall listen.
    ///   - descriptions: the folder for the SDP files.
    ///   - flags: more words for `run`.
    ///   - hasPrograms: whether they name the programs besides the room.
    ///   - hasLayout: whether they, or the environment, say the room's layout.
    package init(
        province: Province, ports: PortBlocks, http: String, descriptions: String, flags: [String] = [],
        hasPrograms: Bool = false, hasLayout: Bool = false
    ) {
        let count = province.sites.count + 1
        precondition(ports.bases.count >= 2 * count)
        let all = (province.sites + [Self.guest]).enumerated().map { index, site in
            Line(site: site, bridge: ports.bases[index], endpoint: ports.bases[count + index])
        }
        lines = Array(all.dropLast())
        guest = all[count - 1]
        self.descriptions = descriptions
        var command = ["run", "--uplink", lines[0].specification]
        for line in all.dropFirst() { command += ["--site", line.specification] }
        if !hasPrograms { command += ["--program", "id=return,to=\(province.uplink.id),layout=speaker"] }
        if !hasLayout { command += ["--layout", Self.layout] }
        command += ["--bind", Self.host, "--http", http, "--sdp-dir", descriptions]
        self.command = command + flags
    }

    /// The command as a person would type it, a flag a line.
    ///
    /// - Parameter isShort: whether of the `--site` flags only the first is shown.
    package func typed(isShort: Bool) -> String {
        var lines = ["mcu-server run"]
        var hidden = 0
        for index in stride(from: 1, to: command.count, by: 2) {
            let pair = command[index..<min(index + 2, command.count)]
            if isShort, pair.first == "--site", lines.contains(where: { $0.hasPrefix("  --site") }) {
                hidden += 1
                continue
            }
            if hidden > 0 { lines.append("  … \(hidden) more --site …") }
            hidden = 0
            lines.append("  " + ShellWords.line(Array(pair)))
        }
        return lines.joined(separator: " \\\n")
    }

    /// The words after `scripts/endpoint` for a site that sends.
    package func sending(_ line: Line, media: String) -> [String] {
        [
            "send", line.site.id, "--audio-to", "\(Self.host):\(line.bridge)", "--video-to",
            "\(Self.host):\(line.bridge + 2)", "--loop", "--media", media,
        ]
    }

    /// The words after `scripts/endpoint` for a site that receives.
    ///
    /// - Parameter recording: the MP4 file that keeps what it receives; `nil`: none does.
    package func receiving(_ line: Line, sound: String, recording: String?) -> [String] {
        ["receive", "--sdp", description(of: line), "--wav", sound] + (recording.map { ["--out", $0] } ?? [])
    }

    /// The lines with which one more site joins: what sends, and what shows what it is sent.
    package var joining: (sends: String, shows: String) {
        let picture = "rtp://\(Self.host):\(guest.bridge + 2)?pkt_size=1200"
        let sound = "rtp://\(Self.host):\(guest.bridge)?pkt_size=1200"
        // It swells for half of nine seconds and is silent for the rest: it gets the floor, and gives it back.
        let voice = "aevalsrc=0.3*sin(2*PI*\(Int(guest.site.tone))*t)*max(0\\,sin(2*PI*t/9)):s=48000"
        let sends = [
            "ffmpeg", "-loglevel", "warning", "-re", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-re", "-f",
            "lavfi", "-i", voice, "-map", "0:v", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency",
            "-pix_fmt", "yuv420p", "-g", "60", "-b:v", "1200k", "-payload_type", "96", "-f", "rtp", picture, "-map",
            "1:a", "-c:a", "libopus", "-b:a", "32k", "-payload_type", "111", "-f", "rtp", sound,
        ]
        let shows = ["ffplay", "-loglevel", "warning", "-protocol_whitelist", "file,udp,rtp", description(of: guest)]
        return (ShellWords.line(sends), ShellWords.line(shows))
    }

    private func description(of line: Line) -> String { "\(descriptions)/\(line.site.id).sdp" }
}
