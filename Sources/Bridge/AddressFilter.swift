import Conference
import Media
import RTP

/// Decides whose datagrams a port takes: those of the hosts the operator named, or with `from=any` of whoever sends
/// first in half a second (the hole called RTP bleed is that anyone may be that: hence never by default).
struct AddressFilter {
    private let hosts: [SocketAddress]
    private let learns: Bool
    private var learned: SocketAddress?
    private var lastSeen = Instant.zero
    /// Datagrams refused.
    private(set) var refused = 0

    /// A learned sender that is silent this long makes room for another.
    private static let forgetAfter = Interval.milliseconds(500)

    init(rule: SourceRule, ports: MediaPorts) throws(TransportError) {
        switch rule {
        case .destination:
            (hosts, learns) = ([ports.destination, ports.rtcpDestination].compactMap { $0 }, false)
        case .host(let host): (hosts, learns) = ([try SocketAddress(host: host, port: 0)], false)
        case .any: (hosts, learns) = ([], true)
        }
    }

    /// Whether a datagram from `source` is taken.
    mutating func accepts(_ source: SocketAddress, at now: Instant) -> Bool {
        if learns {
            if let learned, learned.hasSameHost(as: source) {
                lastSeen = now
                return true
            }
            if learned == nil || now - lastSeen > Self.forgetAfter {
                learned = source
                lastSeen = now
                return true
            }
        } else if hosts.contains(where: { $0.hasSameHost(as: source) }) {
            return true
        }
        refused += 1
        return false
    }
}
