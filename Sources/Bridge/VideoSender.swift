import Conference
import Dispatch
import Media
import RTP
import Synchronization

/// One site's outgoing picture: the shared encode under the site's own SSRC, sequence numbers, time and payload type, at the
/// pace and the rate that its line carries.
///
///     encode group → history → pacer → SRTP → every line
///     the site's NACKs → repairs ↗      the site's RTCP → ladder → another encode group
///
/// Encode groups hand it their packets, the site's receive queue its RTCP; what may not leave at once leaves on the pace queue.
final class VideoSender: Sendable {
    let site: SiteID
    private let nominal: Rendition
    private let adapts: Bool
    /// Whether it was agreed on that the site asks for keyframes (PLI, FIR).
    private let mayAsk: Bool
    private let concessions: Concessions
    private let correction: Correction?
    // Guarded: while one access unit is queued or sent, or for a copy. Only the site's own packets wait for it.
    private let state: Mutex<State>
    private let keyframeWanted = Atomic<Bool>(false)
    private let joining = Atomic<Bool>(false)
    /// When the site last said by RTCP how its picture arrives, or what it wants of it.
    private let feedbackAt = Atomic<Int64>(.min)
    private let rung = Atomic<Int>(0)
    // libdispatch's sources may be used on any thread.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer
    let counters = Counters()

    /// REMB comes with the reports, which are 7.5 s apart at most (RFC 3550 section 6.2), and one may be lost.
    private static let feedbackLasts = Interval.seconds(20)

    private struct State: ~Copyable, @unchecked Sendable {  // only ever reached through its mutex
        var stream: PacedStreamSender
        var fec = FecEncoder()
        var fecRate = FecRate()
        var outbound: SRTPContext?
        var batch = SendBatch()
        /// `nil` once the stream has ended: a tick may hold the sender longer than anybody may hold its ports.
        var ports: MediaPorts?
        var ladder: BitrateLadder
        var allowance: KeyframeAllowance
        /// The encode group the site gets its pictures from; those of another are late ones.
        var group: ObjectIdentifier?
        var bytes = RateMeter()
        var pictures = RateMeter()
        /// When the pace timer is set to.
        var deadline = Instant.distantFuture
    }

    /// How FEC is sent.
    private struct Correction {
        var payloadType: PayloadType
        /// The type of the redundant format that it goes in, if that was agreed on.
        var redundant: PayloadType?
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
    init?(
        _ site: SiteID, video: VideoPlan, ports: MediaPorts, identity: RTPIdentity, gop: Interval,
        concessions: Concessions
    ) throws(TransportError) {
        guard ports.isSent else { return nil }
        self.site = site
        nominal = Rendition(of: video)
        adapts = video.adapts
        mayAsk = !video.repair.feedback.isDisjoint(with: [.pli, .fir])
        self.concessions = concessions
        let repair = video.repair
        correction = repair.fec.map { Correction(payloadType: $0, redundant: repair.redundant) }
        var configuration = PacedStreamSender.Configuration(
            ssrc: identity.ssrc, payloadType: video.payloadType, bitrate: video.bitrate,
            retransmission: repair.retransmission.map { ($0, identity.repairSSRC) },
            transportExtension: repair.transportExtension)
        configuration.position = identity.position
        configuration.retransmissionPosition = identity.repairPosition
        // Under SRTP a packet that is sent again must be the same to the last bit.
        if video.security != nil, repair.retransmission == nil { configuration.transportExtension = nil }
        var random = SystemRandomNumberGenerator()
        var outbound: SRTPContext?
        if let key = video.security?.sendKey {
            do throws(SRTPError) {
                outbound = try SRTPContext(key: key, direction: .outbound)
            } catch { throw .security("\(error)") }
        }
        state = Mutex(
            State(
                stream: PacedStreamSender(configuration, using: &random), outbound: outbound, ports: ports,
                ladder: BitrateLadder(nominal: video.bitrate), allowance: KeyframeAllowance(refill: gop)))
        timer = DispatchSource.makeTimerSource(flags: .strict, queue: Queues.pace)
        timer.setEventHandler { [weak self] in self?.pace() }
        timer.activate()
    }

    deinit { timer.cancel() }

    // MARK: Rendition

    /// What the site gets now: its own rendition, less what its line does not carry, and what this machine does not.
    var rendition: Rendition {
        var rendition = carried
        rendition.concede(concessions.current)
        return rendition
    }

    /// The same on a machine that has time for all.
    var carried: Rendition {
        let rung = BitrateLadder.rungs[rung.load(ordering: .relaxed)]
        var rendition = nominal
        if rung.index > 0 {
            rendition.bitrate = rung.bitrate(of: nominal.bitrate)
            if rung.halvesFrameRate { rendition.frameRate = max(1, nominal.frameRate / 2) }
        }
        return rendition
    }

