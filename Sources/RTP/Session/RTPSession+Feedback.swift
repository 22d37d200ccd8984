import Media

/// Feedback: what the owner's receiver and sender say through RTCP, and hear from it.
extension RTPSession {
    /// Asks for a lost packet of the active stream by NACK. Call it for each packet due, then drain `next`: they go in
    /// one message. Nothing is sent where `Configuration.feedback` has no NACK.
    /// - Parameter sequence: unwrapped, as `Reception.media` gave those around it.
    package mutating func requestRepair(_ sequence: Int64) {
        guard configuration.feedback.contains(.nack), active != nil else { return }
        repairs.append(UInt16(truncatingIfNeeded: sequence))
    }

    /// Asks the peer by TMMBR and REMB to send no more than `limit`, at once and again as the two ask for it; `nil`
    /// lifts the limit. Drain `next` after it. Whoever calls it sees to hysteresis.
    package mutating func requestBitrate(_ limit: Bitrate?) { bitrateRequester.request(limit) }

    /// The next thing that the peer's RTCP says to our own sender; call it until it returns `nil`, after each
    /// `receive`. A session whose owner never asks loses nothing but these.
    package mutating func nextFeedback(at now: Instant) -> SenderFeedback? {
        inbox.forgetOldLimits(at: now)
        return inbox.next()
    }

    /// Goes on under another SSRC, after `SenderFeedback.collision` and a `goodbye` under the one before.
    package mutating func changeSSRC(to ssrc: UInt32) {
        configuration.ssrc = ssrc
        packetsAtLastReport = 0
        bitrateRequester.repeatAll()
    }

    /// A packet came that carries our SSRC.
    mutating func noteCollision(at now: Instant) {
        counters.ownSSRC += 1
        guard collisions.note(at: now) else { return }
        counters.collisions += 1
        inbox.collision = true
    }

    // MARK: Out

    /// When there is feedback to be sent, other than requests for keyframes.
    var feedbackDeadline: Instant {
        var deadline = tmmbn.map { _ in tmmbnEarliest } ?? .distantFuture
        guard active != nil else { return deadline }
        if repairs.count > 0 { return .zero }
        deadline = min(deadline, bitrateRequester.deadline(configuration.feedback))
        return deadline
    }

    /// The feedback that is due by `now`, as a datagram to be sent: NACKs, TMMBN, TMMBR and REMB.
    mutating func nextFeedbackDatagram(at now: Instant) -> UnsafeRawBufferPointer? {
        if let entry = tmmbn, now >= tmmbnEarliest {
            tmmbn = nil
            // A flood of TMMBR is not answered by another one.
            tmmbnEarliest = now + Self.tmmbnPause
            let ssrc = configuration.ssrc
            return writeEarly { _ = $0.tmmbn(sender: ssrc, entry) }
        }
        guard let media = active?.ssrc else { return nil }
        if repairs.count > 0 { return writeNack(media: media) }
        guard now >= bitrateRequester.deadline(configuration.feedback) else { return nil }
        return writeBitrate(media: media, at: now)
    }

    private mutating func writeNack(media: UInt32) -> UnsafeRawBufferPointer {
        let sources = FeedbackSources(sender: configuration.ssrc, media: media)
        var writer = earlyWriter()
        let written = writer.genericNack(sources, repairs.sequences)
        counters.repairsRequested += written
        // Where not one fits, none ever will.
        if written > 0 { repairs.removeFirst(written) } else { repairs.removeAll() }
        return finish(writer)
    }

    private mutating func writeBitrate(media: UInt32, at now: Instant) -> UnsafeRawBufferPointer? {
        let kinds = configuration.feedback
        let tmmbr = kinds.contains(.tmmbr) ? bitrateRequester.nextTmmbr(at: now) : nil
        let remb = kinds.contains(.remb) ? bitrateRequester.nextRemb(withReport: false) : nil
        guard tmmbr != nil || remb != nil else { return nil }
        let ssrc = configuration.ssrc
        return writeEarly { writer in
            if let tmmbr {
                let entry = Tmmbr.Entry(ssrc: media, bitrate: tmmbr, overhead: BitrateRequester.overhead)
                writer.tmmbr(sender: ssrc, entry)
            }
            if let remb { writer.remb(sender: ssrc, stream: media, remb) }
        }
    }

    /// Early feedback (RFC 4585 section 3.5) as a minimal compound (section 3.1): an empty RR, the CNAME, and what
    /// `body` adds. The regular report keeps its time, and its interval of loss: a report about the few packets between
    /// two NACKs would say nothing of the line.
    mutating func writeEarly(_ body: (inout RTCPWriter) -> Void) -> UnsafeRawBufferPointer {
        var writer = earlyWriter()
        body(&writer)
        return finish(writer)
    }

    func earlyWriter() -> RTCPWriter {
        var writer = RTCPWriter(buffer)
        writer.receiverReport(ssrc: configuration.ssrc, block: nil)
        writer.sourceDescription(ssrc: configuration.ssrc, cname: configuration.cname)
        return writer
    }

    mutating func finish(_ writer: RTCPWriter) -> UnsafeRawBufferPointer {
        counters.controlOut += 1
        schedule.note(size: writer.count)
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<writer.count])
    }
}
