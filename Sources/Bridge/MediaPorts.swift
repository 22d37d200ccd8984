import Conference
import Media
import RTP

/// One way between us and one medium of a site: two sockets of ours, RTP and RTCP on the next port, and where the site is.
struct MediaLine: Sendable {
    let rtp: UDPSocket
    /// RTCP that does not share the RTP port.
    let rtcp: UDPSocket
    /// Whether the sockets are another line's: nothing is received on them twice.
    let isShared: Bool
    /// Where the medium goes; `nil`: nowhere.
    let destination: SocketAddress?
    /// Where RTCP goes until the peer's own shows another address; `nil`: nowhere.
    let rtcpDestination: SocketAddress?

    /// The addresses that the site has on this line.
    var hosts: [SocketAddress] { [destination, rtcpDestination].compactMap { $0 } }
}

/// The lines of one medium of one site: one, or two that carry the same packets (SMPTE ST 2022-7).
struct MediaPorts: Sendable {
    let lines: [MediaLine]
    /// Where the medium goes out: of each line that it goes anywhere on.
    let outlets: [Outlet]
    /// Whether our RTCP shares the peer's RTP port (RFC 5761).
    let multiplexesRTCP: Bool
    /// `nil`: plain RTP.
    let security: SecurityPlan?

    /// The sockets that packets come in on, and the line of each.
    var inlets: [(socket: UDPSocket, line: Line)] {
        zip(Line.allCases, lines).filter { !$1.isShared }.flatMap { line, ends in
            [(ends.rtp, line), (ends.rtcp, line)]
        }
    }

    /// Whether the medium goes anywhere.
    var isSent: Bool { !outlets.isEmpty }

    init(_ audio: AudioPlan, plan: ConferencePlan) throws(TransportError) {
        try self.init(
            ends: [
                (audio.port, audio.destination, audio.rtcpDestination),
                audio.secondLine.map { ($0.port, $0.destination, nil) },
            ].compactMap { $0 }, plan: plan, multiplexesRTCP: audio.multiplexesRTCP, security: audio.security,
            dscp: plan.audioDSCP)
    }

    init(_ video: VideoPlan, plan: ConferencePlan) throws(TransportError) {
        try self.init(
            ends: [
                (video.port, video.destination, video.rtcpDestination),
                video.secondLine.map { ($0.port, $0.destination, nil) },
            ].compactMap { $0 }, plan: plan, multiplexesRTCP: video.multiplexesRTCP, security: video.security,
            dscp: plan.videoDSCP)
    }

    /// Binds each line's port and the one after it. A line without a port sends from the one before it.
    private init(
        ends: [(port: Int?, destination: HostPort?, rtcpDestination: HostPort?)], plan: ConferencePlan,
        multiplexesRTCP: Bool, security: SecurityPlan?, dscp: Int
    ) throws(TransportError) {
        var lines: [MediaLine] = []
        for end in ends {
            var destination: SocketAddress?
            if let peer = end.destination { destination = try SocketAddress(host: peer.host, port: peer.port) }
            var rtcpDestination = destination
            if let peer = end.rtcpDestination {
                rtcpDestination = try SocketAddress(host: peer.host, port: peer.port)
            } else if !multiplexesRTCP {
                rtcpDestination?.port += 1
            }
            if let port = end.port {
                let address = try SocketAddress(host: plan.bindAddress, port: port)
                let next = try SocketAddress(host: plan.bindAddress, port: port + 1)
                lines.append(
                    MediaLine(
                        rtp: try UDPSocket(bindingTo: address, dscp: dscp),
                        rtcp: try UDPSocket(bindingTo: next, dscp: dscp), isShared: false, destination: destination,
                        rtcpDestination: rtcpDestination))
            } else if let first = lines.first {
                lines.append(
                    MediaLine(
                        rtp: first.rtp, rtcp: first.rtcp, isShared: true, destination: destination,
                        rtcpDestination: rtcpDestination))
            }
        }
        self.lines = lines
        outlets = lines.compactMap { line in line.destination.map { Outlet(line.rtp, to: $0) } }
        self.multiplexesRTCP = multiplexesRTCP
        self.security = security
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
