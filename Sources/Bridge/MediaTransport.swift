import Conference
import Media
import RTP

/// What lies between one medium's sockets and its RTP session: whose datagrams are taken, SRTP, two lines made one; and the
/// way out of RTCP.
///
///     sockets → address filter → SRTP → the first of two copies → session
///     session → SRTCP → every line
///
/// Confined to the medium's queue or thread.
struct MediaTransport: ~Copyable {
    /// What becomes of a datagram.
    enum Admission {
        /// It goes on to the session: plain, and the first of its kind. Borrowed from the receive batch.
        case admitted(UnsafeRawBufferPointer)
        /// The other line brought it before: only a jitter buffer may note how late it is.
        case copy(UnsafeRawBufferPointer)
        case dropped
    }

    private let ports: MediaPorts
    private var filters: [AddressFilter]
    /// Of each line: its copies are authenticated on their own, so that no forged packet can take a true one's place.
    private var firstInbound: SRTPContext?
    private var secondInbound: SRTPContext?
    private var outbound: SRTPContext?
    private let scratch: UnsafeMutableRawBufferPointer
    private var merger: LineMerger?
    /// Whether there are those. Kept beside them, though it could be asked of them: for a call, and for a comparison with `nil` too,
    /// the compiler moves a value that can't be copied out of its optional and back, and these are large.
    private let isSecure: Bool
    private let isDouble: Bool
    private var peers: [Peer]
    private var rtpDrops: [KernelDrops]
    private var rtcpDrops: [KernelDrops]

    /// Where the peer's RTCP is, on one line.
    private struct Peer {
        var destination: SocketAddress?
        /// Whether the peer's own RTCP showed the address, and not the operator.
        var isLearned = false
        /// The socket the peer's RTCP comes in on: ours leaves from it.
        var usesRTPSocket: Bool
    }

    /// RTCP datagrams never exceed this.
    private static let controlSize = 1500

    init(ports: MediaPorts, rule: SourceRule, clockRate: Int) throws(TransportError) {
        let hosts = ports.lines.flatMap(\.hosts)
        var filters: [AddressFilter] = []
        for _ in ports.lines { filters.append(try AddressFilter(rule: rule, hosts: hosts)) }
        var first: SRTPContext?
        var second: SRTPContext?
        var outbound: SRTPContext?
        if let security = ports.security {
            do throws(SRTPError) {
                first = try SRTPContext(key: security.receiveKey, direction: .inbound)
                second = try SRTPContext(key: security.receiveKey, direction: .inbound)
                outbound = try SRTPContext(key: security.sendKey, direction: .outbound)
            } catch { throw .security("\(error)") }
        }
        self.ports = ports
        self.filters = filters
        peers = ports.lines.map { Peer(destination: $0.rtcpDestination, usesRTPSocket: ports.multiplexesRTCP) }
        rtpDrops = ports.lines.map { _ in KernelDrops() }
        rtcpDrops = rtpDrops
        scratch = .allocate(byteCount: Self.controlSize + SRTPContext.trailerRoom, alignment: 16)
        isDouble = ports.inlets.contains { $0.line == .second }
        isSecure = ports.security != nil
        merger = isDouble ? LineMerger(clockRate: clockRate) : nil
        firstInbound = first
        secondInbound = second
        self.outbound = outbound
    }

    deinit { scratch.deallocate() }

    // MARK: In

