/// A way out: a socket's descriptor, and the address that everything through it goes to. It holds as long as the socket does,
/// which it does not keep: it is used per packet, and counts no references.
package struct Outlet: Sendable {
    let descriptor: Int32
    let destination: SocketAddress

    package init(_ socket: UDPSocket, to destination: SocketAddress) {
        descriptor = socket.descriptor
        self.destination = destination
    }
}
