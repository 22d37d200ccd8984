import CFFmpeg
import Media
import Synchronization

/// Ends a call into libavformat that hangs: at a deadline, or when another thread cancels. libavformat asks it many times
/// a second while it waits for a peer; the name look-up of a URL and the reading of a disk are not waits that it can end.
/// Each reader or writer has one of its own.
package final class Interruption: Sendable {
    private let cancelled = Atomic(false)
    /// In nanoseconds of `Instant`'s clock.
    private let deadline = Atomic<Int64>(.max)

    package init() {}

    /// Ends what runs now and all that comes later. From any thread.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Calls that begin from now on may last until `deadline`.
    func arm(_ deadline: Instant) { self.deadline.store(deadline.nanoseconds, ordering: .relaxed) }

    /// Whether a call has to end now. The clock is libavformat's own, which is the one `Instant` counts by.
    var isDue: Bool {
        if isCancelled { return true }
        let deadline = deadline.load(ordering: .relaxed)
        return deadline != .max && av_gettime_relative() >= deadline / 1000
    }

    /// For libavformat; borrowed: whoever sets it keeps this alive longer than the context.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                return Unmanaged<Interruption>.fromOpaque(opaque).takeUnretainedValue().isDue ? 1 : 0
            },
            opaque: Unmanaged.passUnretained(self).toOpaque())
    }
}
