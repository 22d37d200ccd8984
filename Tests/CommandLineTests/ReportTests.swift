import Bridge
import Conference
import Console
import Foundation
import Media
import Testing

@Suite("Reports")
struct ReportTests {
    static let report = StatusReport(
        uptimeSeconds: 3723.4,
        sites: [
            SiteStatus(
                id: "gia-binh", name: "Huyện ủy Gia Bình", kind: "site", program: "room", cell: 0, state: "live",
                speaking: true, levelDbov: -23.6,
                videoIn: VideoInStatus(
                    codec: "h264", width: 1280, height: 720, fps: 29.97, bitrateBps: 1_493_000, packets: 9_900,
                    bytes: 9_000_000, lost: 100, late: 3, jitterMs: 1.24),
                audioIn: AudioInStatus(codec: "opus", packets: 5000, lost: -1, jitterMs: 0.3, delayMs: 40),
                videoOut: VideoOutStatus(
                    codec: "h264", width: 1280, height: 720, fps: 30, bitrateBps: 1_502_400, group: "1"),
                audioOut: AudioOutStatus(packets: 5000, bitrateBps: 48_000, shared: true),
                dropped: ["source": 2, "malformed": 0, "kernel": 1], rttMs: 12.34),
            SiteStatus(
                id: "que-vo", name: "Huye\u{323}\u{302}n u\u{309}y Quế Võ", kind: "site", program: "room",
                state: "slate", muted: true),
        ],
        programs: [
            ProgramStatus(
                id: "room", layout: "1x2", frames: 900, lateTicks: 1, droppedTicks: 0, composeMs: 1.25,
                cells: [CellStatus(x: 0, y: 0, width: 640, height: 720, site: "gia-binh")], speaker: "gia-binh",
                previousSpeaker: "que-vo")
        ],
        encodeGroups: [
            EncodeGroupStatus(
                id: "1", program: "room", codec: "h264", encoder: "libx264", width: 1280, height: 720, fps: 30,
                bitrateTargetBps: 1_500_000, bitrateBps: 1_502_400, frames: 900, keyframes: 8, encodeMsMean: 5.31,
                encodeMsMax: 11.08, receivers: 2)
        ],
        audio: AudioMixStatus(ticks: 5000, lateTicks: 2, tickUsMean: 412.6, tickUsMax: 1890, encodes: 9000))

    @Test("draw a running bridge")
    func table() {
        let lines = StatusTable(Self.report).lines
        let golden = """
            up 1:02:03, 1 of 2 sites live

              site      name               state         dBov  picture in      fps  kbit/s    lost  late  \
            jitter  sound    delay  lost  out fps  kbit/s  group      RTT  dropped
            ▶ gia-binh  Huyện ủy Gia Bình  live           -24  h264 1280x720  30.0    1493  1.00 %     3  1.2 \
            ms  opus   40.0 ms   0 %     30.0    1502  1      12.3 ms  kernel 1, source 2
              que-vo    Huyện ủy Quế Võ    slate, muted     -  -                 -       -       -     -       \
            -  -            -     -        -       -  -            -

            program room: layout 1x2, 900 pictures, 1.3 ms each, 1 late, 0 dropped, speaker gia-binh, before \
            que-vo
            group 1: h264 by libx264, 1280x720, 30.0 fps, 1502 of 1500 kbit/s, 8 keyframes, 5.3 ms each (most \
            11.1), 2 receivers, 0 dropped
            sound: 5000 ticks, 2 late, 413 us each (most 1890), 9000 encodes
            """
        #expect(lines.joined(separator: "\n") == golden, "\(lines.joined(separator: "\n"))")
    }

