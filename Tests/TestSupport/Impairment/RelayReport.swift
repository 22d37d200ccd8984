import Foundation
import Media

/// What the relay did: all it was given, and what became of it. Delays in ms, times in seconds.
package struct RelayReport: Codable, Sendable {
    package struct Direction: Codable, Sendable {
        /// Datagrams that came in.
        package var received: Int
        /// Datagrams that went out, duplicates included.
        package var passed: Int
        package var meanDelay: Double
        package var longestDelay: Double
        /// The relay's own fault: the longest time a datagram went out after it was due.
        package var lateness: Double
    }

    package struct RouteReport: Codable, Sendable {
        package var name: String
        package var line: String
        package var there: Direction
        package var back: Direction
        /// Hostile datagrams sent to the target.
        package var garbage: Int
    }

    /// One way of a line, all its routes together: see `VirtualNetwork.Tally`.
    package struct LineReport: Codable, Sendable {
        package var sent: Int
        package var lost: Int
        package var dropped: Int
        package var duplicated: Int
        package var reordered: Int
        package var underway: Int
    }

    /// A command that was carried out.
    package struct Event: Codable, Sendable {
        /// On the machine's monotonic clock.
        package var time: Double
        package var command: String
    }

    /// When the relay started, on the machine's monotonic clock.
    package var start: Double
    package var routes: [RouteReport]
    /// By name, `there` and `back`.
    package var lines: [String: [String: LineReport]]
    package var events: [Event]

    /// The report as JSON, keys in snake case and in order.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

extension RelayReport.Direction {
    init(_ count: PassageCount) {
        self.init(
            received: count.received, passed: count.passed, meanDelay: count.meanDelay.milliseconds,
            longestDelay: count.longestDelay.milliseconds, lateness: count.lateness.milliseconds)
    }
}

extension RelayReport.LineReport {
    init(_ network: VirtualNetwork) {
        let tally = network.tally
        self.init(
            sent: tally.sent, lost: tally.lost, dropped: tally.dropped, duplicated: tally.duplicated,
            reordered: tally.reordered, underway: network.underwayCount)
    }
}
