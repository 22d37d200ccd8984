import Glibc

/// Keeps the input under which the process stopped, as a file in the target's corpus: the next run begins with it.
enum CrashNote {
    // Read by a signal handler, which can wait for nobody: one thread fuzzes at a time.
    nonisolated(unsafe) private static var input = UnsafeRawBufferPointer(start: nil, count: 0)
    nonisolated(unsafe) private static var folder: UnsafeMutablePointer<CChar>?
    nonisolated(unsafe) private static var path: UnsafeMutablePointer<CChar>?

    /// From now on, where the process stops while it runs `target`, leaves the input in `TARGET/crash-seeded` of the
    /// corpus.
    static func install(for target: FuzzTarget) {
        free(folder)
        free(path)
        folder = strdup("\(Corpus.folder)/\(target.name)")
        path = strdup("\(Corpus.folder)/\(target.name)/crash-seeded")
        for signal in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in CrashNote.write() }
            // Only once: behind the handler, the same instruction stops the process as it would have.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(signal, &action, nil)
        }
    }

    static func begin(_ input: UnsafeRawBufferPointer) { self.input = input }
    static func end() { input = UnsafeRawBufferPointer(start: nil, count: 0) }

    /// Calls nothing that a signal handler may not.
    private static func write() {
        guard let folder, let path, input.baseAddress != nil else { return }
        mkdir(folder, 0o755)
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { return }
        _ = Glibc.write(file, input.baseAddress, input.count)
        close(file)
        _ = Glibc.write(STDERR_FILENO, path, strlen(path))
        _ = Glibc.write(STDERR_FILENO, ": the input that stopped the process\n", 37)
    }
}
