import Bridge
import Foundation
import Logging
import Media
import ServiceLifecycle

/// Tells those who watch how things stand: the whole of it once a second, the levels five times.
struct EventFeed: Service {
    let bridge: Bridge

    func run() async throws {
        let hub = EventHub.shared
        var beat = 0
        while !Task.isShuttingDownGracefully {
            // Ends with the group, however that ends.
            try await Task.sleep(for: .milliseconds(200))
            beat += 1
            guard hub.isWatched else { continue }
            let levels = bridge.levels.map { ($0.key.rawValue, (Double($0.value) * 10).rounded() / 10) }
            hub.publish("levels", Dictionary(uniqueKeysWithValues: levels))
            if beat % 5 == 0 { hub.publish("status", bridge.status()) }
        }
    }
}

extension LogLine {
    static func now(_ level: Logger.Level, _ text: String, site: String? = nil, who: String? = nil) -> LogLine {
        LogLine(
            time: Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), level: level.rawValue,
            site: site, text: text, who: who)
    }
}
