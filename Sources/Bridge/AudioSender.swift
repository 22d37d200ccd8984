import Conference
import Media
import RTP

/// One site's sound on its way out. Confined to the audio thread.
///
///     the listener's packet → RTP header → SRTP → every line's socket
///
/// All that a packet needs lies side by side and nothing is behind a pointer, but for SRTP: the caches don't hold a thousand of
/// these from one tick to the next.
struct AudioSender: ~Copyable {
    private(set) var stream: StreamSender
    private let first: Outlet?
    private let second: Outlet?
    /// A block of the mix in ticks of the codec's clock.
    private let blockTicks: Int64
    /// Whether there is an `outbound`: as in `MediaTransport`.
    private let isSecure: Bool
    private(set) var sent = SendBatch.Outcome()
    private(set) var sentRate = RateMeter()
    private var outbound: SRTPContext?

    /// - Throws: if SRTP can't be set up.
    init(_ plan: AudioPlan, ports: MediaPorts, identity: RTPIdentity) throws(SRTPError) {
        (first, second) = (ports.outlets.first, ports.outlets.dropFirst().first)
        blockTicks = Int64(plan.codec.clockRate) * AudioPath.period.nanoseconds / 1_000_000_000
        isSecure = plan.security != nil
        var random = SystemRandomNumberGenerator()
        stream = StreamSender(
            ssrc: identity.ssrc, payloadType: plan.payloadType, resuming: identity.position, using: &random)
        if let key = plan.security?.sendKey { outbound = try SRTPContext(key: key, direction: .outbound) }
    }

    /// Sends the listener's packet of a tick.
    /// - Parameters:
    ///   - tick: counts the mix's ticks of 20 ms.
    ///   - due: when that tick was to be: what sender reports tie its timestamp to.
    mutating func send(_ packet: UnsafeRawBufferPointer, tick: Int64, through batch: inout SendBatch, due: Instant) {
        guard let first, !stream.isEnded else { return }
        let header = stream.header(
            marker: stream.packetCount == 0, mediaTime: tick * blockTicks, sampledAt: due, payloadSize: packet.count)
        let slot = batch.slot
        header.write(into: slot)
        UnsafeMutableRawBufferPointer(rebasing: slot[header.writtenSize...]).copyMemory(from: packet)
        var count = header.writtenSize + packet.count
        if isSecure, let outcome = outbound?.protect(slot, count: count) {
            guard case .ok(let protected) = outcome else { return }
            count = protected
        }
        batch.commit(count)
        let outcome = batch.send(through: first)
        // Counted once, whatever the number of lines.
        sent.add(outcome)
        sentRate.add(outcome.bytes, at: due)
        if let second { _ = batch.send(through: second) }
        batch.removeAll()
    }

    /// Names the sources inside the packets that follow.
    mutating func setContributors(_ contributors: Contributors) { stream.contributors = contributors }

    /// Has the contributors' levels written under this id; `nil`: they are not.
    mutating func setLevelExtension(_ id: Int?) { stream.levelExtension = id }

    /// Goes on as another stream, of an SSRC that nobody has.
    mutating func changeSSRC() {
        var random = SystemRandomNumberGenerator()
        var next = StreamSender(ssrc: .random(in: 1 ... .max), payloadType: stream.payloadType, using: &random)
        next.contributors = stream.contributors
        next.levelExtension = stream.levelExtension
        stream = next
    }

    /// Sends nothing any more.
    mutating func end() { stream.end() }

    /// What a sender report says of it.
    func state(at now: Instant) -> SenderState? { stream.state(wallclock: Clock.wallclock(), at: now) }
}