    /// Takes a datagram that came in on `socket` of a line.
    mutating func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from source: SocketAddress, line: Line, arrival: Instant,
        at now: Instant
    ) -> Admission {
        var plain = UnsafeRawBufferPointer(datagram)
        let isControl = !isSecure && RTCPHeader.isRTCP(plain)
        guard filters[line.rawValue].accepts(source, isControl: isControl, at: now) else { return .dropped }
        if isSecure,
            let outcome = line == .first ? firstInbound?.unprotect(datagram) : secondInbound?.unprotect(datagram)
        {
            guard case .ok(let count) = outcome else { return .dropped }
            filters[line.rawValue].prove(source, count: plain.count, at: now)
            plain = UnsafeRawBufferPointer(rebasing: plain[..<count])
        }
        guard isDouble else { return .admitted(plain) }
        switch merger?.receive(plain, on: line, at: arrival) {
        case .pass, nil: return .admitted(plain)
        case .duplicate:
            // Whoever repeats what the site said on its other line can be nobody else.
            if filters.contains(where: \.hasLearned) {
                mediaCame(from: source, line: line, count: plain.count, at: now)
            }
            return .copy(plain)
        case .stale: return .dropped
        }
    }

    /// A packet of `count` bytes that came from `source` is of the stream that the session takes.
    mutating func mediaCame(from source: SocketAddress, line: Line, count: Int, at now: Instant) {
        guard ports.security == nil else { return }
        filters[line.rawValue].prove(source, count: count, at: now)
    }

    mutating func noteKernelDrops(_ count: Int, on socket: UDPSocket, line: Line) {
        if socket === ports.lines[line.rawValue].rtp {
            rtpDrops[line.rawValue].update(count)
        } else {
            rtcpDrops[line.rawValue].update(count)
        }
    }

    /// RTCP of `count` bytes came from `source`: if that is the site, feedback goes there from now on.
    mutating func peerSpoke(
        from source: SocketAddress, on socket: UDPSocket, line: Line, count: Int, at now: Instant
    ) {
        guard filters[line.rawValue].knows(source) else { return }
        mediaCame(from: source, line: line, count: count, at: now)
        peers[line.rawValue] = Peer(
            destination: source, isLearned: true, usesRTPSocket: socket === ports.lines[line.rawValue].rtp)
    }

    // MARK: Two lines

    /// The next thing to be said of the lines.
    mutating func nextLineEvent(at now: Instant) -> LineEvent? { isDouble ? merger?.next(at: now) : nil }

    /// When to ask for line events though nothing came in.
    var deadline: Instant {
        mutating get { isDouble ? merger?.deadline ?? .distantFuture : .distantFuture }
    }

    /// How long sound must be held so that the slower of two lines is in time.
    var requiredWait: Interval { mutating get { isDouble ? merger?.requiredWait ?? .zero : .zero } }

    /// How long a gap must be waited for now so that the slower of two lines can fill it.
    mutating func gapWait(at now: Instant) -> Interval { isDouble ? merger?.gapWait(at: now) ?? .zero : .zero }

    /// `nil` for a medium with one line.
    mutating func lineStatistics(at now: Instant) -> LineMerger.Statistics? { merger?.statistics(at: now) }

    // MARK: Out

    /// Sends RTCP on every line.
    mutating func send(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
        var bytes = bytes
        if isSecure {
            guard bytes.count <= Self.controlSize else { return }
            scratch.copyMemory(from: bytes)
            guard case .ok(let count) = outbound?.protect(scratch, count: bytes.count) else { return }
            bytes = UnsafeRawBufferPointer(rebasing: scratch[..<count])
        }
        for (index, peer) in peers.enumerated() {
            guard let destination = peer.destination else { continue }
            if peer.isLearned, !filters[index].answers(destination, count: bytes.count, at: now) { continue }
            (peer.usesRTPSocket ? ports.lines[index].rtp : ports.lines[index].rtcp).send(bytes, to: destination)
        }
    }

    // MARK: State

    /// What did not go on to the session.
    var drops: Drops {
        mutating get {
            var drops = Drops()
            drops.source = filters.reduce(0) { $0 + $1.refused }
            drops.kernel = (rtpDrops + rtcpDrops).reduce(0) { $0 + $1.total }
            if let statistics = firstInbound?.statistics { drops.add(statistics) }
            if let statistics = secondInbound?.statistics { drops.add(statistics) }
            return drops
        }
    }
}
