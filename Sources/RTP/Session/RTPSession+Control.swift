import Media

/// RTCP that comes in.
extension RTPSession {
    /// The peer's last sender report, as reports back to it (LSR, DLSR) and lip-sync need it.
    struct ReceivedSenderReport {
        var ssrc: UInt32
        var information: SenderReport.Information
        var arrival: Instant
    }

    mutating func receiveControl(_ datagram: UnsafeRawBufferPointer, at now: Instant) -> Reception {
        var reader = RTCPReader(datagram)
        while let packet = reader.next() { receive(packet, in: datagram, at: now) }
        counters.controlIn += 1
        schedule.note(size: datagram.count)
        // What stood before the fault has been acted on: packets of a compound do not depend on each other.
        return reader.isMalformed ? drop(.malformed) : .control
    }

    private mutating func receive(_ packet: RTCPPacket, in datagram: UnsafeRawBufferPointer, at now: Instant) {
        switch packet {
        case .senderReport(let report):
            receive(report, at: now)
            receive(report.blocks, in: datagram, at: now)
        case .receiverReport(let report):
            if report.ssrc == configuration.ssrc { noteCollision(at: now) }
            receive(report.blocks, in: datagram, at: now)
        case .goodbye(let goodbye):
            receive(goodbye, in: datagram, at: now)
        case .pictureLossIndication(let indication):
            // Some endpoints do not know our SSRC yet, and say 0; a session has no other stream they could mean.
            if indication.sources.media == configuration.ssrc || indication.sources.media == 0 { noteKeyframeRequest() }
        case .fullIntraRequest(let request):
            receive(request, in: datagram)
        case .genericNack(let nack):
            guard nack.sources.media == configuration.ssrc else { return }
            for index in 0..<nack.count {
                let entry = nack.entry(index, in: datagram)
                counters.nacksIn += entry.packetCount
                inbox.noteMissing(entry)
            }
        case .remb(let remb):
            receive(remb, in: datagram, at: now)
        case .tmmbr(let tmmbr):
            receive(tmmbr, in: datagram, at: now)
        case .tmmbn(let tmmbn):
            for index in 0..<tmmbn.count { bitrateRequester.confirmed(tmmbn.entry(index, in: datagram).bitrate) }
        case .transportFeedback(_, let content):
            inbox.noteTransportFeedback(UnsafeRawBufferPointer(rebasing: datagram[content]))
        case .sourceDescription(let description):
            receive(description, in: datagram)
        case .application(let packet):
            receive(packet, in: datagram, at: now)
        case .other:
            break
        }
    }

    /// An estimate for other streams than ours is no limit of ours; one that names none is for all.
    private mutating func receive(_ remb: Remb, in datagram: UnsafeRawBufferPointer, at now: Instant) {
        let isOurs =
            remb.streamCount == 0
            || (0..<remb.streamCount).contains { remb.stream($0, in: datagram) == configuration.ssrc }
        guard isOurs else { return }
        inbox.noteRemb(remb.bitrate, from: remb.sources.sender, at: now)
    }

    /// RFC 5104 section 4.2.2: the request is confirmed, whether it changes anything or not. The peer is the only one
    /// that asks, so its newest limit is the bounding set.
    private mutating func receive(_ request: Tmmbr, in datagram: UnsafeRawBufferPointer, at now: Instant) {
        for index in 0..<request.count {
            let entry = request.entry(index, in: datagram)
            guard entry.ssrc == configuration.ssrc else { continue }
            inbox.noteTmmbr(entry.bitrate, from: request.sources.sender, at: now)
            guard configuration.feedback.contains(.tmmbr) else { continue }
            tmmbn = Tmmbr.Entry(ssrc: request.sources.sender, bitrate: entry.bitrate, overhead: entry.overhead)
        }
    }

