import Bridge
import Conference
import Console
import Hummingbird
import Logging
import Mixer
import ServiceLifecycle
import UnixSignals

/// Runs a bridge with its HTTP API until a signal ends it.
struct Server {
    let configuration: Configuration

    /// Returns after SIGTERM or SIGINT, when every site has been told goodbye.
    func run() async throws {
        let settings = configuration.server
        LoggingSystem.bootstrap { _ in
            LineLogHandler(
                level: Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info, format: settings.logFormat)
        }
        let log = Logger(label: "mcu-server")
        let bridge: Bridge
        do throws(BridgeError) {
            bridge = try Bridge(configuration.plan, log: log)
        } catch { throw RunFailure(error.description) }
        if let folder = settings.sdpDirectory { try ReceiverDescriptions(plan: configuration.plan).write(to: folder) }

        var services: [any Service] = [BridgeService(bridge: bridge, log: log)]
        if let address = settings.http {
            var quiet = log
            quiet.logLevel = max(log.logLevel, .warning)
            services.append(HTTPServer(bridge: bridge, token: settings.token).application(at: address, log: quiet))
            log.info("HTTP API", metadata: ["url": "http://\(address)"])
        }
        var quiet = log
        quiet.logLevel = .error
        let group = ServiceGroup(
            configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        do {
            try await group.run()
        } catch {
            bridge.stop()
            throw RunFailure("the HTTP API at \(settings.http?.description ?? "") failed: \(error)")
        }
        log.info("ended")
    }
}

/// The bridge as a service: it runs until the group shuts down.
private struct BridgeService: Service {
    let bridge: Bridge
    let log: Logger

    func run() async throws {
        bridge.start()
        log.info(
            "conference runs",
            metadata: ["sites": "\(bridge.plan.sites.count)", "programs": "\(bridge.plan.programs.count)"])
        try? await gracefulShutdown()
        bridge.stop()
    }
}
