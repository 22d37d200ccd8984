import Foundation
import Synchronization

/// The thread that starts all child processes. The kernel's parent-death signal means the death of the thread that
/// started a child: those that run tasks come and go, this one stays.
final class SpawnThread: Sendable {
    static let shared = SpawnThread()

    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let bell = DispatchSemaphore(value: 0)

    private init() {
        Thread.detachNewThread { [self] in serve() }
    }

    private func serve() -> Never {
        while true {
            bell.wait()
            jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
        }
    }

    /// Runs `work` there and waits for it.
    func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) -> Result {
        let answer = Answer<Result>()
        jobs.withLock { $0.append { answer.give(work()) } }
        bell.signal()
        return answer.take()
    }

    private final class Answer<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let bell = DispatchSemaphore(value: 0)

        func give(_ value: Value) {
            self.value.withLock { $0 = value }
            bell.signal()
        }

        func take() -> Value {
            bell.wait()
            return value.withLock { $0! }
        }
    }
}
