import Bridge
import Conference
import Console
import Foundation
import Hummingbird
import Logging
import Mixer
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs a bridge with its HTTP API until a signal ends it.
struct Server {
    let configuration: Configuration
    /// Reads it once more.
    let reread: @Sendable () throws -> Configuration

    /// Returns after SIGTERM or SIGINT, when every site has been told goodbye.
    func run() async throws {
        let settings = configuration.server
        LoggingSystem.bootstrap { _ in
            LineLogHandler(
                level: Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info, format: settings.logFormat)
        }
        let log = Logger(label: "mcu-server")
        if let fault = EncoderCheck.faults(in: configuration.plan).first { throw RunFailure(fault) }
        if let folder = settings.recordDirectory, access(folder, W_OK | X_OK) != 0 {
            throw RunFailure(
                "--record-dir \(folder): \(String(cString: strerror(errno))): expected a folder to write into")
        }
        if let folder = settings.mediaDirectory, access(folder, R_OK | X_OK) != 0 {
            throw RunFailure(
                "--media-dir \(folder): \(String(cString: strerror(errno))): expected a folder to read from")
        }
        let certificate = try settings.certificate.map { try ServerCertificate($0, log: log) }
        if let warning = try CapacityWarning.words(configuration) { log.warning("\(warning)") }
        let audit = try AuditLog(path: settings.auditLog, log: log)
        let keeper = settings.stateFile.map { StateKeeper(path: $0, log: log) }
        let bridge: Bridge
        do throws(BridgeError) {
            bridge = try Bridge(configuration.plan, resuming: keeper?.load(), log: log)
        } catch { throw RunFailure(error.description) }
        if let folder = settings.sdpDirectory {
            try ReceiverDescriptions(sites: configuration.plan.sites).write(to: folder)
        }

        // The last is ended first: the service manager is told, then the sites, whatever a slow HTTP client does.
        let conference = BridgeService(bridge: bridge, keeper: keeper, log: log)
        var services: [any Service] = []
        let manager = ServiceManager(
            bridge: bridge, waitsForHTTP: settings.http != nil, environment: ProcessInfo.processInfo.environment,
            log: log)
        let live = LiveSettings(settings)
        var gate: Gate?
        if let address = settings.http {
            let watch = Watch(bridge: bridge, recordings: settings.recordDirectory, log: log)
            var quiet = log
            quiet.logLevel = max(log.logLevel, .warning)
            let doors = Gate(Gate.access(settings), now: Clock.now)
            gate = doors
            let server = HTTPServer(
                bridge: bridge, gate: doors, audit: audit, settings: live, watch: watch)
            let application = try server.application(at: address, certificate: certificate, log: quiet) {
                manager?.httpRuns()
            }
            services += [application, EventFeed(bridge: bridge), watch]
            log.info("HTTP API", metadata: ["url": "\(certificate == nil ? "http" : "https")://\(address)"])
            if certificate == nil, !HostName.isLoopback(address.host) {
                log.warning("tokens cross the network in the clear: expected --tls-certificate and --tls-key")
            }
        }
        var quiet = log
        quiet.logLevel = .error
        services.append(
            Reload(
                bridge: bridge, settings: live, gate: gate, certificate: certificate, first: configuration,
                read: reread, log: log))
        services.append(conference)
        if let manager { services.append(manager) }
        var grouping = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        grouping.maximumGracefulShutdownDuration = .seconds(3)
        do {
            try await ServiceGroup(configuration: grouping).run()
        } catch  where !conference.hasEnded.load(ordering: .acquiring) {
            throw RunFailure("the HTTP API at \(settings.http?.description ?? "") failed: \(error)")
        } catch {
            log.notice("an HTTP client was cut off", metadata: ["reason": "\(error)"])
        }
        log.info("ended")
        audit.flush()
        LogOutput.shared.flush()
    }
}

/// The bridge as a service: it runs until the group shuts down.
private final class BridgeService: Service {
    /// Whether a signal has ended it, as it should be.
    let hasEnded = Atomic<Bool>(false)
    private let bridge: Bridge
    private let keeper: StateKeeper?
    private let log: Logger

    init(bridge: Bridge, keeper: StateKeeper?, log: Logger) {
        self.bridge = bridge
        self.keeper = keeper
        self.log = log
    }

    func run() async throws {
        bridge.start()
        log.info(
            "conference runs",
            metadata: ["sites": "\(bridge.plan.sites.count)", "programs": "\(bridge.plan.programs.count)"])
        let keeping = keeper.map { keeper in Task { await keeper.keep(bridge) } }
        let isAsked: Void? = try? await gracefulShutdown()
        keeping?.cancel()
        await keeping?.value
        bridge.stop(saysGoodbye: keeper == nil)
        keeper?.save(bridge.savedState(isComplete: true))
        hasEnded.store(isAsked != nil, ordering: .releasing)
    }
}
