import Dispatch
import Glibc
import Synchronization

/// Standard error, written by a queue of its own: a terminal that is paused, a pipe that nobody reads or a full disk must
/// hold up no tick and end no meeting. What does not fit into the backlog is left out, and told later.
final class LogOutput: Sendable {
    static let shared = LogOutput()

    private let queue = DispatchQueue(label: "log", qos: .utility)
    private let backlog = Mutex(Backlog())

    private struct Backlog {
        var waiting = 0
        var leftOut = 0
    }

    private static let limit = 1000

    private init() {}

    func write(_ line: String) {
        let leftOut: Int? = backlog.withLock { backlog in
            guard backlog.waiting < Self.limit else {
                backlog.leftOut += 1
                return nil
            }
            backlog.waiting += 1
            defer { backlog.leftOut = 0 }
            return backlog.leftOut
        }
        guard let leftOut else { return }
        queue.async { [self] in
            if leftOut > 0 { Self.put("level=warning msg=\"log lines were left out\" count=\(leftOut)\n") }
            Self.put(line + "\n")
            backlog.withLock { $0.waiting -= 1 }
        }
    }

    /// Waits until all that was written is out, for a second at most.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + 1)
    }

    /// Writes as much as goes; an error has nobody to be told to.
    private static func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
