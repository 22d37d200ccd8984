import Media
import RTP

/// The ways of one medium's RTCP, and what is known of the peer's addresses. Confined to the medium's queue or thread.
struct ControlPath {
    private let ports: MediaPorts
    private var filter: AddressFilter
    private var destination: SocketAddress?
    /// The socket the peer's RTCP comes in on: ours leaves from it.
    private var usesRTPSocket: Bool
    private var rtpDrops = KernelDrops()
    private var rtcpDrops = KernelDrops()

    init(ports: MediaPorts, filter: AddressFilter) {
        self.ports = ports
        self.filter = filter
        destination = ports.rtcpDestination
        usesRTPSocket = ports.multiplexesRTCP
    }

    /// Datagrams refused for where they came from.
    var refused: Int { filter.refused }
    /// Datagrams that the kernel dropped for want of room: our loss, not the line's.
    var kernelDrops: Int { rtpDrops.total + rtcpDrops.total }

    mutating func admits(_ source: SocketAddress, at now: Instant) -> Bool { filter.accepts(source, at: now) }

    mutating func noteKernelDrops(_ count: Int, on socket: UDPSocket) {
        if socket === ports.rtp { rtpDrops.update(count) } else { rtcpDrops.update(count) }
    }

    /// RTCP of the peer came from `source`: feedback goes there from now on.
    mutating func peerSpoke(from source: SocketAddress, on socket: UDPSocket) {
        destination = source
        usesRTPSocket = socket === ports.rtp
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard let destination else { return }
        (usesRTPSocket ? ports.rtp : ports.rtcp).send(bytes, to: destination)
    }
}
