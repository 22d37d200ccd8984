import Console
import Dispatch
import Foundation
import Logging
import Synchronization

/// Who did what when: a line of JSON each, only ever added to. The newest are kept for the API.
final class AuditLog: Sendable {
    struct Entry: Codable, Hashable, Sendable {
        /// UTC, RFC 3339 with milliseconds.
        var time: String
        var who: String
        var role: String
        /// The client's address.
        var from: String
        /// `command`, `stage`, `take`, `undo`, `line-check` or `login`.
        var action: String
        var detail: String
        /// `ok` or `refused`.
        var result: String
    }

    private static let kept = 1000
    private let newest = Mutex<[Entry]>([])
    private let queue = DispatchQueue(label: "audit", qos: .utility)
    /// -1: none.
    private let descriptor: Int32
    private let log: Logger

    /// - Throws: `RunFailure` if the file can't be opened.
    init(path: String?, log: Logger) throws {
        self.log = log
        guard let path else {
            descriptor = -1
            return
        }
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw RunFailure(
                "--audit-log \(path): \(String(cString: strerror(errno))): expected a file that can be written")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func note(_ action: String, _ detail: String, by caller: Gate.Caller, isDone: Bool) {
        let entry = Entry(
            time: Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), who: caller.name,
            role: caller.role.rawValue, from: caller.address, action: action, detail: detail,
            result: isDone ? "ok" : "refused")
        newest.withLock { newest in
            if newest.count == Self.kept { newest.removeFirst() }
            newest.append(entry)
        }
        guard descriptor >= 0 else { return }
        queue.async { [self] in write(entry) }
    }

    /// The newest last.
    func newest(_ count: Int) -> [Entry] { newest.withLock { Array($0.suffix(count)) } }

    /// Waits until all is written.
    func flush() { queue.sync {} }

    private func write(_ entry: Entry) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(entry) else { return }
        line.append(0x0A)
        // One write: lines of two bridges that share a file don't mix.
        let written = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if written != line.count {
            log.error("the audit log can't be written", metadata: ["reason": "\(String(cString: strerror(errno)))"])
        }
    }
}
