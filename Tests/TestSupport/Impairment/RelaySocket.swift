import Glibc

/// A UDP socket of the relay that never blocks. Confined to the relay's thread.
final class RelaySocket {
    let descriptor: Int32
    /// Where it is bound.
    let address: SocketAddress

    /// - Throws: `ImpairmentError` if the address is taken or not ours.
    init(_ wanted: SocketAddress) throws(ImpairmentError) {
        let flags = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, flags, 0)
        guard descriptor >= 0 else { throw ImpairmentError(description: "no socket: \(Self.reason)") }
        var room: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var local = wanted.socketAddress
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            let reason = Self.reason
            close(descriptor)
            throw ImpairmentError(description: "\(wanted): \(reason)")
        }
        self.descriptor = descriptor
        address = SocketAddress(local)
    }

    deinit { close(descriptor) }

    /// The next datagram, if there is one.
    /// - Parameter buffer: what it is read into first; longer datagrams are cut.
    func receive(_ buffer: UnsafeMutableRawBufferPointer) -> (bytes: [UInt8], source: SocketAddress)? {
        var source = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &source) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, buffer.baseAddress, buffer.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { return nil }
        return (Array(buffer[..<count]), SocketAddress(source))
    }

    /// - Returns: whether the kernel took it.
    @discardableResult
    func send(_ bytes: [UInt8], to target: SocketAddress) -> Bool {
        var remote = target.socketAddress
        return withUnsafePointer(to: &remote) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) >= 0
            }
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
