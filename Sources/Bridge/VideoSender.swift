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
    // Guarded: while one access unit is sent, or for a copy. Only the site's own RTCP waits for it.
    private let state: Mutex<State>
    private let keyframeWanted = Atomic<Bool>(false)
    private let joining = Atomic<Bool>(false)
    let counters = Counters()

    private struct State {
        var stream: StreamSender
        /// The encode group the site gets its pictures from; those of another are late ones.
        var group: ObjectIdentifier?
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

    /// The site's RTCP asks for a keyframe (PLI, FIR).
    func requestKeyframe() { keyframeWanted.store(true, ordering: .relaxed) }

    /// The site gets its pictures from `group` from now on, beginning with a keyframe.
    func join(_ group: EncodeGroup) {
        state.withLock { $0.group = ObjectIdentifier(group) }
        joining.store(true, ordering: .releasing)
    }

    /// Whether the site waits for the first keyframe of its group.
    var isJoining: Bool { joining.load(ordering: .acquiring) }

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

    /// Sends one access unit's packets to the site. Runs on the encode group's queue. A late picture of the group that the
    /// site has left is not sent, nor what comes before the first keyframe of the one it joined.
    func send(
        _ packets: borrowing PacketBatch, of group: ObjectIdentifier, timestamp: Int64, sampledAt tick: Instant,
        isKeyframe: Bool, through batch: inout SendBatch
    ) {
        state.withLock { state in
            guard state.group == group, isKeyframe || !isJoining else { return }
            if isKeyframe {
                keyframeWanted.store(false, ordering: .relaxed)
                joining.store(false, ordering: .relaxed)
            }
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
