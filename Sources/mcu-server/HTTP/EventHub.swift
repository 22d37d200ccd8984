import Foundation
import Synchronization

/// What happens, to everybody who watches: server-sent events (WHATWG HTML section 9.2). A watcher who reads too slowly misses
/// the oldest.
final class EventHub: Sendable {
    /// Of the process: the log tells it too.
    static let shared = EventHub()

    private struct State {
        var next = 0
        var watchers: [Int: AsyncStream<String>.Continuation] = [:]
        /// The log's last lines, for those who come later.
        var recent: [String] = []
    }

    private static let backlog = 200
    private static let mostWatchers = 64
    private static let remembered = 100
    private let state = Mutex(State())

    var isWatched: Bool { state.withLock { !$0.watchers.isEmpty } }

    /// Each event as the bytes of the stream; `nil` if there are too many watchers.
    func watch() -> AsyncStream<String>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingNewest(Self.backlog))
        let number: Int? = state.withLock { state in
            guard state.watchers.count < Self.mostWatchers else { return nil }
            state.next += 1
            state.watchers[state.next] = continuation
            for text in state.recent { continuation.yield(text) }
            return state.next
        }
        guard let number else { return nil }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Tells a line of the log, which is told again to those who come later.
    func log(_ line: LogLine) {
        let text = Self.text("log", line)
        let watchers = state.withLock { state in
            if state.recent.count == Self.remembered { state.recent.removeFirst() }
            state.recent.append(text)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield(text) }
    }

    func publish(_ event: String, _ value: some Encodable) {
        let watchers = state.withLock { Array($0.watchers.values) }
        guard !watchers.isEmpty else { return }
        let text = Self.text(event, value)
        for watcher in watchers { watcher.yield(text) }
    }
}

extension EventHub {
    /// An event as it stands in the stream.
    static func text(_ event: String, _ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no line breaks of its own.
        guard let data = try? encoder.encode(value) else { return "" }
        return "event: \(event)\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
    }
}

/// A line of the log, for those who watch.
struct LogLine: Codable, Hashable, Sendable {
    var time: String
    var level: String
    var site: String?
    var text: String
    var who: String?
}
