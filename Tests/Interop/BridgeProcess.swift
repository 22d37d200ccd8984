import Foundation
import Glibc
import Media
import TestSupport

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The bridge as an operator runs it: the built program on the loopback, with its HTTP API and its folder of SDP files.
final class BridgeProcess: Sendable {
    /// Why the bridge didn't come up, or didn't answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let process: Subprocess
    /// Where it answers.
    let url: String
    /// It has the SDP files, and room for what a test writes; it goes away with the bridge.
    let folder: String

    /// The program: `MCU_SERVER`, or the one built together with this test.
    static let program: String =
        ProcessInfo.processInfo.environment["MCU_SERVER"] ?? TestMedia.root + "/.build/release/mcu-server"

    /// Starts it, and returns once `/healthz` says that every port is bound.
    /// - Parameter authority: the PEM file of whom to believe, of one that serves https.
    init(_ flags: [String], authority: String? = nil) async throws {
        folder = NSTemporaryDirectory() + "/mcu-server-interop-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let port = try Self.freePort()
        url = "\(authority == nil ? "http" : "https")://127.0.0.1:\(port)"
        process = try Subprocess(
            [Self.program, "run", "--bind", "127.0.0.1", "--http", "127.0.0.1:\(port)", "--sdp-dir", folder]
                + ["--preset", "ultrafast"] + flags,
            limit: 90)
        let deadline = ContinuousClock.now.advanced(by: .seconds(15))
        while true {
            let isUp =
                if let authority {
                    try Subprocess(["curl", "-fsS", "--cacert", authority, "\(url)/healthz"]).wait(seconds: 10) == 0
                } else { try await answer("healthz").status == 200 }
            if isUp { return }
            guard process.isRunning, ContinuousClock.now < deadline else {
                throw Failure(description: "the bridge doesn't come up: \(process.command) \(process.output)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    deinit {
        process.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A file in the bridge's folder.
    func path(_ name: String) -> String { folder + "/" + name }

    /// Ends it as an operator does.
    /// - Returns: its exit status.
    @discardableResult
    func stop() -> Int32 { process.stop(seconds: 5) }

    /// What an operator's `ctl` prints, and its exit status.
    @discardableResult
    func ctl(_ words: String...) throws -> (status: Int32?, output: String) { try ctl(words) }

    @discardableResult
    func ctl(_ words: [String]) throws -> (status: Int32?, output: String) {
        let ctl = try Subprocess([Self.program, "ctl", "--url", url] + words, limit: 20)
        return (ctl.wait(seconds: 15), ctl.output)
    }

    func status() async throws -> BridgeStatus {
        let (status, body) = try await answer("stats")
        guard status == 200 else { throw Failure(description: "/stats answers \(status)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(BridgeStatus.self, from: body)
    }

    func site(_ id: String) async throws -> BridgeStatus.Site {
        guard let site = try await status().sites.first(where: { $0.id == id }) else {
            throw Failure(description: "/stats has no site \(id)")
        }
        return site
    }

    /// The cells of a program's view, as `/stats` tells them.
    func cells(of program: String = "room") async throws -> [(site: String?, rectangle: Rectangle)] {
        guard let program = try await status().programs.first(where: { $0.id == program }) else {
            throw Failure(description: "/stats has no program \(program)")
        }
        return program.cells.map { ($0.site, Rectangle(x: $0.x, y: $0.y, width: $0.width, height: $0.height)) }
    }

    /// The lines of its log so far.
    var log: [Substring] { process.output.split(separator: "\n") }

    /// What it holds in memory, in megabytes.
    func residentMegabytes() throws -> Int {
        let child = try processID()
        let status = try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8).split(separator: "\n")
        guard let line = status.first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = Int(line.filter(\.isNumber))
        else { throw Failure(description: "no VmRSS in \(status)") }
        return kilobytes >> 10
    }

    /// Sends the bridge itself a signal.
    func signal(_ signal: Int32) throws { kill(try processID(), signal) }

    private func processID() throws -> pid_t { try Self.child(of: process) }

    /// The bridge itself: its process is the child of `timeout`.
    static func child(of process: Subprocess) throws -> pid_t {
        let parent = "/proc/\(process.pid)/task/\(process.pid)/children"
        let children = try String(contentsOfFile: parent, encoding: .utf8).split(separator: " ")
        guard let child = children.first.flatMap({ pid_t($0) }) else {
            throw Failure(description: "\(process.command) has ended")
        }
        return child
    }

    /// Waits until all sites are seen live.
    func waitUntilLive(_ ids: [String], seconds: Double = 20) async throws {
        try await eventually("live: \(ids)", seconds: seconds) {
            let sites = try await self.status().sites
            return ids.allSatisfy { id in sites.contains { $0.id == id && $0.state == "live" } }
        }
    }

    /// The answer to a GET; status 0 if there is none.
    func answer(_ path: String) async throws -> (status: Int, body: Data) {
        guard let address = URL(string: url + "/" + path) else { return (0, Data()) }
        do {
            let (data, response) = try await URLSession.shared.data(
                for: URLRequest(url: address, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: 10))
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
        } catch is URLError {
            return (0, Data())
        }
    }

    /// A TCP port that nothing listens at, below those the kernel gives away.
    private static func freePort() throws -> Int {
        for _ in 0..<100 {
            guard let block = PortAllocator.block() else { break }
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { break }
            defer { close(descriptor) }
            var local = sockaddr_in()
            local.sin_family = sa_family_t(AF_INET)
            local.sin_port = in_port_t(block.audio).bigEndian
            let isFree = withUnsafePointer(to: &local) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return block.audio }
        }
        throw Failure(description: "no free TCP port")
    }
}

/// Waits until `condition` holds; a test goes on at once when it does.
/// - Throws: `BridgeProcess.Failure` if it does not in `seconds`.
func eventually(
    _ what: String, seconds: Double = 15, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw BridgeProcess.Failure(description: "not within \(seconds) s: \(what)")
        }
        try await Task.sleep(for: .milliseconds(50))
    }
}
