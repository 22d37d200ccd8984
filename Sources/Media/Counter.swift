import Synchronization

/// A number that one queue raises and any other may read, without a lock.
package final class Counter: Sendable {
    private let storage = Atomic<Int>(0)

    package init() {}

    package var value: Int { storage.load(ordering: .relaxed) }
    package func add(_ amount: Int = 1) { storage.wrappingAdd(amount, ordering: .relaxed) }
    /// For a gauge: the newest value instead of a sum.
    package func set(_ value: Int) { storage.store(value, ordering: .relaxed) }
}
