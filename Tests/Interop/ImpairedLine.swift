import Media
import TestSupport

/// A site's way to the bridge through `impair`: sound, pictures and the RTCP of both over one line, which a test spoils
/// while packets flow.
final class ImpairedLine {
    /// Where the site sends to.
    let inlet: PortBlock
    private let relay: Subprocess
    private let control: LoopbackSocket
    private let controlPort: Int

    /// - Parameters:
    ///   - site: the one at the other end; it sends to `inlet` instead of `site.bridge`.
    ///   - seed: of what is lost and delayed.
    init(to site: SiteLine, seed: UInt64) throws {
        guard let inlet = PortAllocator.block(), let own = PortAllocator.block() else {
            throw BridgeProcess.Failure(description: "no free UDP ports")
        }
        self.inlet = inlet
        controlPort = own.audio
        control = try LoopbackSocket()
        var command = [
            TestMedia.root + "/.build/release/impair", "--seconds", "90", "--control", "127.0.0.1:\(own.audio)",
        ]
        for (name, outlet) in zip(Self.routes, site.bridge.audio...site.bridge.videoRTCP) {
            let listen = inlet.audio + outlet - site.bridge.audio
            command += ["--route", "127.0.0.1:\(listen)=127.0.0.1:\(outlet),name=\(name),line=line,seed=\(seed)"]
        }
        relay = try Subprocess(command, limit: 90)
        guard relay.wait(for: "ready", seconds: 5) else {
            throw BridgeProcess.Failure(description: "no relay: \(relay.output)")
        }
    }

    deinit { relay.stop() }

    /// Changes the line: `loss=20%,jitter=200`.
    func set(_ settings: String) async throws { try await tell("set line \(settings)") }

    /// Holds everything for so long, and lets it go at once.
    func stall(seconds: Int) async throws { try await tell("stall line \(seconds)s") }

    /// Sends hostile datagrams to all of the site's ports, from where its own packets come from, past the line; returns
    /// when the last is sent.
    func flood(perSecond: Int, seconds: Int) async throws {
        for route in Self.routes { try await tell("garbage \(route) \(perSecond)/s \(seconds)s") }
        try await Task.sleep(for: .seconds(seconds))
    }

    private func tell(_ command: String) async throws {
        let before = control.datagrams.count
        control.send(Array("\(command)\n".utf8), to: controlPort)
        try await eventually("an answer to \(command)") { control.datagrams.count > before }
        let answer = control.datagrams[before].bytes
        guard answer == Array("ok\n".utf8) else {
            throw BridgeProcess.Failure(description: "\(command): \(String(decoding: answer, as: UTF8.self))")
        }
    }

    /// In the order of the ports.
    private static let routes = ["sound", "sound-rtcp", "pictures", "pictures-rtcp"]
}
