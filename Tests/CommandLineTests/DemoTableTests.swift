import Bridge
import Console
import Testing

@Suite("The demo's table and summary")
struct DemoTableTests {
    private static let report = StatusReport(
        uptimeSeconds: 12,
        sites: [
            SiteStatus(
                id: "gia-binh", name: "Huyện ủy Gia Bình", state: "live", speaking: true, levelDbov: -9.2,
                videoIn: VideoInStatus(
                    codec: "h264", width: 1280, height: 720, fps: 30, bitrateBps: 1_210_400, packets: 950, lost: 10,
                    framesDecoded: 360),
                audioIn: AudioInStatus(codec: "opus", packets: 50, lost: -1),
                videoOut: VideoOutStatus(
                    codec: "h264", width: 1280, height: 720, fps: 29.97, bitrateBps: 1_498_700, frames: 358,
                    packets: 2000),
                audioOut: AudioOutStatus(packets: 600)),
            SiteStatus(id: "khach", name: "Khách", state: "slate"),
        ],
        programs: [ProgramStatus(id: "room", frames: 360, lateTicks: 1, droppedTicks: 2, speaker: "gia-binh")])

    @Test("shows each site on a line of a common terminal")
    func table() {
        let lines = DemoTable(Self.report, guest: "khach").lines
        let golden = """
              site               level     dBov  picture in   fps  kbit/s    lost  picture out   fps  kbit/s
            ▶ Huyện ủy Gia Bình  ███████·    -9  1280x720    30.0    1210  0.99 %  1280x720     30.0    1499
              Khách              ········     -  free: join     -       -       -  -               -       -

            program room: 360 pictures, 1 late, 2 dropped, gia-binh has the floor
            """
        #expect(lines.joined(separator: "\n") == golden, "\(lines.joined(separator: "\n"))")
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test("fits into one line of a log")
    func line() {
        #expect(
            DemoTable(Self.report, guest: "khach").line
                == "1 of 2 sites live, Huyện ủy Gia Bình speaks, 360 pictures, 3 late, 10 packets lost")
    }

    @Test("draws a meter", arguments: [(0.0, "████████"), (-59, "█·······"), (-60, "········"), (-30, "████····")])
    func bar(level: Double, bar: String) {
        #expect(DemoTable.bar(level) == bar)
    }

    @Test("sums up, and names who never came through but for the guest")
    func summary() {
        var summary = DemoSummary(
            report: Self.report, guest: "khach", seconds: 10,
            bridge: ProcessCost(processor: 11.3, memory: 120 << 20), endpoints: ProcessCost(processor: 3.5))
        #expect(summary.faults.isEmpty)
        #expect(
            summary.lines.last
                == "10.0 s; the bridge took 1.13 cores and 120 MiB, all endpoints together 0.35 cores")
        summary.guest = "nobody"
        #expect(
            summary.faults
                == ["Khách was never seen", "Khách was never heard", "Khách was sent no picture"])
    }
}
