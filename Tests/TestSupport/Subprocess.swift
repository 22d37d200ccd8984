import Foundation
import Glibc
import Synchronization

/// A peer that runs beside the test: started in a process group of its own, its output kept, and ended with its
/// children at the latest when this value goes.
package final class Subprocess: Sendable {
    /// What could not be started, and why.
    package struct StartError: Error, CustomStringConvertible {
        package let description: String
    }

    /// The process id, which is also the id of its group.
    package let pid: Int32
    /// The command as it was given.
    package let command: [String]
    /// An unlinked file that takes standard output and standard error: a pipe would need a reader, or block the peer.
    private let capture: Int32
    /// The exit status once the process has been reaped; a process killed by signal n has 128 + n.
    private let status = Mutex<Int32?>(nil)

    /// Starts `command`, looked up in `PATH`.
    /// - Parameter limit: seconds after which the peer is killed whatever happens, so that a test run that dies leaves
    ///   nothing behind for long.
    package init(_ command: [String], limit: Int = 120) throws(StartError) {
        let name = "\(NSTemporaryDirectory())/mcu-server-peer-\(getpid())-\(UInt64.random(in: .min ... .max))"
        let descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StartError(description: "no file for the output of \(command)") }
        unlink(name)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, descriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, descriptor, 2)
        // A peer holds none of the test's sockets, nor the lock of a build: it could outlive both. Closing one that is
        // gone by then is no error.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let inherited = Int32(name), inherited > 2 { posix_spawn_file_actions_addclose(&actions, inherited) }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        // Swift's runtime threads block signals; the peer must not inherit that, or it never hears SIGTERM.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        // In the foreground `timeout` passes a signal on once, to the peer alone. Twice would be too much: gst-launch
        // finishes its files at the first SIGINT and dies at the second.
        let words = ["timeout", "--foreground", "--signal=KILL", "\(limit)"] + command
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let failure = posix_spawnp(&child, "timeout", &actions, &attributes, arguments, environ)
        guard failure == 0 else {
            close(descriptor)
            throw StartError(description: "\(command.first ?? ""): \(String(cString: strerror(failure)))")
        }
        pid = child
        capture = descriptor
        self.command = command
    }

    deinit {
        if poll() == nil {
            kill(-pid, SIGKILL)
            var ignored: Int32 = 0
            waitpid(pid, &ignored, 0)
        }
        close(capture)
    }

    /// Everything the peer has written to standard output and standard error so far.
    package var output: String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(capture, &chunk, chunk.count, bytes.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    /// Whether the peer has not ended yet.
    package var isRunning: Bool { poll() == nil }

    /// Waits until the peer ends by itself.
    /// - Returns: its exit status (127: no such command; 128 + n: killed by signal n), or `nil` if it still runs.
    package func wait(seconds: Double) -> Int32? {
        until(seconds: seconds) { poll() != nil }
        return poll()
    }

    /// Waits until the output contains `text`; `false` if it does not in time, or the peer ends without it.
    package func wait(for text: String, seconds: Double) -> Bool {
        until(seconds: seconds) { output.contains(text) || poll() != nil }
        return output.contains(text)
    }

    /// Asks the peer to end, by SIGTERM unless told otherwise, and kills its group if it has not after `seconds`.
    /// - Returns: the exit status.
    @discardableResult
    package func stop(signal: Int32 = SIGTERM, seconds: Double = 3) -> Int32 {
        if let ended = poll() { return ended }
        kill(pid, signal)
        if let ended = wait(seconds: seconds) { return ended }
        kill(-pid, SIGKILL)
        return wait(seconds: 3) ?? 128 + SIGKILL
    }

    /// Reaps the process if it has ended, and kills what is left of its group while the id is still its own.
    private func poll() -> Int32? {
        status.withLock { status in
            if let status { return status }
            var info = siginfo_t()
            guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD else {
                return nil
            }
            kill(-pid, SIGKILL)
            var word: Int32 = 0
            guard waitpid(pid, &word, 0) == pid else { return nil }
            let signal = word & 0x7F
            status = signal == 0 ? (word >> 8) & 0xFF : 128 + signal
            return status
        }
    }

    private func until(seconds: Double, _ condition: () -> Bool) {
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while !condition(), ContinuousClock.now < deadline { usleep(5_000) }
    }
}
