import Glibc

/// Keeps the input under which the process stopped, as a file in the target's corpus: the next run begins with it.
package enum CrashNote {
    // Read by a signal handler, which can wait for nobody: one thread fuzzes at a time.
    nonisolated(unsafe) private static var input = UnsafeRawBufferPointer(start: nil, count: 0)
    nonisolated(unsafe) private static var path: UnsafeMutablePointer<CChar>?
    nonisolated(unsafe) private static var target = ""

    /// Sets in which folder notes are left, `FOLDER/TARGET/crash-seeded`, and from now on leaves them.
    package static func install(folder: String) {
        self.folder = folder
        for signal in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in CrashNote.write(signal) }
            // The handler it had comes next: once ours is through, the instruction stops the process again.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(signal, &action, nil)
        }
    }

    nonisolated(unsafe) private static var folder: String?

    static func begin(_ target: String, _ input: UnsafeRawBufferPointer) {
        self.input = input
        guard let folder, target != self.target else { return }
        self.target = target
        free(path)
        mkdir("\(folder)/\(target)", 0o755)
        path = strdup("\(folder)/\(target)/crash-seeded")
    }

    static func end() { input = UnsafeRawBufferPointer(start: nil, count: 0) }

    private static func write(_ signal: Int32) {
        guard let path, input.baseAddress != nil else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { return }
        _ = Glibc.write(file, input.baseAddress, input.count)
        close(file)
        _ = Glibc.write(STDERR_FILENO, path, strlen(path))
        _ = Glibc.write(STDERR_FILENO, ": the input that stopped the process\n", 37)
    }
}
