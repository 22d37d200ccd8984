import Conference
import Media
import RTP

/// The sockets of one medium of one site: RTP on its port, RTCP on the next, and where the peer is.
struct MediaPorts: Sendable {
    let rtp: UDPSocket
    /// RTCP that does not share the RTP port.
    let rtcp: UDPSocket
    /// Where the medium goes; `nil`: nowhere.
    let destination: SocketAddress?
    /// Where RTCP goes until the peer's own shows another address; `nil`: nowhere.
    let rtcpDestination: SocketAddress?
    /// Whether our RTCP shares the peer's RTP port (RFC 5761).
    let multiplexesRTCP: Bool

    init(_ audio: AudioPlan, plan: ConferencePlan) throws(TransportError) {
        try self.init(
            port: audio.port, bindAddress: plan.bindAddress, destination: audio.destination,
            rtcpDestination: audio.rtcpDestination, multiplexesRTCP: audio.multiplexesRTCP, dscp: plan.audioDSCP)
    }

    init(_ video: VideoPlan, plan: ConferencePlan) throws(TransportError) {
        try self.init(
            port: video.port, bindAddress: plan.bindAddress, destination: video.destination,
            rtcpDestination: video.rtcpDestination, multiplexesRTCP: video.multiplexesRTCP, dscp: plan.videoDSCP)
    }

    /// Binds the port and the one after it.
    private init(
        port: Int, bindAddress: String, destination: HostPort?, rtcpDestination: HostPort?, multiplexesRTCP: Bool,
        dscp: Int
    ) throws(TransportError) {
        rtp = try UDPSocket(bindingTo: SocketAddress(host: bindAddress, port: port), dscp: dscp)
        rtcp = try UDPSocket(bindingTo: SocketAddress(host: bindAddress, port: port + 1), dscp: dscp)
        var address: SocketAddress?
        if let destination { address = try SocketAddress(host: destination.host, port: destination.port) }
        self.destination = address
        if let rtcpDestination {
            self.rtcpDestination = try SocketAddress(host: rtcpDestination.host, port: rtcpDestination.port)
        } else {
            if !multiplexesRTCP { address?.port += 1 }
            self.rtcpDestination = address
        }
        self.multiplexesRTCP = multiplexesRTCP
    }
}

/// What the kernel's own drops on a socket tell: datagrams that came to this machine and found the buffer full. They are
/// our loss, not the line's.
struct KernelDrops {
    private(set) var total = 0
    private var last = 0

    /// Takes the kernel's running count, 32 bits wide.
    mutating func update(_ count: Int) {
        total += Int(UInt32(truncatingIfNeeded: count) &- UInt32(truncatingIfNeeded: last))
        last = count
    }
}
