import Conference
import Console
import Foundation
import Media
import Testing

@Suite("The demo's plan")
struct DemoPlanTests {
    static let table = """
        # id, name, colour, tone
        trung-uong\tTrung ương\t196 30 40\t300
        gia-binh\tHuyện ủy Gia Bình\t90 170 240\t850
        khoi\tKhối \"A, B\"\t100 55 20\t1750

        """

    private static func plan(
        flags: [String] = [], hasPrograms: Bool = false, hasLayout: Bool = false
    ) throws -> DemoPlan {
        let province = try Province(table: table)
        let ports = try #require(PortBlocks(count: DemoPlan.blocks(for: province)) { _ in true })
        return DemoPlan(
            province: province, ports: ports, http: "127.0.0.1:8080", descriptions: "out/demo/sdp", flags: flags,
            hasPrograms: hasPrograms, hasLayout: hasLayout)
    }

    @Test("is a command that run takes, with a place for one more site")
    func isTaken() throws {
        let plan = try Self.plan()
        let configuration = try Operator.configuration(Array(plan.command.dropFirst()))
        #expect(configuration.plan.sites.map(\.id.rawValue) == ["gia-binh", "khoi", "khach", "trung-uong"])
        #expect(configuration.plan.sites[1].name == "Khối \"A, B\"")
        #expect(configuration.plan.sites.last?.kind == .uplink)
        #expect(configuration.plan.programs.map(\.id.rawValue) == ["room", "return"])
        #expect(configuration.plan.programs[0].layout.cells.count == 14)
        #expect(configuration.plan.bindAddress == "127.0.0.1")
        #expect(configuration.server.sdpDirectory == "out/demo/sdp")
    }

    @Test("hands flags on, and keeps its own layout and program back when they say others")
    func flags() throws {
        let flags = ["--program", "id=up,to=trung-uong,layout=pip", "--layout", "1+5", "--fps", "25"]
        let plan = try Self.plan(flags: flags, hasPrograms: true, hasLayout: true)
        let configuration = try Operator.configuration(Array(plan.command.dropFirst()))
        #expect(configuration.plan.programs.map(\.id.rawValue) == ["room", "up"])
        #expect(configuration.plan.programs[0].layout == Layout.named("1+5"))
        #expect(configuration.plan.programs[0].frameRate == 25)
    }

    @Test("gives every stream a port of its own, and sends to where the bridge listens")
    func ports() throws {
        let plan = try Self.plan()
        let lines = plan.lines + [plan.guest]
        let all = lines.flatMap { [$0.bridge, $0.bridge + 2, $0.endpoint, $0.endpoint + 2] }
        #expect(Set(all).count == all.count && all.allSatisfy { $0 % 2 == 0 })
        let words = plan.sending(plan.lines[1], media: "media")
        #expect(words.contains("127.0.0.1:\(plan.lines[1].bridge)"))
        #expect(words.contains("127.0.0.1:\(plan.lines[1].bridge + 2)"))
        #expect(plan.receiving(plan.lines[1], sound: "a.wav", recording: "a.mp4").suffix(2) == ["--out", "a.mp4"])
    }

    @Test("prints the command so that a shell reads the same words back")
    func typed() throws {
        let plan = try Self.plan()
        #expect(plan.typed(isShort: true).contains("… 2 more --site …"))
        let printed = plan.typed(isShort: false)
        #expect(try Self.words(of: printed) == ["mcu-server"] + plan.command)
        let (sends, shows) = plan.joining
        let words = try Self.words(of: sends)
        #expect(words.contains("rtp://127.0.0.1:\(plan.guest.bridge + 2)?pkt_size=1200"))
        #expect(words.contains { $0.hasPrefix("aevalsrc=0.3*sin(2*PI*1180*t)*max(0\\,sin(") })
        #expect(try Self.words(of: shows).last == "out/demo/sdp/khach.sdp")
    }

    /// What a shell makes of a line.
    private static func words(of line: String) throws -> [String] {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "printf '%s\\0' \(line)"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        shell.waitUntilExit()
        return data.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test("passes over ports that are taken")
    func takenPorts() {
        let first = PortBlocks.range.lowerBound
        let blocks = PortBlocks(count: 2) { $0 != first + 3 && $0 != first + 8 }
        #expect(blocks?.bases == [first + 4, first + 12])
        #expect(PortBlocks(count: 1) { _ in false } == nil)
    }

    @Test(
        "refuses a table of sites it can't use",
        arguments: [
            ("a\tA\t1 2 3\t300", "1 sites: expected 2 to 16"),
            ("a\tA\t1 2 3\t300\nb\tB\t1 2 3\t300", "line 2: expected an id and a tone of its own"),
            ("a\tA\t1 2 3\t300\nb B", "line 2: expected id, name, colour and tone (Hz) between tabs"),
        ])
    func badTable(table: String, fault: String) {
        #expect { try Province(table: table) } throws: { "\($0)" == fault }
    }
}
