import Media

/// What comes out of a depacketizer.
package enum Depacketized {
    /// One encoded picture. Its bytes hold until the depacketizer is called again.
    case accessUnit(AccessUnit, Completeness)
    /// The picture would be larger than the limit; it was thrown away.
    case refused(Size)
}

/// What is known of an access unit beside its bytes.
package struct Completeness: Equatable, Sendable {
    /// No packet of its own is missing; the pictures it refers to are another matter.
    package var isWhole: Bool
    /// The picture is right, at once or after some pictures, though no keyframe came before (recovery point SEI).
    package var isRecoveryPoint: Bool

    package init(isWhole: Bool, isRecoveryPoint: Bool) {
        self.isWhole = isWhole
        self.isRecoveryPoint = isRecoveryPoint
    }
}

/// What all depacketizers share: where an access unit begins and ends, what loss does to it and to those after it.
///
/// An access unit ends by its marker, or by the timestamp of the next one where the marker was lost or never sent. So
/// one packet can end two: one buffer is being filled while another waits to be taken.
package struct AccessUnitAssembler: ~Copyable {
    /// What the codec read in a finished access unit.
    package enum Verdict: Equatable {
        /// - isKeyframe: a decoder can start here with the parameter sets it has been given.
        /// - hasHead: it begins where a picture begins, so a packet lost just before it was none of its own.
        case picture(isKeyframe: Bool, isRecoveryPoint: Bool, hasHead: Bool)
        case refused(Size)
        case unreadable
        /// Its first packet is missing: no decoder could make anything of it.
        case headless
    }

    private enum Fragment {
        case none
        /// Its bytes begin here.
        case open(start: Int)
        /// It means nothing to the decoder: its other fragments are left out as well.
        case skipped
    }

    package var statistics = DepacketizerStatistics()
    /// Set by the codec when a slice has been appended: before that, the marker and the timestamp end nothing.
    package var hasPicture = false

    private var buffer: AccessUnitBuffer
    private var waiting: AccessUnitBuffer
    /// What became of the contents of `buffer` and `waiting`, oldest in `waitingOutcome`.
    private var outcome: Depacketized?
    private var waitingOutcome: Depacketized?

    private var fragment = Fragment.none
    private var isOpen = false
    private var timestamp: Int64 = 0
    private var arrival = Instant.zero
    private var isWhole = true
    private var isOversized = false
    /// Packets were lost just before the open access unit began; some may have been its own.
    private var isHeadUncertain = false
    private var lostSinceLastPacket = false
    /// No keyframe has come since the start, or since the last loss.
    package private(set) var isChainBroken = true

    package init(maximumSize: Int = AccessUnitBuffer.maximumCapacity) {
        buffer = AccessUnitBuffer(maximum: maximumSize)
        waiting = AccessUnitBuffer(maximum: maximumSize)
    }

    /// The bytes of the open access unit.
    package var bytes: UnsafeRawBufferPointer { buffer.bytes }
    package var count: Int { buffer.count }
    package var allocatedBytes: Int { buffer.allocatedBytes + waiting.allocatedBytes }

    /// Whether a packet with this timestamp ends the open access unit: the codec then calls `finish` before `open`.
    package func isEnded(by packet: VideoPacket) -> Bool {
        isOpen && hasPicture && packet.timestamp != timestamp
    }

    /// Begins an access unit with `packet`, or goes on with the open one. Parameter sets that came with a timestamp of
    /// their own are kept for the picture behind them.
    package mutating func open(with packet: VideoPacket) {
        if isOpen, packet.timestamp == timestamp || !hasPicture {
            timestamp = packet.timestamp
            if lostSinceLastPacket { isHeadUncertain = true }
            if lostSinceLastPacket, hasPicture { isWhole = false }
        } else {
            makeRoom()
            isOpen = true
            timestamp = packet.timestamp
            arrival = packet.arrival
            isHeadUncertain = lostSinceLastPacket
        }
        lostSinceLastPacket = false
    }

    package mutating func append(_ more: UnsafeRawBufferPointer) {
        if !buffer.append(more) { isOversized = true }
    }

    package mutating func append(_ byte: UInt8) {
        if !buffer.append(byte) { isOversized = true }
    }

    package mutating func appendStartCode() {
        if !buffer.appendStartCode() { isOversized = true }
    }

    package mutating func prepend(_ head: UnsafeRawBufferPointer) {
        if !buffer.prepend(head) { isOversized = true }
    }

    /// A NAL unit begins here whose fragments come in packets of their own.
    package mutating func beginFragment() { fragment = .open(start: buffer.count) }

    /// The NAL unit whose first fragment came is left out.
    package mutating func skipFragment() { fragment = .skipped }

    /// Appends a further fragment; without a first one it is dropped.
    package mutating func appendFragment(_ more: UnsafeRawBufferPointer) {
        switch fragment {
        case .open: append(more)
        case .skipped: break
        case .none:
            statistics.orphaned += 1
            damage()
        }
    }

    /// The last fragment came.
    package mutating func endFragment() { fragment = .none }

    /// Takes off the NAL unit whose last fragments didn't come.
    package mutating func abandonFragment() {
        if case .open(let start) = fragment {
            buffer.truncate(to: start)
            statistics.unfinished += 1
            damage()
        }
        fragment = .none
    }

    /// A payload that can't be as it is was dropped.
    package mutating func dropMalformed() {
        statistics.malformed += 1
        damage()
    }

    /// Something of the open access unit is missing or was dropped.
    package mutating func damage() {
        isWhole = false
        isChainBroken = true
    }

    /// Packets are missing between the last one and the next one.
    package mutating func packetsLost() {
        abandonFragment()
        if isOpen, hasPicture { isWhole = false }
        lostSinceLastPacket = true
        isChainBroken = true
    }

    /// From here on pictures count as undamaged though no keyframe came: the stream has none.
    package mutating func acceptBrokenChain() { isChainBroken = false }

    /// The decoder failed: all pictures up to the next keyframe are damaged.
    package mutating func breakChain() { isChainBroken = true }

    /// Ends the open access unit; `next` hands it out.
    package mutating func finish(as verdict: Verdict) {
        guard isOpen else { return }
        abandonFragment()
        switch verdict {
        case _ where isOversized:
            statistics.oversized += 1
            isChainBroken = true
        case .unreadable:
            statistics.unreadable += 1
            isChainBroken = true
        case .picture where buffer.count == 0, .headless:
            // Nothing is left where the only slice was a fragment that never ended: to a decoder, no bytes are the end.
            statistics.damaged += 1
            isChainBroken = true
        case .refused(let size):
            statistics.refused += 1
            isChainBroken = true
            outcome = .refused(size)
        case .picture(let isKeyframe, let isRecoveryPoint, let hasHead):
            hand(isKeyframe: isKeyframe, isRecoveryPoint: isRecoveryPoint, hasHead: hasHead)
        }
        close()
    }

    /// The oldest access unit that has ended and was not taken yet. Its bytes hold until the next call.
    package mutating func next() -> Depacketized? {
        if waitingOutcome == nil, outcome != nil {
            swap(&buffer, &waiting)
            swap(&outcome, &waitingOutcome)
            buffer.truncate(to: 0)
        }
        guard let taken = waitingOutcome else { return nil }
        waitingOutcome = nil
        return taken
    }

    /// Forgets all but the statistics and the memory.
    package mutating func reset() {
        outcome = nil
        waitingOutcome = nil
        lostSinceLastPacket = false
        isChainBroken = true
        close()
        buffer.truncate(to: 0)
    }

    private mutating func hand(isKeyframe: Bool, isRecoveryPoint: Bool, hasHead: Bool) {
        let isWhole = isWhole && (hasHead || !isHeadUncertain)
        if isKeyframe, isWhole { isChainBroken = false }
        buffer.pad()
        let unit = AccessUnit(
            bytes: buffer.bytes, timestamp: timestamp, isKeyframe: isKeyframe, isDamaged: isChainBroken || !isWhole,
            arrival: arrival)
        statistics.accessUnits += 1
        statistics.keyframes += isKeyframe ? 1 : 0
        statistics.damaged += unit.isDamaged ? 1 : 0
        outcome = .accessUnit(unit, Completeness(isWhole: isWhole, isRecoveryPoint: isRecoveryPoint))
    }

    private mutating func close() {
        isOpen = false
        fragment = .none
        hasPicture = false
        isWhole = true
        isOversized = false
        isHeadUncertain = false
        if outcome == nil { buffer.truncate(to: 0) }
    }

    /// Sees to it that `buffer` is free for the next access unit.
    private mutating func makeRoom() {
        guard outcome != nil else { return }
        if waitingOutcome != nil { statistics.unclaimed += 1 }
        waitingOutcome = nil
        swap(&buffer, &waiting)
        swap(&outcome, &waitingOutcome)
        buffer.truncate(to: 0)
    }
}
