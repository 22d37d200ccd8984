import Conference
import Media
import RTP

/// Decides whose datagrams a line takes: those of the hosts the operator named, or with `from=any` of whoever shows first
/// that it is the site, by the key of its SRTP or as a stream of two packets in order.
///
/// A datagram alone shows nothing: whoever sprays ports with packets (the hole called RTP bleed, CVE-2025-53399) must not
/// keep the site out, and must not be sent anything. So learning waits for what the rest of the path makes of the packet,
/// and an address that was learned is sent no more bytes than it sent itself: nobody can turn the bridge on a third one by
/// writing its address into packets.
package struct AddressFilter {
    /// Those that the operator named: with `from=any`, where the site is sent its own.
    private let hosts: [SocketAddress]
    private let learns: Bool
    private var learned: Learned?
    /// Datagrams refused.
    package private(set) var refused = 0

    private struct Learned {
        var host: SocketAddress
        var lastProof: Instant
        /// Bytes that came from it, less those sent to it.
        var credit = 0
    }

    /// How long one that was learned is sent RTCP: two of its own reports, as far apart as they come.
    private static let answerFor = Interval.seconds(15)
    /// One that was learned and is silent this long makes room for another.
    private static let forgetAfter = Interval.milliseconds(500)

    /// - Parameter hosts: where the site is, on any of its lines.
    package init(rule: SourceRule, hosts: [SocketAddress]) throws(TransportError) {
        switch rule {
        case .destination: (self.hosts, learns) = (hosts, false)
        case .host(let host): (self.hosts, learns) = ([try SocketAddress(host: host, port: 0)], false)
        case .any: (self.hosts, learns) = (hosts, true)
        }
    }

    /// Whether a datagram from `source` is looked at.
    /// - Parameter isControl: it is RTCP in the clear. That proves nothing of itself, and is obeyed at once: with `from=any` too only
    ///   that of whom was learned, or of a host that the operator named.
    package mutating func accepts(_ source: SocketAddress, isControl: Bool = false, at now: Instant) -> Bool {
        let isNamed = hosts.contains { $0.hasSameHost(as: source) }
        let isAccepted =
            if !learns {
                isNamed
            } else if isControl {
                isNamed || knows(source)
            } else {
                learned.map { $0.host.hasSameHost(as: source) || now - $0.lastProof > Self.forgetAfter } ?? true
            }
        if !isAccepted { refused += 1 }
        return isAccepted
    }

    /// A datagram of `count` bytes from `source` was the site's: its tag was right, or it belongs to the stream that is taken.
    package mutating func prove(_ source: SocketAddress, count: Int, at now: Instant) {
        guard learns else { return }
        if learned?.host.hasSameHost(as: source) != true { learned = Learned(host: source, lastProof: now) }
        learned?.lastProof = now
        learned?.credit += count
    }

    /// Whether somebody was learned.
    package var hasLearned: Bool { learned != nil }

    /// Whether `source` is the site's: named, or learned.
    package func knows(_ source: SocketAddress) -> Bool {
        learns ? learned?.host.hasSameHost(as: source) == true : hosts.contains { $0.hasSameHost(as: source) }
    }

    /// Whether `count` bytes may go to an address that packets showed, and not the operator. If so they are counted.
    package mutating func answers(_ address: SocketAddress, count: Int, at now: Instant) -> Bool {
        guard learns else { return true }
        guard let learned, learned.host.hasSameHost(as: address), now - learned.lastProof <= Self.answerFor,
            learned.credit >= count
        else { return false }
        self.learned?.credit -= count
        return true
    }
}
