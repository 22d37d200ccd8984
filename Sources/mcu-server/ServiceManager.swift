import Bridge
import Dispatch
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Tells the service manager how the bridge is, in the words of sd_notify(3): ready once all its ports are bound, alive as
/// long as its ticks beat, ending.
///
/// While a tick is overdue no beat is sent: the time that `WatchdogSec=` of the unit allows runs out, and systemd starts
/// the bridge anew.
final class ServiceManager: Service {
    private let bridge: Bridge
    private let socket: NotifySocket
    private let period: Duration
    private let log: Logger
    /// Whether clients can reach the API, or there is none.
    private let servesHTTP: Atomic<Bool>

    /// How often it is looked whether the bridge is ready.
    private static let startPeriod = Duration.milliseconds(50)
    /// Between two beats, whatever the watchdog allows: the sentence that `systemctl status` shows stays fresh.
    private static let longestPeriod = Duration.seconds(1)

    /// - Parameter waitsForHTTP: whether the bridge is ready only after `httpRuns`.
    /// - Returns: `nil` if nobody asked to be told, as at a terminal.
    init?(bridge: Bridge, waitsForHTTP: Bool, environment: [String: String], log: Logger) {
        guard let address = environment["NOTIFY_SOCKET"], !address.isEmpty else { return nil }
        guard let socket = NotifySocket(address) else {
            log.warning("NOTIFY_SOCKET is no address of a unix socket", metadata: ["address": "\(address)"])
            return nil
        }
        self.bridge = bridge
        self.socket = socket
        self.log = log
        period = min(Self.watchdogLimit(environment).map { $0 / 3 } ?? Self.longestPeriod, Self.longestPeriod)
        servesHTTP = Atomic(!waitsForHTTP)
    }

    /// The API's port is bound.
    func httpRuns() { servesHTTP.store(true, ordering: .releasing) }

    func run() async throws {
        // A group ends its last service first: what follows is said before the others end.
        await cancelWhenGracefulShutdown {
            await self.waitUntilReady()
            await self.beat()
        }
        socket.send("STOPPING=1\nSTATUS=saying goodbye to every site")
    }

    private func waitUntilReady() async {
        while !Task.isCancelled {
            if servesHTTP.load(ordering: .acquiring), bridge.isHealthy, socket.send("READY=1\nSTATUS=\(summary)") {
                return log.debug("the service manager knows that the bridge is ready")
            }
            try? await Task.sleep(for: Self.startPeriod)
        }
    }

    /// By a queue of its own: tasks have a thread for each core, and what holds those up, such as a name server that says
    /// nothing, is no reason to start a meeting anew.
    private func beat() async {
        let queue = DispatchQueue(label: "service manager")
        let timer = DispatchSource.makeTimerSource(queue: queue)
        let seconds: Double = period / .seconds(1)
        timer.schedule(deadline: .now(), repeating: seconds)
        timer.setEventHandler { [self] in
            socket.send(bridge.isHealthy ? "WATCHDOG=1\nSTATUS=\(summary)" : "STATUS=a tick is overdue")
        }
        timer.activate()
        try? await gracefulShutdown()
        timer.cancel()
        // No beat comes behind the goodbye.
        queue.sync {}
    }

    /// For `systemctl status`.
    private var summary: String {
        let sites = bridge.status().sites
        return "\(sites.count { $0.state == "live" }) of \(sites.count) sites are live"
    }

    /// What is allowed between two beats; `nil`: as long as they like.
    private static func watchdogLimit(_ environment: [String: String]) -> Duration? {
        // A process that was started by the one which is watched inherits the variables; they don't mean it.
        if let process = environment["WATCHDOG_PID"], process != "\(getpid())" { return nil }
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init), microseconds > 0 else { return nil }
        return .microseconds(microseconds)
    }
}

/// A unix datagram socket that is only written to.
private final class NotifySocket: Sendable {
    private let descriptor: Int32
    private let address: sockaddr_un
    private let addressSize: socklen_t

    /// - Parameter name: the path of a socket, or `@` and the name of an abstract one.
    init?(_ name: String) {
        var bytes = Array(name.utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"), bytes.count > 1,
            bytes.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return nil }
        // An abstract name begins with a zero, and ends where the address does: zeros behind it would be part of it.
        if first == UInt8(ascii: "@") { bytes[0] = 0 } else { bytes.append(0) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return nil }
        self.address = address
        addressSize = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + bytes.count)
    }

    deinit { close(descriptor) }

    /// Never waits: a reader who is behind is told with the next beat.
    /// - Returns: whether it was taken.
    @discardableResult
    func send(_ message: String) -> Bool {
        let bytes = Array(message.utf8)
        var address = address
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL), address,
                    addressSize)
            }
        } == bytes.count
    }
}