    /// The site gets its pictures from `group` from now on, beginning with a keyframe.
    func join(_ group: EncodeGroup) {
        state.withLock { state in
            state.group = ObjectIdentifier(group)
            state.stream.target = group.rendition.bitrate
        }
        joining.store(true, ordering: .releasing)
    }

    /// Whether the site waits for the first keyframe of its group.
    var isJoining: Bool { joining.load(ordering: .acquiring) }

    /// Whether a keyframe was asked for since the last one that went out.
    var wantsKeyframe: Bool { keyframeWanted.load(ordering: .relaxed) }

    /// Names the sources inside the pictures from now on.
    func setContributors(_ contributors: Contributors) { state.withLock { $0.stream.contributors = contributors } }

    // MARK: What the site's RTCP says

    /// Whether the site will ask for a keyframe when it needs one: it may, and it gives feedback (RFC 4585, RFC 5104, REMB,
    /// transport-wide).
    func asksForKeyframes(at now: Instant) -> Bool {
        let last = feedbackAt.load(ordering: .relaxed)
        return mayAsk && last != .min && now - Instant(nanoseconds: last) < Self.feedbackLasts
    }

    private func feedbackCame(at now: Instant) { feedbackAt.store(now.nanoseconds, ordering: .relaxed) }

    /// The site asks for a keyframe (PLI, FIR).
    func requestKeyframe(at now: Instant) {
        feedbackCame(at: now)
        if state.withLock({ $0.allowance.take(at: now) }) { keyframeWanted.store(true, ordering: .relaxed) }
    }

    /// An operator wants the site to get a keyframe.
    func sendKeyframe() { keyframeWanted.store(true, ordering: .relaxed) }

    /// The site misses packets (NACK).
    func repair(_ sequences: UnsafeBufferPointer<UInt16>, at now: Instant) {
        feedbackCame(at: now)
        state.withLock { state in
            state.stream.repair(sequences, at: now)
            drain(&state, at: now)
        }
    }

    /// What the site's reception report says of the stream.
    func report(fractionLost: Double, roundTrip: Interval?, at now: Instant) {
        state.withLock { state in
            state.stream.report(fractionLost: fractionLost, roundTrip: roundTrip, at: now)
            state.fecRate.update(fractionLost: fractionLost, at: now)
            climb(&state, at: now)
        }
    }

    /// The site wants no more than this (REMB, TMMBR); `nil`: no limit any more.
    func limit(_ bitrate: Bitrate?, at now: Instant) {
        if bitrate != nil { feedbackCame(at: now) }
        state.withLock { state in
            state.stream.controller.limit = bitrate
            climb(&state, at: now)
        }
    }

    /// When each packet came, by the site (transport-wide feedback).
    func transportFeedback(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
        feedbackCame(at: now)
        state.withLock { state in
            state.stream.controller.transportFeedback(bytes, at: now)
            climb(&state, at: now)
        }
    }

    /// Looks at the ladder again; to be called now and then though no RTCP comes.
    func review(at now: Instant) { state.withLock { climb(&$0, at: now) } }

    private func climb(_ state: inout State, at now: Instant) {
        guard adapts else { return }
        let next = state.ladder.update(
            state.stream.controller.estimate, limit: state.stream.controller.limit, at: now)
        rung.store(next.index, ordering: .relaxed)
    }

    // MARK: Out

    /// Sends one access unit's packets to the site. Runs on the encode group's queue. A late picture of the group that the
    /// site has left is not sent, nor what comes before the first keyframe of the one it joined.
    func send(
        _ packets: borrowing PacketBatch, of group: ObjectIdentifier, timestamp: Int64, sampledAt tick: Instant,
        isKeyframe: Bool, at now: Instant
    ) {
        state.withLock { state in
            guard state.group == group, isKeyframe || !isJoining else { return }
            let first = state.stream.sequence
            guard
                state.stream.append(packets, mediaTime: timestamp, sampledAt: tick, isKeyframe: isKeyframe, at: now)
            else {
                // What follows refers to a picture that was not sent.
                joining.store(true, ordering: .relaxed)
                return
            }
            if isKeyframe {
                keyframeWanted.store(false, ordering: .relaxed)
                joining.store(false, ordering: .relaxed)
            }
            protect(packets.count, from: first, mediaTime: timestamp, isKeyframe: isKeyframe, &state, at: now)
            counters.accessUnits.add()
            state.pictures.add(1, at: now)
            if isKeyframe { counters.keyframes.add() }
            drain(&state, at: now)
        }
    }

