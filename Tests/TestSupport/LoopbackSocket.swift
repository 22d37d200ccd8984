import Foundation
import Glibc
import Synchronization

/// A UDP socket on the loopback. A thread reads it from the moment it is made and keeps all that comes, so that a test
/// asks about it whenever it likes.
package final class LoopbackSocket: Sendable {
    /// One datagram as it came.
    package struct Datagram: Sendable {
        package let bytes: [UInt8]
        /// The sender's port.
        package let port: Int
        package let arrival: ContinuousClock.Instant
    }

    /// Why there is no socket.
    package struct BindError: Error, CustomStringConvertible {
        package let description: String
    }

    /// The local port.
    package let port: Int
    private let state: State

    /// What the reading thread shares with the socket's owner. It closes the descriptor when both are done with it.
    private final class State: Sendable {
        let descriptor: Int32
        let datagrams = Mutex<[Datagram]>([])
        let isOver = Atomic<Bool>(false)

        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }
    }

    /// - Parameters:
    ///   - address: one of the loopback's, such as 127.0.0.2 for a stranger.
    ///   - port: 0 for any free one.
    ///   - onReceive: called by the reading thread for each datagram, after it was kept.
    package init(
        address: String = "127.0.0.1", port: Int = 0,
        onReceive: (@Sendable (Datagram) -> Void)? = nil
    ) throws(BindError) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BindError(description: String(cString: strerror(errno))) }
        let state = State(descriptor)
        var room: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var local = Self.address(address, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failure = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) != 0 || getsockname(descriptor, pointer, &length) != 0
            }
        }
        guard !failure else {
            throw BindError(description: "\(address):\(port): \(String(cString: strerror(errno)))")
        }
        self.state = state
        self.port = Int(UInt16(bigEndian: local.sin_port))
        let thread = Thread { Self.read(state, onReceive) }
        thread.name = "loopback"
        thread.start()
    }

    deinit { state.isOver.store(true, ordering: .relaxed) }

    /// All that came so far.
    package var datagrams: [Datagram] { state.datagrams.withLock { $0 } }

    /// Sends one datagram.
    package func send(_ bytes: [UInt8], to port: Int, at address: String = "127.0.0.1") {
        var remote = Self.address(address, port)
        withUnsafePointer(to: &remote) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = sendto(
                    state.descriptor, bytes, bytes.count, 0, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func read(_ state: State, _ onReceive: (@Sendable (Datagram) -> Void)?) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !state.isOver.load(ordering: .relaxed) {
            var wanted = pollfd(fd: state.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, 50) > 0 else { continue }
            var source = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    recvfrom(state.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), pointer, &length)
                }
            }
            guard count >= 0 else { continue }
            let datagram = Datagram(
                bytes: Array(buffer[..<count]), port: Int(UInt16(bigEndian: source.sin_port)), arrival: .now)
            state.datagrams.withLock { $0.append(datagram) }
            onReceive?(datagram)
        }
    }

    private static func address(_ address: String, _ port: Int) -> sockaddr_in {
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, address, &result.sin_addr)
        return result
    }
}
