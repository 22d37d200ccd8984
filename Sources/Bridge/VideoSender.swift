import Conference
import Media
import RTP
import Synchronization

/// One site's outgoing picture: the shared encode under the site's own SSRC, sequence numbers, time and payload type.
/// Encode groups hand it their packets; the site's receive queue reads its state for sender reports.
final class VideoSender: Sendable {
    let site: SiteID
    let rendition: Rendition
    private let socket: UDPSocket
    private let destination: SocketAddress
    // Guarded: for one access unit's headers, or a copy.
    private let state: Mutex<State>
    private let keyframeWanted = Atomic<Bool>(true)
    let counters = Counters()

    private struct State {
        var stream: StreamSender
        var rate = RateMeter()
    }

    /// What went out so far.
    struct Counters: Sendable {
        let accessUnits = Counter()
        let keyframes = Counter()
        let packets = Counter()
        let bytes = Counter()
        let failed = Counter()
    }

    /// `nil` for a site whose picture goes nowhere.
    init?(_ site: SiteID, video: VideoPlan, ports: MediaPorts, identity: RTPIdentity) {
        guard let destination = ports.destination else { return nil }
        self.site = site
        rendition = Rendition(of: video)
        socket = ports.rtp
        self.destination = destination
        var random = SystemRandomNumberGenerator()
        state = Mutex(State(stream: StreamSender(ssrc: identity.ssrc, payloadType: video.payloadType, using: &random)))
    }

    /// Asks for a keyframe: from RTCP (PLI, FIR) of the site, or because it joins a group.
    func requestKeyframe() { keyframeWanted.store(true, ordering: .relaxed) }

    /// Whether a keyframe was asked for since the last one that went out.
    var wantsKeyframe: Bool { keyframeWanted.load(ordering: .relaxed) }

    /// What a sender report says of the stream; `nil` before the first packet.
    func report(wallclock: NTPTime, at now: Instant) -> SenderState? {
        state.withLock { $0.stream.state(wallclock: wallclock, at: now) }
    }

    /// Pictures and bits per second, as sent.
    func rates(at now: Instant) -> (framesPerSecond: Double, bitsPerSecond: Double) {
        state.withLock { ($0.rate.eventsPerSecond(at: now), 8 * $0.rate.amountPerSecond(at: now)) }
    }

    /// Sends one access unit's packets to the site. Runs on the encode group's queue.
    func send(
        _ packets: borrowing PacketBatch, timestamp: Int64, sampledAt tick: Instant, isKeyframe: Bool,
        through batch: inout SendBatch
    ) {
        if isKeyframe { keyframeWanted.store(false, ordering: .relaxed) }
        state.withLock { state in
            batch.begin(to: destination)
            var outcome = SendBatch.Outcome()
            for index in 0..<packets.count {
                if batch.isFull { outcome.add(batch.send(on: socket)) }
                let payload = packets.payload(index)
                let header = state.stream.header(
                    marker: packets[index].marker, mediaTime: timestamp, sampledAt: tick, payloadSize: payload.count)
                batch.append(header, payload: payload)
            }
            outcome.add(batch.send(on: socket))
            counters.accessUnits.add()
            if isKeyframe { counters.keyframes.add() }
            counters.packets.add(outcome.sent)
            counters.bytes.add(outcome.bytes)
            counters.failed.add(outcome.failed)
            state.rate.add(outcome.bytes, at: tick)
        }
    }
}