    /// Queues the FEC packets of the access unit whose packets were queued last.
    private func protect(
        _ count: Int, from first: UInt16, mediaTime: Int64, isKeyframe: Bool, _ state: inout State, at now: Instant
    ) {
        guard let correction else { return }
        state.fec.begin(packetCount: count, overhead: state.fecRate.overhead, isKeyframe: isKeyframe)
        for index in 0..<count {
            if let packet = state.stream.packet(first &+ UInt16(truncatingIfNeeded: index)) {
                state.fec.protect(packet)
            }
        }
        for index in 0..<state.fec.end() {
            guard let redundant = correction.redundant else {
                _ = state.stream.append(
                    correction: state.fec.payload(index), payloadType: correction.payloadType, isKeyframe: isKeyframe,
                    mediaTime: mediaTime, at: now)
                continue
            }
            // One block, the last: its head is the payload type alone (RFC 2198 section 3).
            let size = state.fec.payload(index).count + RedundantHeader.shortestSize
            withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { block in
                block[0] = correction.payloadType.rawValue
                UnsafeMutableRawBufferPointer(rebasing: block[1...]).copyMemory(from: state.fec.payload(index))
                _ = state.stream.append(
                    correction: UnsafeRawBufferPointer(block), payloadType: redundant, isKeyframe: isKeyframe,
                    mediaTime: mediaTime, at: now)
            }
        }
    }

    /// Sends what may leave now, and sets the timer for the rest.
    private func drain(_ state: inout State, at now: Instant) {
        while let departure = state.stream.next(at: now) {
            if state.batch.isFull { flush(&state) }
            guard state.outbound != nil else {
                state.batch.append(departure.packet)
                continue
            }
            let slot = state.batch.slot
            slot.copyMemory(from: departure.packet)
            if case .ok(let count) = state.outbound?.protect(slot, count: departure.packet.count) {
                state.batch.commit(count)
            }
        }
        let bytes = flush(&state)
        if bytes > 0 { state.bytes.add(bytes, at: now) }
        let deadline = state.stream.deadline
        guard deadline != state.deadline else { return }
        state.deadline = deadline
        guard deadline != .distantFuture else { return }
        timer.schedule(
            deadline: DispatchTime(uptimeNanoseconds: UInt64(max(1, deadline.nanoseconds))), leeway: .microseconds(500))
    }

    /// Sends the batch on every line. Packets and bytes are counted once, whatever the number of lines.
    @discardableResult
    private func flush(_ state: inout State) -> Int {
        guard !state.batch.isEmpty else { return 0 }
        var bytes = 0
        let outlets = state.ports?.outlets ?? []
        for index in outlets.indices {
            let outcome = state.batch.send(through: outlets[index])
            counters.failed.add(outcome.failed)
            guard index == 0 else { continue }
            bytes = outcome.bytes
            counters.packets.add(outcome.sent)
            counters.bytes.add(outcome.bytes)
        }
        state.batch.removeAll()
        return bytes
    }

    private func pace() {
        let now = Clock.now()
        state.withLock { state in
            state.deadline = .distantFuture
            drain(&state, at: now)
        }
    }

    /// Goes on under another SSRC, after a collision.
    func restart(ssrc: UInt32) {
        var random = SystemRandomNumberGenerator()
        state.withLock { $0.stream.restart(ssrc: ssrc, using: &random) }
        joining.store(true, ordering: .releasing)
    }

    /// Ends the stream: nothing leaves any more. Returns its state for the report beside the BYE.
    func end(wallclock: NTPTime, at now: Instant) -> SenderState? {
        state.withLock { state in
            state.stream.end()
            state.ports = nil
            return state.stream.state(wallclock: wallclock, at: now)
        }
    }

    // MARK: State

    /// Where its streams stand.
    var positions: (media: ResumePoint, repair: ResumePoint?) {
        state.withLock { ($0.stream.position, $0.stream.retransmissionPosition) }
    }

    /// What a sender report says of the stream; `nil` before the first packet.
    func report(wallclock: NTPTime, at now: Instant) -> SenderState? {
        state.withLock { $0.stream.state(wallclock: wallclock, at: now) }
    }

    /// What the sender says of itself.
    func report(at now: Instant) -> Report {
        state.withLock { state in
            Report(
                framesPerSecond: state.pictures.eventsPerSecond(at: now),
                bitsPerSecond: 8 * state.bytes.amountPerSecond(at: now),
                statistics: state.stream.statistics, estimate: state.stream.controller.estimate,
                limit: state.stream.controller.limit, rung: state.ladder.rung, moves: state.ladder.moves,
                keyframeRequestsRefused: state.allowance.refused, fec: state.fec.statistics)
        }
    }

    struct Report: Sendable {
        var framesPerSecond: Double
        var bitsPerSecond: Double
        var statistics: PacedStreamSender.Statistics
        var estimate: Bitrate
        var limit: Bitrate?
        var rung: BitrateLadder.Rung
        var moves: (down: Int, up: Int)
        var keyframeRequestsRefused: Int
        var fec: FecEncoder.Statistics
    }
}
