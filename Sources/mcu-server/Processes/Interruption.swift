import Foundation
import Glibc
import Synchronization

/// Ctrl-C and its kin: the first asks the run to end, the second ends it at once.
final class Interruption: Sendable {
    private let count = Mutex(0)
    // Immutable once made.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

    init() {
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler { [weak self] in self?.interrupt(number) }
            source.activate()
            return source
        }
    }

    var isAsked: Bool { count.withLock { $0 > 0 } }

    private func interrupt(_ number: Int32) {
        let count = count.withLock { count in
            count += 1
            return count
        }
        // The kernel takes the children along.
        if count > 1 { _exit(128 + number) }
    }
}
