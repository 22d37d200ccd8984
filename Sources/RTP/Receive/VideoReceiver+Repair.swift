import Media

/// How a video receiver gets lost packets back.
extension VideoReceiver {
    /// FEC that comes later than this is not waited for: a keyframe would be here sooner.
    package static let longestCorrectionReach = Interval.milliseconds(300)

    /// The next lost packet to be asked for, unwrapped, in rising order: hand each to `RTPSession.requestRepair`. Call
    /// it until it returns `nil`, after `receive` and when `deadline` has come, behind `next`. Without
    /// `Settings.repair` it says nothing.
    package mutating func nextRepair(at now: Instant) -> Int64? { nacks?.next(at: now) }

    /// Whether part of the keyframe that is waited for has come, for `RTPSession.noteKeyframe`.
    package var isKeyframeUnderway: Bool { keyframe != nil && policy.awaitsKeyframe }

    /// The round trip to the sender by RTCP: `RTPSession.Statistics.roundTrip`.
    package mutating func noteRoundTrip(_ roundTrip: Interval?) { nacks?.noteRoundTrip(roundTrip) }

    /// Whether what is lost may come back, asked for or by itself.
    var isRepaired: Bool { nacks != nil || correctionReach != nil }

    /// Takes note of a packet that was inserted; `nextNew` is the buffer's of before.
    mutating func noteArrival(
        of packet: VideoPacket, _ insertion: ReorderBuffer.Insertion, nextNew: Int64?, at now: Instant
    ) {
        switch insertion {
        case .restart:
            nacks?.streamChanged()
            keyframe = nil
        case .late: nacks?.arrivedLate(packet.sequence, at: now)
        case .duplicate, .overflow, .oversized: return
        case .inOrder, .queued: break
        }
        let isRepairPaused = isRepairPaused(for: packet.codec)
        if let nextNew, packet.sequence < nextNew, insertion != .restart {
            nacks?.arrived(packet.sequence, packet.origin, at: now)
        } else if !isRepairPaused {
            if let nextNew, insertion == .queued { noteMissing(nextNew..<packet.sequence, at: now) }
        } else if packet.showsKeyframe {
            beginKeyframe(with: packet, behind: nextNew ?? packet.sequence, at: now)
        }
        updateRepair()
    }

    /// Only a keyframe helps and none of it has come: what is lost meanwhile is not worth its repair. A VP8 keyframe
    /// doesn't show itself if its first packet is lost: there all is asked for.
    private func isRepairPaused(for codec: VideoCodec) -> Bool {
        policy.awaitsKeyframe && keyframe == nil && codec != .vp8
    }

    /// The keyframe that is waited for has begun: gaps before it are waited for no longer, and from here on all is
    /// asked for. Its head may be among the packets missing just before this one.
    private mutating func beginKeyframe(with packet: VideoPacket, behind nextNew: Int64, at now: Instant) {
        let start = max(nextNew, packet.sequence - Self.longestHead)
        keyframe = start
        reorderBuffer.giveUp(before: nextNew)
        if start < packet.sequence { noteMissing(start..<packet.sequence, at: now) }
    }

    private mutating func noteMissing(_ sequences: Range<Int64>, at now: Instant) {
        guard !sequences.isEmpty, nacks != nil else { return }
        if nacks?.missing(sequences, at: now) == false { reorderBuffer.giveUp(before: sequences.upperBound) }
    }

    /// These packets are given up.
    mutating func noteLost(_ sequences: Range<Int64>, at now: Instant) {
        nacks?.giveUp(before: sequences.upperBound)
        // The keyframe came to harm: the next one is to be noticed again.
        if let begun = keyframe, sequences.upperBound > begun {
            keyframe = nil
            policy.keyframeDamaged(at: now)
        }
    }

    /// Sees to it that nothing is asked for in vain, and that gaps are waited for as long as it pays.
    mutating func updateRepair() {
        guard isRepaired else { return }
        if !policy.awaitsKeyframe { keyframe = nil }
        if isRepairPaused(for: codec) { nacks?.clear() }
        updateWindow()
    }

    /// How long the next gap is waited for: as long as a repair may take, where one is to be expected.
    mutating func updateWindow() {
        guard isRepaired, !isRepairPaused(for: codec) else {
            reorderBuffer.window = reorderWindow
            return
        }
        let floor = reorderWindow + min(correctionReach ?? .zero, Self.longestCorrectionReach)
        reorderBuffer.window = nacks?.window(atLeast: floor) ?? floor
    }
}
