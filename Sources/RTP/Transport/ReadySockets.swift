import CLinux
import Glibc

/// Where datagrams wait, of many sockets, in one look: those where none does cost no system call. Confined to one queue or
/// thread.
package struct ReadySockets: ~Copyable {
    private let poller: Int32
    private let tokens: UnsafeMutablePointer<UInt32>
    private let capacity: Int
    private var isReady: [Bool]

    /// - Parameter sockets: each with the place that stands for it in `update`'s answer; several may have one place.
    /// - Returns: `nil` if the system has no descriptor left: then look at all of them.
    package init?(_ sockets: [(socket: UDPSocket, place: Int)]) {
        let poller = clinux_poller_open()
        guard poller >= 0 else { return nil }
        for (socket, place) in sockets {
            guard clinux_poller_add(poller, socket.descriptor, UInt32(place)) == 0 else {
                close(poller)
                return nil
            }
        }
        self.poller = poller
        capacity = max(1, sockets.count)
        tokens = .allocate(capacity: capacity)
        isReady = Array(repeating: false, count: (sockets.map(\.place).max() ?? -1) + 1)
    }

    deinit {
        close(poller)
        tokens.deallocate()
    }

    /// Looks once.
    package mutating func update() {
        for place in isReady.indices { isReady[place] = false }
        let count = clinux_poller_ready(poller, tokens, Int32(capacity))
        for index in 0..<Int(count) { isReady[Int(tokens[index])] = true }
    }

    /// Whether something waited at a place when it was looked.
    package func isReady(_ place: Int) -> Bool { place < isReady.count && isReady[place] }
}
