import CLinux
import Glibc

/// Gives out turns: threads wait here, and a member that is ready is given to one of them, and to no other before that turn
/// has ended. So whichever thread is free takes it, and still it is never on two at once. epoll(7) with EPOLLONESHOT. For any
/// thread.
package final class Turnstile<Member: TurnTaker>: Sendable {
    private let descriptor: Int32

    package init() throws(TransportError) {
        descriptor = clinux_turnstile_open()
        guard descriptor >= 0 else { throw .cannotOpen(code: errno) }
    }

    deinit { close(descriptor) }

    /// Makes room for a member; it has no turn before `begin`.
    package func enter(_ member: Member) throws(TransportError) {
        guard clinux_turnstile_add(descriptor, member.readiness) == 0 else { throw .cannotOpen(code: errno) }
    }

    /// From now on it has turns. It is kept until `leave`.
    package func begin(_ member: Member) {
        clinux_turnstile_arm(descriptor, member.readiness, Unmanaged.passRetained(member).toOpaque())
    }

    /// Waits until a member is ready: its turn begins.
    package func next() -> Member {
        while true {
            guard let member = clinux_turnstile_next(descriptor) else { continue }
            return Unmanaged<Member>.fromOpaque(member).takeUnretainedValue()
        }
    }

    /// Its turn has ended; it has another when it is ready again.
    package func end(_ member: Member) {
        clinux_turnstile_arm(descriptor, member.readiness, Unmanaged.passUnretained(member).toOpaque())
    }

    /// Its turn has ended, and there will be no other.
    package func leave(_ member: Member) {
        clinux_turnstile_remove(descriptor, member.readiness)
        Unmanaged.passUnretained(member).release()
    }
}

/// Who has turns.
package protocol TurnTaker: AnyObject, Sendable {
    /// A descriptor that can be read while there is something to do. It stays open.
    var readiness: Int32 { get }
}
