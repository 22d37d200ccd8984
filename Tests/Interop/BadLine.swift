import TestSupport

/// `impair` between two ends: lines that lose, delay, hold back or die, and change when a test says so.
final class BadLine {
    private let relay: Subprocess
    private let controlPort: Int
    private let control: LoopbackSocket

    /// Returns once it relays.
    /// - Parameter routes: as `impair --help` tells, such as `127.0.0.1:6006=127.0.0.1:5006,loss=0.1`.
    init(_ routes: [String]) throws {
        guard let block = PortAllocator.block() else {
            throw BridgeProcess.Failure(description: "no free UDP ports")
        }
        control = try LoopbackSocket()
        controlPort = block.audio
        relay = try Subprocess(
            [TestMedia.root + "/.build/release/impair", "--seconds", "90", "--control", "127.0.0.1:\(block.audio)"]
                + routes.flatMap { ["--route", $0] },
            limit: 95)
        guard relay.wait(for: "ready", seconds: 5) else {
            throw BridgeProcess.Failure(description: "no relay: \(relay.output)")
        }
    }

    /// Tells it a command of `impair`, such as `kill NAME` or `set NAME rate=500k`.
    func tell(_ command: String) { control.send(Array(command.utf8), to: controlPort) }

    func stop() { relay.stop() }
}
