import Media

/// RTCP that goes out, and what the owner is told.
extension RTPSession {
    /// When `next` has something to do, if nothing comes in before.
    package var deadline: Instant {
        let deadline = min(schedule.deadline, feedbackDeadline, messages.deadline)
        guard active != nil, configuration.isVideo else { return deadline }
        return min(deadline, requester.deadline)
    }

    /// The next thing to do; call it until it returns `nil`, after each `receive` and at `deadline`.
    /// - Parameter sender: our own stream's state, `nil` if we have sent nothing.
    package mutating func next(at now: Instant, sender: SenderState? = nil) -> Action? {
        if !pending.isEmpty, let action = nextPending() { return action }
        // A sender that has gone silent is asked for nothing; when it is back, whoever misses a keyframe asks again.
        if requester.isWanted, let active, now - active.lastArrival > Self.silence { requester.keyframeReceived() }
        if configuration.isVideo, let media = active?.ssrc,
            let message = requester.next(at: now, by: configuration.feedback)
        {
            counters.keyframeRequestsOut += 1
            let ssrc = configuration.ssrc
            let feedback = writeEarly { writer in
                switch message {
                case .pictureLossIndication:
                    writer.pictureLossIndication(FeedbackSources(sender: ssrc, media: media))
                case .fullIntraRequest(let sequence):
                    writer.fullIntraRequest(sender: ssrc, FullIntraRequest.Entry(ssrc: media, sequence: sequence))
                }
            }
            return .send(feedback)
        }
        if let feedback = nextFeedbackDatagram(at: now) { return .send(feedback) }
        if let message = nextMessageDatagram(at: now) { return .send(message) }
        guard now >= schedule.deadline else { return nil }
        let remb = configuration.feedback.contains(.remb) ? bitrateRequester.nextRemb(withReport: true) : nil
        let (ssrc, media) = (configuration.ssrc, active?.ssrc)
        let report = write(at: now, sender: sender, namesContributors: true) { writer in
            if let remb, let media { writer.remb(sender: ssrc, stream: media, remb) }
        }
        schedule.reportSent(at: now, using: &generator)
        return .send(report)
    }

    private mutating func nextPending() -> Action? {
        if pending.streamChanged {
            pending.streamChanged = false
            guard let active else { return nil }
            return .streamChanged(ssrc: active.ssrc)
        }
        if pending.senderReport, let active {
            pending.senderReport = false
            if let information = lastSenderReport?.information {
                return .senderReport(ntp: information.ntp, timestamp: active.unwrap(information.rtpTimestamp))
            }
        }
        if pending.goodbye {
            pending.goodbye = false
            return .goodbye
        }
        if pending.keyframeRequested {
            pending.keyframeRequested = false
            return .keyframeRequested
        }
        if pending.contributorsChanged {
            pending.contributorsChanged = false
            return .contributorsChanged
        }
        if pending.message {
            pending.message = false
            // The first part of a newer one may have followed at once.
            if let message = reassembler?.message { return .message(message) }
        }
        if pending.messageRepeated {
            pending.messageRepeated = false
            return .messageRepeated
        }
        return nil
    }

    /// Asks for a keyframe, at once if the last request is long enough ago, and again until `keyframeReceived`.
    /// Nothing is sent where `Configuration.feedback` has neither PLI nor FIR.
    package mutating func requestKeyframe() {
        guard !configuration.feedback.isDisjoint(with: [.pli, .fir]) else { return }
        requester.request()
    }

    /// Says whether part of the keyframe asked for has come and the rest is being waited for: it is not asked for
    /// twice, and at once again when it came to harm. `VideoReceiver.isKeyframeUnderway`, each time the receiver was
    /// drained.
    package mutating func noteKeyframe(isUnderway: Bool, at now: Instant) {
        requester.note(isUnderway: isUnderway, at: now)
    }

    /// A whole keyframe of the active stream came.
    package mutating func keyframeReceived() { requester.keyframeReceived() }

    /// The RTCP bytes that end our stream: the session's own, valid until it is called again.
    /// - Parameter reason: for people; may be empty.
    package mutating func goodbye(
        reason: String = "", at now: Instant, sender: SenderState? = nil
    ) -> UnsafeRawBufferPointer {
        let ssrc = configuration.ssrc
        return write(at: now, sender: sender) { $0.goodbye(ssrc: ssrc, reason: reason) }
    }

    /// A compound (RFC 3550 section 6.1): SR or RR, SDES, and what `body` adds.
    private mutating func write(
        at now: Instant, sender: SenderState?, namesContributors: Bool = false, _ body: (inout RTCPWriter) -> Void
    ) -> UnsafeRawBufferPointer {
        var writer = RTCPWriter(buffer)
        let block = reportBlock(at: now)
        if let sender, sender.packetCount != packetsAtLastReport {
            let information = sender.information(at: now, clockRate: configuration.clockRate)
            writer.senderReport(ssrc: configuration.ssrc, information, block: block)
            sentSenderReports.note(information.ntp, at: now)
            packetsAtLastReport = sender.packetCount
        } else {
            writer.receiverReport(ssrc: configuration.ssrc, block: block)
        }
        writer.sourceDescription(ssrc: configuration.ssrc, cname: configuration.cname, name: configuration.name)
        if namesContributors { writeContributors(into: &writer, leaving: Remb.packetSize) }
        body(&writer)
        return finish(writer)
    }

    private mutating func reportBlock(at now: Instant) -> ReportBlock? {
        guard let fractionLost = active?.takeFractionLost(), let active else { return nil }
        counters.fractionLost = Double(fractionLost) / 256
        var block = ReportBlock(
            ssrc: active.ssrc, fractionLost: fractionLost, cumulativeLost: active.cumulativeLost,
            highestSequence: UInt32(truncatingIfNeeded: active.highestSequence - 1 << 16), jitter: active.jitter,
            lastSenderReport: 0, delaySinceLastSenderReport: 0)
        if let report = lastSenderReport {
            block.lastSenderReport = report.information.ntp.middle
            let delay = MediaClock.ticks((now - report.arrival).nanoseconds, clockRate: 65_536)
            block.delaySinceLastSenderReport = UInt32(clamping: delay)
        }
        return block
    }
}
