import Foundation
import Glibc
import Media
import TestSupport
import Testing

/// The program at an operator's fingers: what it refuses, and how it says so.
@Suite("Command line", .serialized)
struct ProgramTests {
    private static func run(_ words: [String], seconds: Double = 15) throws -> (status: Int32?, output: String) {
        let program = try Subprocess([BridgeProcess.program] + words, limit: 30)
        let status = program.wait(seconds: seconds)
        return (status, program.output)
    }

    private static let site = ["--site", "id=gia-binh,audio=21004,video=21006,to=127.0.0.1:22004"]

    /// Words that are refused, and all that the message must name.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let words: [String]
        let parts: [String]
    }

    @Test(
        "a wrong flag ends with 2, and names the flag, the value and what was expected",
        arguments: [
            Case(
                testDescription: "unknown layout", words: site + ["--layout", "7y"],
                parts: ["--layout", "7y", "expected"]),
            Case(
                testDescription: "a cell that is no rectangle", words: site + ["--layout", "A A / A *"],
                parts: ["--layout", "A A / A *", "row 2, column 2", "rectangle"]),
            Case(
                testDescription: "an id twice", words: site + ["--site", "id=gia-binh,audio=21014,to=127.0.0.1:22014"],
                parts: ["--site no. 2", "gia-binh", "--site no. 1"]),
            Case(
                testDescription: "a port used twice",
                words: site + ["--site", "id=que-vo,audio=21006,to=127.0.0.1:22014"],
                parts: ["--site no. 2", "que-vo", "21006", "expected"]),
            Case(
                testDescription: "the next port is RTCP's",
                words: site + ["--site", "id=que-vo,audio=21005,to=127.0.0.1:22014"],
                parts: ["que-vo", "21005", "expected"]),
            Case(
                testDescription: "no such SDP file", words: ["--site", "id=que-vo,sdp=/nonexistent/que-vo.sdp"],
                parts: ["--site no. 1", "sdp=/nonexistent/que-vo.sdp", "expected"]),
            Case(
                testDescription: "a file that is no SDP", words: ["--site", "id=que-vo,sdp=/bin/sh"],
                parts: ["--site no. 1", "sdp=/bin/sh", "expected"]),
            Case(
                testDescription: "unknown codec",
                words: ["--site", "id=que-vo,video=21006,video-codec=av7/96,to=127.0.0.1:22004"],
                parts: ["--site no. 1", "video-codec=av7/96", "expected", "h264", "vp9"]),
            Case(
                testDescription: "an odd size", words: site + ["--size", "1281x720"],
                parts: ["--size", "1281x720", "even"]),
            Case(
                testDescription: "a size above the limit", words: site + ["--size", "8192x4320"],
                parts: ["--size", "8192x4320", "4096x2304"]),
            Case(
                testDescription: "unknown flag", words: site + ["--colour", "red"], parts: ["--colour"]),
        ])
    func refusals(refused: Case) throws {
        for command in ["run", "check"] {
            let (status, output) = try Self.run([command] + refused.words)
            #expect(status == 2, "\(output)")
            for part in refused.parts { #expect(output.contains(part), "\(part) in: \(output)") }
        }
    }

    @Test("a wrong config file ends with 78, and names the line")
    func configurationFile() throws {
        let path = NSTemporaryDirectory() + "/mcu-server-interop-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = """
            layout: 2x2
            size: 641x360
            sites:
              - id: gia-binh
                audio: 21004
                to: 127.0.0.1:22004

            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let (status, output) = try Self.run(["run", "--config", path])
        #expect(status == 78)
        #expect(output.contains("\(path):2") && output.contains("641x360") && output.contains("even"), "\(output)")
    }

    @Test("a port that another has is refused, and so is the one after it")
    func takenPorts() async throws {
        let line = try SiteLine("gia-binh")
        func refused(_ port: Int, _ medium: String) throws {
            let holder = try LoopbackSocket(port: port)
            for command in ["run", "check"] {
                let (status, output) = try Self.run(
                    [command, "--bind", "127.0.0.1"] + line.flags() + (command == "run" ? ["--http", "off"] : []))
                // No flag is wrong, this machine can't do it now: 1.
                #expect(status == 1)
                #expect(
                    output.contains("gia-binh") && output.contains(medium) && output.contains("\(holder.port)"),
                    "\(output)")
            }
        }
        for (port, medium) in [(line.bridge.video, "video"), (line.bridge.audioRTCP, "audio")] {
            try refused(port, medium)
            // A holder's thread lets go of its socket when it next looks.
            try await eventually("the port is free again") { PortAllocator.isFree(port) }
        }
        let free = try Self.run(["check", "--bind", "127.0.0.1"] + line.flags())
        #expect(free.status == 0 && free.output.contains("gia-binh"), "\(free.output)")
    }

    @Test("an HTTP port that another has ends the start, and so does an encoder that is not here")
    func takenService() throws {
        let line = try SiteLine("gia-binh")
        let spare = try #require(PortAllocator.block()).audio
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(holder) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(spare).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let bound = withUnsafeBytes(of: &address) {
            bind(holder, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        try #require(bound == 0 && listen(holder, 1) == 0)

        let run = ["run", "--bind", "127.0.0.1"] + line.flags()
        let taken = try Self.run(run + ["--http", "127.0.0.1:\(spare)"])
        #expect(taken.status == 1 && taken.output.contains("127.0.0.1:\(spare)"), "\(taken)")
        let unknown = try Self.run(run + ["--http", "off", "--encoder", "h264_nowhere"])
        #expect(unknown.status == 1 && unknown.output.contains("h264_nowhere"), "\(unknown)")
    }

    @Test("an encoder that doesn't keep to the size of a packet is refused for a site of packetization-mode 0")
    func wholeSlices() throws {
        let line = try SiteLine("gia-binh")
        for (mode, encoder, isRefused) in [
            ("0", "h264_vaapi", true), ("1", "h264_vaapi", false), ("0", "libx264", false), ("0", "openh264", false),
        ] {
            let (_, output) = try Self.run(
                ["check", "--no-ports", "--encoder", encoder] + line.flags("packetization-mode=\(mode)"))
            let fault = "site gia-binh has packetization-mode 0"
            #expect(output.contains(fault) == isRefused, "\(encoder), mode \(mode): \(output)")
        }
    }

    @Test("layouts lists all, draws one, and writes a picture of it")
    func layouts() throws {
        let list = try Self.run(["layouts"])
        #expect(list.status == 0)
        for name in ["1+5", "1+7", "2+8", "lecture", "presenter", "pip", "speaker"] {
            #expect(list.output.contains(name))
        }
        let path = NSTemporaryDirectory() + "/mcu-server-interop-\(UUID().uuidString).png"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let drawing = "A A speaker / A A gia-binh / * * *"
        let drawn = try Self.run(["layouts", drawing, "--png", path, "--size", "640x360"])
        #expect(drawn.status == 0 && drawn.output.contains("speaker"), "\(drawn.output)")
        let png = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try #require(png.count > 1000)
        #expect(png[..<8] == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        // IHDR: 640 by 360.
        #expect(png[16..<24] == [0, 0, 2, 128, 0, 0, 1, 104])
        #expect(try Self.run(["layouts", "A B / B A"]).status == 2)
    }

    @Test("check prints the plan, with who shares an encode")
    func plan() throws {
        let lines = try ["gia-binh", "que-vo", "tu-son"].map { try SiteLine($0) }
        let (status, output) = try Self.run(
            ["check", "--layout", "1+5", "--no-ports"] + lines[0].flags() + lines[1].flags()
                + lines[2].flags("size=640x360", "name=Thành ủy Từ Sơn"))
        #expect(status == 0)
        for part in ["gia-binh", "que-vo", "Thành ủy Từ Sơn", "640x360", "1280x720", "1+5", "room"] {
            #expect(output.contains(part), "\(part) in: \(output)")
        }
    }

    @Test("/healthz, /stats and the SDP files are there at once; SIGINT ends it as SIGTERM does")
    func lifetime() async throws {
        let line = try SiteLine("gia-binh")
        let bridge = try await BridgeProcess(line.flags())
        let health = try await bridge.answer("healthz")
        #expect(health.status == 200)
        #expect(try await bridge.status().sites.map(\.id) == ["gia-binh"])
        #expect(try await bridge.answer("nothing").status == 404)
        let sdp = try String(contentsOfFile: bridge.path("gia-binh.sdp"), encoding: .utf8)
        #expect(sdp.contains("m=audio \(line.home.audio) RTP/AVP 111"))
        #expect(sdp.contains("m=video \(line.home.video) RTP/AVP 96"))
        #expect(bridge.process.stop(signal: 2, seconds: 5) == 0)
    }
}
