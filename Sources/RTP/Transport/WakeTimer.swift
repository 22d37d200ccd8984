import CLinux
import Glibc
import Media

/// A moment on the monotonic clock as a descriptor, which can be read from then on: timerfd_create(2). For any thread.
package struct WakeTimer: ~Copyable, Sendable {
    package let descriptor: Int32

    package init() throws(TransportError) {
        descriptor = clinux_timer_open()
        guard descriptor >= 0 else { throw .cannotOpen(code: errno) }
    }

    deinit { close(descriptor) }

    /// Another moment in place of the one before, which can be past.
    package func set(_ moment: Instant) { clinux_timer_set(descriptor, max(1, moment.nanoseconds)) }
}
