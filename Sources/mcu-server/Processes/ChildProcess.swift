import Console
import Foundation
import Glibc
import Synchronization

/// A process of the demo: in a process group of its own, so that Ctrl-C reaches the demo alone, and told to end by the
/// kernel if the demo dies.
final class ChildProcess: Sendable {
    /// How a process ended: its exit status, or 128 + the signal that killed it; and what it took.
    struct End: Sendable {
        var status: Int32
        var cost: ProcessCost
    }

    let name: String
    /// The process id, which is also the id of its group.
    let pid: pid_t
    private let state = Mutex<End?>(nil)

    /// Starts `words`, the first of them looked up in `PATH`. Both outputs go to the file `log`.
    init(_ name: String, _ words: [String], log: String) throws {
        self.name = name
        let result = SpawnThread.shared.run { Self.spawn(["setpriv", "--pdeathsig", "TERM", "--"] + words, log: log) }
        switch result {
        case .success(let pid): self.pid = pid
        case .failure(let failure): throw RunFailure("\(name) can't be started: \(failure)")
        }
    }

    /// How it ended; `nil`: it runs.
    var end: End? {
        state.withLock { state in
            if let state { return state }
            var (word, usage) = (Int32(0), rusage())
            guard wait4(pid, &word, WNOHANG, &usage) == pid else { return nil }
            let signal = word & 0x7F
            func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
            let cost = ProcessCost(
                processor: seconds(usage.ru_utime) + seconds(usage.ru_stime), memory: usage.ru_maxrss * 1024)
            state = End(status: signal == 0 ? word >> 8 & 0xFF : 128 + signal, cost: cost)
            return state
        }
    }

    /// Asks it to end.
    func terminate() { signal(SIGTERM) }

    /// Waits for its end; kills it if that doesn't come in time.
    @discardableResult
    func wait(seconds: Double) async -> End {
        if let end = await endWithin(seconds) { return end }
        signal(SIGKILL)
        return await endWithin(5) ?? End(status: 128 + SIGKILL, cost: ProcessCost())
    }

    private func endWithin(_ seconds: Double) async -> End? {
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while true {
            if let end { return end }
            guard ContinuousClock.now < deadline else { return nil }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private func signal(_ number: Int32) {
        // Not once it is reaped: its id may be another's then.
        if end == nil { kill(-pid, number) }
    }

    private struct Failure: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    private static func spawn(_ words: [String], log: String) -> Result<pid_t, Failure> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        // Signals as a shell would hand them on: the demo ignores some, and Swift's threads block some.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let failure = posix_spawnp(&child, words[0], &actions, &attributes, arguments, environ)
        return failure == 0 ? .success(child) : .failure(Failure(description: String(cString: strerror(failure))))
    }
}
