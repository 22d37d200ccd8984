import Media

/// One site's outgoing picture: packets are numbered and remembered when the encoder's turn appends them, leave when
/// the pacer says so, and leave again when the site misses them.
///
///     append(batch) → history ─┬→ pacer → next → SRTP → socket
///            NACK → repairs ───┘
///
/// After every input, and at `deadline`: `while let departure = sender.next(at: now)`.
package struct PacedStreamSender: ~Copyable {
    package struct Configuration: Sendable {
        package var ssrc: UInt32
        package var payloadType: PayloadType
        /// What the encoder is asked for where the line carries it.
        package var bitrate: Bitrate
        /// Retransmissions under a payload type and an SSRC of their own (RFC 4588); `nil`: lost packets are sent
        /// again as they were.
        package var retransmission: (payloadType: PayloadType, ssrc: UInt32)?
        /// The id of the header extension with transport-wide sequence numbers, 1 to 14; `nil`: none.
        package var transportExtension: Int?
        /// The id of the header extension with the contributors' audio levels (RFC 6465), 1 to 14; `nil`: none.
        package var levelExtension: Int?
        /// Streams to go on with, under the SSRCs above; `nil`: new ones.
        package var position: ResumePoint?
        package var retransmissionPosition: ResumePoint?
        /// Packets remembered, a power of two: 1024 are 6 s at 1.5 Mbit/s.
        package var historyCapacity = 1024
        /// Bytes per remembered packet: room for one of error correction, which is longer than those it protects by its
        /// own header and by what stands in front of their payloads.
        package var slotSize = 1408

        package init(
            ssrc: UInt32, payloadType: PayloadType, bitrate: Bitrate,
            retransmission: (payloadType: PayloadType, ssrc: UInt32)? = nil, transportExtension: Int? = nil,
            levelExtension: Int? = nil
        ) {
            self.ssrc = ssrc
            self.payloadType = payloadType
            self.bitrate = bitrate
            self.retransmission = retransmission
            self.transportExtension = transportExtension
            self.levelExtension = levelExtension
        }
    }

    /// A packet that leaves now.
    package struct Departure {
        /// The whole packet, before SRTP. Its bytes hold until the next `append`: copy, protect or send it before.
        package var packet: UnsafeRawBufferPointer
        /// Whether it has been sent before.
        package var isRepair: Bool
        package var isKeyframe: Bool
    }

    package struct Statistics: Equatable, Sendable {
        /// What became of the packets that NACKs named.
        package var repairs = RepairQueue.Statistics()
        /// Bytes sent again.
        package var repairBytes = 0
        /// Pictures refused: too many packets wait, or one is larger than a slot.
        package var overflow = 0
        /// The longest that a packet has waited.
        package var longestWait = Interval.zero
    }

    /// What the site's line carries: fed by what leaves and by the site's RTCP.
    package var controller: SendBitrateController
    private let configuration: Configuration
    private var stream: StreamSender
    private var retransmissions: StreamSender?
    private var history: PacketHistory
    private var pacer: Pacer
    private var repairs: RepairQueue
    private var transportNumber: UInt16 = 0
    private var counted = Statistics()

    /// - Parameter generator: random bits for sequence numbers and timestamps; a seeded one in tests.
    package init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        self.configuration = configuration
        stream = StreamSender(
            ssrc: configuration.ssrc, payloadType: configuration.payloadType, resuming: configuration.position,
            using: &generator)
        stream.levelExtension = configuration.levelExtension
        retransmissions = nil
        if let (payloadType, ssrc) = configuration.retransmission {
            retransmissions = StreamSender(
                ssrc: ssrc, payloadType: payloadType, resuming: configuration.retransmissionPosition, using: &generator)
        }
        history = PacketHistory(capacity: configuration.historyCapacity, slotSize: configuration.slotSize)
        pacer = Pacer(target: configuration.bitrate)
        repairs = RepairQueue(target: configuration.bitrate)
        controller = SendBitrateController(nominal: configuration.bitrate)
    }

    package var ssrc: UInt32 { stream.ssrc }
    /// Where its streams stand.
    package var position: ResumePoint { stream.position }
    package var retransmissionPosition: ResumePoint? { retransmissions?.position }

    /// The sources inside the pictures that are appended from now on (RFC 3550 section 5.1). A packet keeps its own, also
    /// when it is sent again. Those of error correction have none: they carry no picture, and a longer header.
    package var contributors: Contributors {
        get { stream.contributors }
        set { stream.contributors = newValue }
    }

    package var isEnded: Bool { stream.isEnded }
    /// Packets that wait to leave for the first time.
    package var waiting: Int { history.waiting }

    package var statistics: Statistics {
        var statistics = counted
        statistics.repairs = repairs.statistics
        return statistics
    }

    /// What the encoder is asked for, now that the site is on this rung of the ladder: the pace and the budget of
    /// repairs follow from it.
    package var target: Bitrate {
        get { pacer.target }
        set {
            pacer.target = newValue
            repairs.target = newValue
        }
    }

    // MARK: In

    /// Queues the packets of one access unit. `false`, and none is taken, if they do not fit or the stream has ended:
    /// the site then needs a keyframe.
    /// - Parameters:
    ///   - mediaTime: when the picture was sampled, in ticks of the payload's clock.
    ///   - instant: the same moment on the machine's clock: what a sender report ties to the wall clock.
    package mutating func append(
        _ packets: borrowing PacketBatch, mediaTime: Int64, sampledAt instant: Instant, isKeyframe: Bool,
        at now: Instant
    ) -> Bool {
        guard !stream.isEnded else { return false }
        guard packets.count <= history.room, (0..<packets.count).allSatisfy({ fits(packets.payload($0)) }) else {
            counted.overflow += 1
            return false
        }
        let timestamp = stream.timestamp(of: mediaTime)
        for index in 0..<packets.count {
            queue(
                packets.payload(index), timestamp: timestamp, payloadType: stream.payloadType,
                marker: packets[index].marker, contributors: stream.contributors, isKeyframe: isKeyframe, at: now)
        }
        stream.tie(timestamp, to: instant)
        return true
    }

    /// Queues a packet of error correction in the stream's own sequence (RFC 5109), with the timestamp of
    /// the access unit appended last. `false` if it does not fit or the stream has ended.
    package mutating func append(
        correction payload: UnsafeRawBufferPointer, payloadType: PayloadType, isKeyframe: Bool, mediaTime: Int64,
        at now: Instant
    ) -> Bool {
        guard !stream.isEnded else { return false }
        guard history.room > 0, fits(payload) else {
            counted.overflow += 1
            return false
        }
        queue(
            payload, timestamp: stream.timestamp(of: mediaTime), payloadType: payloadType, marker: false,
            contributors: Contributors(), isKeyframe: isKeyframe, at: now)
        return true
    }

    private func fits(_ payload: UnsafeRawBufferPointer) -> Bool { payload.count <= history.largestPayload }

    private mutating func queue(
        _ payload: UnsafeRawBufferPointer, timestamp: UInt32, payloadType: PayloadType, marker: Bool,
        contributors: Contributors, isKeyframe: Bool, at now: Instant
    ) {
        var header = stream.number(
            marker: marker, timestamp: timestamp, payloadType: payloadType, payloadSize: payload.count,
            contributors: contributors)
        header.transportSequence = transportSequence
        let isQueued = history.append(header, payload: payload, isKeyframe: isKeyframe, at: now)
        precondition(isQueued, "a packet was numbered for which there is no room")
        pacer.add(header.writtenSize + payload.count, at: now)
    }

    /// The site misses a packet (RFC 4585 section 6.2.1).
    package mutating func repair(_ sequence: UInt16, at now: Instant) {
        guard !stream.isEnded else { return }
        let bytes = repairs.request(sequence, of: &history, at: now)
        if bytes > 0 { pacer.add(bytes, at: now) }
    }

    /// The site misses packets.
    package mutating func repair(_ sequences: UnsafeBufferPointer<UInt16>, at now: Instant) {
        for sequence in sequences { repair(sequence, at: now) }
    }

    /// What the site's reception report says of the stream: loss 0 to 1 since the report before.
    package mutating func report(fractionLost: Double, roundTrip: Interval?, at now: Instant) {
        if let roundTrip { repairs.roundTrip = roundTrip }
        controller.report(fractionLost: fractionLost, roundTrip: roundTrip, at: now)
    }

    /// Ends the stream: nothing leaves any more, not what waits either, so that nothing follows the BYE.
    package mutating func end() {
        stream.end()
        retransmissions?.end()
        forget()
    }

    /// Begins anew under another SSRC, after a collision (RFC 3550 section 8.2). What was sent is forgotten, since it
    /// can't be repaired under the new one.
    package mutating func restart(ssrc: UInt32, using generator: inout some RandomNumberGenerator) {
        guard !stream.isEnded else { return }
        forget()
        let (contributors, levelExtension) = (stream.contributors, stream.levelExtension)
        stream = StreamSender(ssrc: ssrc, payloadType: stream.payloadType, using: &generator)
        stream.contributors = contributors
        stream.levelExtension = levelExtension
    }

    private mutating func forget() {
        history.removeAll()
        repairs.removeAll()
        pacer.remove(pacer.waiting, hasLeft: false)
    }

    // MARK: Out

    /// What leaves now, repairs first; `nil` when nothing may leave before `deadline`.
    package mutating func next(at now: Instant) -> Departure? {
        guard let oldest else {
            // Repairs of packets that were forgotten meanwhile do not wait any more.
            pacer.remove(pacer.waiting, hasLeft: false)
            return nil
        }
        guard pacer.permits(oldest: oldest, at: now) else { return nil }
        if let repair = nextRepair(at: now) { return repair }
        guard
            let (entry, packet) = history.sendFront(ssrc: stream.ssrc, transportSequence: transportSequence, at: now)
        else { return nil }
        stream.count(payloadSize: entry.payloadSize)
        counted.longestWait = max(counted.longestWait, now - entry.queuedAt)
        pacer.remove(packet.count)
        noteDeparture(packet.count, at: now)
        return Departure(packet: packet, isRepair: false, isKeyframe: entry.isKeyframe)
    }

    private mutating func nextRepair(at now: Instant) -> Departure? {
        guard let entry = repairs.next(of: &history, at: now), let packet = retransmission(of: entry) else {
            return nil
        }
        pacer.remove(RepairQueue.size(of: entry))
        counted.repairBytes += packet.count
        noteDeparture(packet.count, at: now)
        return Departure(packet: packet, isRepair: true, isKeyframe: entry.isKeyframe)
    }

    private mutating func retransmission(of entry: PacketHistory.Entry) -> UnsafeRawBufferPointer? {
        guard let payloadType = retransmissions?.payloadType else {
            return history.packet(entry.sequence, ssrc: stream.ssrc, transportSequence: transportSequence)
        }
        // Timestamp and marker are those of the original (RFC 4588 section 4).
        let size = RetransmissionHeader.size + entry.payloadSize
        var header = retransmissions?.number(
            marker: entry.marker, timestamp: entry.timestamp, payloadType: payloadType, payloadSize: size)
        header?.transportSequence = transportSequence
        retransmissions?.count(payloadSize: size)
        return header.flatMap { history.retransmission(entry.sequence, header: $0) }
    }

    private mutating func noteDeparture(_ bytes: Int, at now: Instant) {
        controller.sent(
            bytes, transportNumber: configuration.transportExtension == nil ? nil : transportNumber, at: now)
        transportNumber &+= 1
    }

    /// When `next` will have something, though nothing came in.
    package var deadline: Instant { oldest.map { pacer.deadline(oldest: $0) } ?? .distantFuture }

    /// Since when the packet that leaves next has waited.
    private var oldest: Instant? {
        let media = history.front?.queuedAt
        guard let repair = repairs.front.flatMap({ history.entry($0)?.repairedAt }) else { return media }
        return media.map { min($0, repair) } ?? repair
    }

    private var transportSequence: TransportSequence? {
        configuration.transportExtension.map {
            TransportSequence(extensionID: UInt8(truncatingIfNeeded: $0), number: transportNumber)
        }
    }

    /// A packet that is held, as it was or will be sent, its transport-wide number zero: what error correction
    /// protects. Its bytes hold until the next call of `append` or `next`.
    package mutating func packet(_ sequence: UInt16) -> UnsafeRawBufferPointer? {
        var number = transportSequence
        number?.number = 0
        return history.packet(sequence, ssrc: stream.ssrc, transportSequence: number)
    }

    /// The next packet's sequence number.
    package var sequence: UInt16 { stream.sequence }

    /// What `RTPSession.next(at:sender:)` wants; `nil` as long as nothing was sent.
    package func state(wallclock: NTPTime, at now: Instant) -> SenderState? {
        stream.state(wallclock: wallclock, at: now)
    }
}
