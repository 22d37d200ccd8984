import Bridge
import Conference
import Console
import Logging
import Media
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The settings as the config file had them last, for those who serve requests.
final class LiveSettings: Sendable {
    // Guarded: held for a copy.
    private let settings: Mutex<ServerSettings>

    init(_ settings: ServerSettings) { self.settings = Mutex(settings) }

    var current: ServerSettings { settings.withLock { $0 } }
    func set(_ next: ServerSettings) { settings.withLock { $0 = next } }
}

/// Reads the config file again at SIGHUP, and does what has changed in it; all else goes on untouched. A file with a fault
/// changes nothing.
struct Reload: Service {
    let bridge: Bridge
    let settings: LiveSettings
    let gate: Gate?
    let certificate: ServerCertificate?
    /// What runs now.
    let first: Configuration
    /// Reads flags, environment and file once more.
    let read: @Sendable () throws -> Configuration
    let log: Logger

    func run() async throws {
        var known = first
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                let next = try read()
                let absent = follow(from: known, to: next)
                known = next
                // The next time they are new once more.
                known.plan.sites.removeAll { absent.contains($0.id) }
            } catch {
                log.error("the config file is not taken: nothing is changed", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// - Returns: the sites of the file that are out, since they can't be added.
    private func follow(from old: Configuration, to new: Configuration) -> Set<SiteID> {
        let change = PlanChange(from: old.plan, to: new.plan)
        var done = 0
        var absent: Set<SiteID> = []
        for command in change.commands {
            do {
                try bridge.apply([command])
                done += 1
            } catch {
                guard case .add(let site, _) = command, !bridge.sitePlans.contains(where: { $0.id == site.id }) else {
                    log.error("a change in the config file can't be made", metadata: ["reason": "\(error)"])
                    continue
                }
                absent.insert(site.id)
                log.error(
                    "a site of the config file is out: the next reload tries it again",
                    metadata: ["site": "\(site.id)", "reason": "\(error)"])
            }
        }
        settings.set(new.server)
        gate?.set(Gate.access(new.server))
        if let certificate, let files = new.server.certificate {
            do { try certificate.renew(from: files) } catch {
                log.error("the certificate is not taken: the old one stays", metadata: ["reason": "\(error)"])
            }
        }
        let fixed = [
            ("http", old.server.http != new.server.http), ("audit-log", old.server.auditLog != new.server.auditLog),
            ("tls-certificate", (old.server.certificate == nil) != (new.server.certificate == nil)),
            ("log-level", old.server.logLevel != new.server.logLevel),
            ("log-format", old.server.logFormat != new.server.logFormat),
        ]
        let waiting = change.needsRestart + fixed.filter(\.1).map(\.0)
        if !waiting.isEmpty {
            log.warning("changes in the config file that wait for a restart", metadata: ["keys": "\(waiting)"])
        }
        log.notice("the config file was read again", metadata: ["changes": "\(done)"])
        return absent
    }
}
