import CLinux

/// Where datagrams wait, of many sockets, in one look: those where none does cost no system call. Confined to one queue or
/// thread.
package struct ReadySockets: ~Copyable {
    private let poller: OpaquePointer
    private var isReady: [Bool]

    /// - Parameter sockets: each with the place that stands for it in `isReady`; several may have one place.
    /// - Returns: `nil` if the system has no descriptor left: then look at all of them.
    package init?(_ sockets: [(socket: UDPSocket, place: Int)]) {
        self.init(descriptors: sockets.map { ($0.socket.descriptor, $0.place) })
    }

    /// Any descriptors that can be read, by the same rules; the caller keeps them open.
    package init?(descriptors: [(descriptor: Int32, place: Int)]) {
        guard let poller = clinux_poller_open(Int32(max(1, descriptors.count))) else { return nil }
        for (descriptor, place) in descriptors {
            guard clinux_poller_add(poller, descriptor, UInt32(place)) == 0 else {
                clinux_poller_close(poller)
                return nil
            }
        }
        self.poller = poller
        isReady = Array(repeating: false, count: (descriptors.map(\.place).max() ?? -1) + 1)
    }

    deinit { clinux_poller_close(poller) }

    /// Can be read while something waits anywhere.
    package var descriptor: Int32 { clinux_poller_descriptor(poller) }

    /// Looks once.
    package mutating func update() {
        for place in isReady.indices { isReady[place] = false }
        for index in 0..<clinux_poller_look(poller) { isReady[Int(clinux_poller_token(poller, index))] = true }
    }

    /// Whether something waited at a place when it was looked.
    package func isReady(_ place: Int) -> Bool { place < isReady.count && isReady[place] }
}