    @Test("travel as JSON with snake_case keys and come back the same")
    func json() throws {
        let data = try JSONEncoder().encode(Self.report)
        #expect(try JSONDecoder().decode(StatusReport.self, from: data) == Self.report)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(json.keys) == ["uptime_seconds", "sites", "programs", "encode_groups", "governor", "audio"])
        let site = try #require((json["sites"] as? [[String: Any]])?.first)
        #expect(site["level_dbov"] as? Double == -23.6)
        let video = try #require(site["video_in"] as? [String: Any])
        #expect(
            Set(video.keys) == [
                "codec", "width", "height", "fps", "bitrate_bps", "packets", "bytes", "lost", "late", "duplicate",
                "reordered", "jitter_ms", "access_units", "frames_decoded", "frames_dropped", "decode_errors",
                "keyframe_requests_sent", "nacks_sent", "repaired", "fec_recovered", "resting",
            ])
    }

    @Test("reckon with what codecs cost on a usual server: province-13 takes 0.89 cores with one shared encode")
    func floor() throws {
        let flags = (0..<13).flatMap { index -> [String] in
            let port = 5000 + 4 * index
            return ["--site", "id=s\(index),audio=\(port),video=\(port + 2),to=10.0.0.\(index + 1):5004"]
        }
        let plan = try Operator.configuration(flags).plan
        #expect(DecimalText.of(CPUFloor(of: plan).cores, digits: 2) == "0.89")
        #expect(EncodeGroupPlan.groups(of: plan).count == 1)
        // A quarter of the samples at half the rate: an eighth of the encode.
        let small = try Operator.configuration(["--site", "id=a,video=6000,video-to=h:1,size=640x360,fps=15"]).plan
        #expect(abs(CPUFloor(of: small).cores - (30 * 1.6 + 30 * 4.8 / 8) / 1000) < 1e-9)
    }

    @Test("say what will give way where a machine is too small for the plan")
    func capacity() throws {
        func warning(_ sites: Int, cores: Int) throws -> String? {
            let flags = (0..<sites).flatMap { index -> [String] in
                let port = 5000 + 4 * index
                return ["--site", "id=s\(index),audio=\(port),video=\(port + 2),to=10.0.0.1:\(port)"]
            }
            return CapacityEstimate(of: try Operator.configuration(flags).plan, cores: cores).warning
        }
        #expect(try warning(13, cores: 2) == nil)
        let close = try #require(try warning(23, cores: 2))
        #expect(close.hasPrefix("this conference takes about 1.8 cores, this machine has 2 (estimated: "))
        #expect(close.hasSuffix("): under load these give way: loop-filter"))
        #expect(try warning(23, cores: 4) == nil)
        #expect(try warning(80, cores: 2)?.contains("whatever gives way") == true)
    }

    @Test("count sites that need the same bits as one encode group")
    func encodeGroups() throws {
        let plan = try Operator.configuration([
            "--site", "id=a,video=6000,to=h:1", "--site", "id=b,video=6002,to=i:1",
            "--site", "id=c,video=6004,to=j:1,layout=1+5", "--site", "id=d,video=6006,to=k:1,video-bitrate=500k",
            "--site", "id=e,video=6008,to=l:1,packetization-mode=0", "--site", "id=f,video=6010,from=any",
            "--uplink", "id=up,video=6012,to=m:1",
        ]).plan
        #expect(
            EncodeGroupPlan.groups(of: plan).map { $0.sites.map(\.rawValue) } == [
                ["a", "b"], ["c"], ["d"], ["e"], ["up"],
            ])
    }

    @Test("print a plan with its sites, layouts, encode groups and cost")
    func plan() throws {
        let configuration = try Operator.configuration([
            "--site", Operator.giaBinh, "--site", "id=b,video=6000,from=any",
        ])
        let text = PlanReport(configuration).lines.joined(separator: "\n")
        for part in [
            "Huyện ủy Gia Bình", "5004+5005", "10.20.3.10:5006", "anywhere", "opus/111 h264/96", "layout auto, now 1x2",
            "┌",
            "Encode groups", "h264 constrained-baseline mode 1", "CPU, at least: 0.25 cores", "http 127.0.0.1:8080",
        ] {
            #expect(text.contains(part), "\(part) in\n\(text)")
        }
    }

    @Test("name the hub, and what a backup is one of")
    func cascade() throws {
        let flags = [
            "--site", Operator.giaBinh, "--uplink", "id=up,video=6000,to=h:1", "--uplink",
            "id=up-2,video=6004,to=h:5,backup=up",
        ]
        let text = PlanReport(try Operator.configuration(flags)).lines.joined(separator: "\n")
        #expect(text.contains("uplink, backup of up") && text.contains(", hub gia-binh"), "\(text)")
        #expect(text.contains("seen by up, up-2") && text.contains("layout auto, now 1x2"), "\(text)")
    }

    @Test("print a roll call, each level further to the right")
    func rollCall() {
        let rollCall = RollCall(
            rows: [
                .init(depth: 0, path: "hall", name: "Tỉnh ủy", kind: "site", state: "live", muted: true),
                .init(depth: 0, path: "d", name: "Gia Bình", kind: "downlink", state: "live", speaking: true),
                .init(depth: 1, path: "d/x", name: "Xã Đại Bái", kind: "site", state: "no picture", speaking: true),
            ], omitted: 2)
        #expect(
            RollCallTable(rollCall).lines == [
                "1 of 2 sites live, 2 more below that are not named", "", "  site  name        kind      state",
                "  hall  Tỉnh ủy     site      live, muted", "▶ d     Gia Bình    downlink  live",
                "▶   x   Xã Đại Bái  site      no picture",
            ])
    }

    @Test("print each site's lines, SRTP, repair, rate and delay")
    func lines() throws {
        let configuration = try Operator.configuration([
            "--sdp-dir", "out", "--site",
            Operator.giaBinh + ",audio2=5104,video2=5106,to2=10.21.3.10:6004,rtx=97,red=98,ulpfec=99,transport-cc=3,"
                + "adapt=no,jitter=40-400,ptime=40,srtp=AEAD_AES_256_GCM,srtp-in=\(Operator.key(.aes256GCM, 1))",
            "--site", "id=b,video=6000,from=any,video2=6100,feedback=none", "--site", "id=c,audio=6004,from=any",
        ])
        let lines = PlanReport(configuration).lines
        let start = try #require(lines.firstIndex(of: "Lines"))
        let words = lines[(start + 1)...(start + 4)].map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            words == [
                "id 2nd line in 2nd line out SRTP feedback repair rate jitter buffer ptime",
                "gia-binh 5104+5105 5106+5107 10.21.3.10:6004 10.21.3.10:6006 AEAD_AES_256_GCM "
                    + "nack+pli+fir+tmmbr+remb+transport-cc rtx/97 ulpfec/99 red/98 transport-cc/3 fixed 40-400 ms 40 ms",
                "b 6100+6101 - - none - adapts - -",
                "c - - - - - - 20-200 ms 20 ms",
            ])
    }

    @Test(
        "round numbers the same everywhere",
        arguments: [(0.005, 2, "0.01"), (-23.6, 0, "-24"), (-0.04, 1, "0.0"), (.infinity, 1, "-"), (12, 3, "12.000")])
    func numbers(value: Double, digits: Int, text: String) {
        #expect(DecimalText.of(value, digits: digits) == text)
    }

    @Test("show every layout, and read a drawing with any ids")
    func layouts() throws {
        let text = LayoutCatalogue.lines.joined(separator: "\n")
        for name in Layout.names { #expect(text.contains("\n\(name)\n")) }
        #expect(try LayoutCatalogue.read("A A speaker / A A gia-binh / * * *").cells.count == 6)
        #expect(throws: Refusal.self) { try LayoutCatalogue.read("1+6") }
    }
}
