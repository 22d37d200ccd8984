import Conference
import Media
import RTP

/// Decides whose datagrams a line takes: those of the hosts the operator named, or with `from=any` of whoever sends
/// first in half a second (the hole called RTP bleed is that anyone may be that: hence never by default).
struct AddressFilter {
    private let hosts: [SocketAddress]
    private let learns: Bool
    private var learned: SocketAddress?
    private var lastSeen = Instant.zero
    /// How long one that was heard is sent RTCP: two of its own reports, as far apart as they come.
    private static let answerFor = Interval.seconds(15)
    /// Datagrams refused.
    private(set) var refused = 0

    /// A learned sender that is silent this long makes room for another.
    private static let forgetAfter = Interval.milliseconds(500)

    /// - Parameter hosts: where the site is, on any of its lines.
    init(rule: SourceRule, hosts: [SocketAddress]) throws(TransportError) {
        switch rule {
        case .destination: (self.hosts, learns) = (hosts, false)
        case .host(let host): (self.hosts, learns) = ([try SocketAddress(host: host, port: 0)], false)
        case .any: (self.hosts, learns) = ([], true)
        }
    }

    /// Whether a datagram from `source` is taken.
    mutating func accepts(_ source: SocketAddress, at now: Instant) -> Bool {
        if learns {
            if let learned, learned.hasSameHost(as: source) {
                lastSeen = now
                return true
            }
            if learned == nil || isForgotten(at: now) {
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

    /// Whether what goes to `address` goes to someone who is known, or was just heard: an address that once sent a packet is
    /// not answered for ever.
    func answers(_ address: SocketAddress, at now: Instant) -> Bool {
        guard learns else { return true }
        return learned.map { $0.hasSameHost(as: address) } ?? false && now - lastSeen <= Self.answerFor
    }

    private func isForgotten(at now: Instant) -> Bool { now - lastSeen > Self.forgetAfter }
}