    private mutating func receive(_ report: SenderReport, at now: Instant) {
        if report.ssrc == configuration.ssrc { noteCollision(at: now) }
        // A stranger's report must not displace the active stream's; before a stream is active, the newest is kept.
        guard report.ssrc != configuration.ssrc, active == nil || active?.ssrc == report.ssrc else { return }
        lastSenderReport = ReceivedSenderReport(ssrc: report.ssrc, information: report.information, arrival: now)
        pending.senderReport = true
    }

    private mutating func receive(_ blocks: ReportBlockList, in datagram: UnsafeRawBufferPointer, at now: Instant) {
        for index in 0..<blocks.count {
            let block = blocks.block(index, in: datagram)
            guard block.ssrc == configuration.ssrc else { continue }
            counters.peerLost = Int(block.cumulativeLost)
            counters.peerFractionLost = Double(block.fractionLost) / 256
            counters.peerJitter = MediaClock.interval(ticks: Int64(block.jitter), clockRate: configuration.clockRate)
            if let roundTrip = sentSenderReports.roundTrip(of: block, at: now) { counters.roundTrip = roundTrip }
            inbox.report = ReceiverReportFacts(
                fractionLost: Double(block.fractionLost) / 256, cumulativeLost: Int(block.cumulativeLost),
                jitter: counters.peerJitter ?? .zero, roundTrip: counters.roundTrip)
        }
    }

    private mutating func receive(_ goodbye: Goodbye, in datagram: UnsafeRawBufferPointer, at now: Instant) {
        for index in 0..<goodbye.sourceCount {
            let source = goodbye.source(index, in: datagram)
            names.remove(source)
            cnames.remove(source)
            inbox.forgetLimits(of: source)
            if source == active?.ssrc, active?.hasSaidGoodbye == false {
                active?.sayGoodbye(at: now)
                pending.goodbye = true
            } else {
                candidates.remove(source)
            }
        }
    }

    private mutating func receive(_ request: FullIntraRequest, in datagram: UnsafeRawBufferPointer) {
        for index in 0..<request.count {
            let entry = request.entry(index, in: datagram)
            guard entry.ssrc == configuration.ssrc else { continue }
            // The same number from the same requester is the same command, sent again to be sure.
            let command = FullIntraRequest.Entry(ssrc: request.sources.sender, sequence: entry.sequence)
            guard command != lastFullIntraRequest else { continue }
            lastFullIntraRequest = command
            noteKeyframeRequest()
        }
    }

    private mutating func noteKeyframeRequest() {
        guard configuration.isVideo else { return }
        counters.keyframeRequestsIn += 1
        pending.keyframeRequested = true
    }
}

/// When the last eight sender reports left: the round trip is measured on the machine's own clock, which nobody sets.
struct SentSenderReports {
    private var entries: [(middle: UInt32, instant: Instant)] = []
    private var newest = 0

    private static let capacity = 8

    init() { entries.reserveCapacity(Self.capacity) }

    mutating func note(_ ntp: NTPTime, at now: Instant) {
        if entries.count < Self.capacity {
            entries.append((ntp.middle, now))
        } else {
            entries[newest] = (ntp.middle, now)
        }
        newest = (newest + 1) % Self.capacity
    }

    /// RFC 3550 section 6.4.1: arrival less the report's own time less what the peer held it. `nil` if the block
    /// answers none of our reports, or lies about the delay.
    func roundTrip(of block: ReportBlock, at now: Instant) -> Interval? {
        guard block.lastSenderReport != 0,
            let entry = entries.first(where: { $0.middle == block.lastSenderReport })
        else { return nil }
        let held = (Int64(block.delaySinceLastSenderReport) * 1_000_000_000) >> 16
        let roundTrip = (now - entry.instant).nanoseconds - held
        // The delay is in steps of 15 us: a short line can come out just below zero.
        guard roundTrip > -1_000_000 else { return nil }
        return Interval(nanoseconds: max(0, roundTrip))
    }
}
