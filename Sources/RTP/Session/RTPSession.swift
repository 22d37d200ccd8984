import Media

/// One medium of one site: an RTP session between two members (RFC 3550), sans-IO. Every datagram goes through
/// `receive`; after it, and whenever `deadline` has come, `next` is called until it returns `nil`.
///
/// It takes one remote stream at a time. The first SSRC of a session starts at once, so that its first keyframe is not
/// lost; any other must prove itself, and takes over when the active one said goodbye or has been silent.
package struct RTPSession: ~Copyable {
    package struct Configuration: Sendable {
        /// Our own SSRC.
        package var ssrc: UInt32
        /// Our name in RTCP, the same for all media of the endpoint (RFC 7022: random, not telling who we are).
        package var cname: String
        /// Our name for people; empty for none.
        package var name: String
        /// Of the payload formats received and sent, in Hz.
        package var clockRate: Int
        /// Whether keyframes can be asked for.
        package var isVideo: Bool
        package var accepts: PayloadTypeTable
        /// What RTCP of both members may take.
        package var controlBitrate: Bitrate
        /// The shortest mean time between two reports.
        package var reportInterval: Interval
        /// The kinds of feedback that are sent; what comes in is understood whatever it is.
        package var feedback: FeedbackKinds
        /// The payload types of the peer's retransmissions (RFC 4588), and that of the packets each one repeats.
        package var retransmitted: [PayloadType: PayloadType]
        /// Whether the session's first stream too must show two packets in order: where anyone may send.
        package var provesFirstStream: Bool
        /// The payload type of error correction in the peer's own sequence (RFC 5109): its packets carry nobody's media, and
        /// so no contributors.
        package var correction: PayloadType?
        /// The id of the header extension with the contributors' audio levels in the peer's packets (RFC 6465), 1 to 14.
        package var levelExtension: Int?
        /// The APP packets that carry messages, ours and the peer's; `nil`: there are none.
        package var messageName: ApplicationPacket.Name?

        /// - Precondition: the clock rate is positive.
        package init(
            ssrc: UInt32, cname: String, name: String = "", clockRate: Int, isVideo: Bool, accepts: PayloadTypeTable,
            controlBitrate: Bitrate = Bitrate(bitsPerSecond: 20_000), reportInterval: Interval? = nil,
            feedback: FeedbackKinds = .standard, retransmitted: [PayloadType: PayloadType] = [:],
            provesFirstStream: Bool = false, correction: PayloadType? = nil, levelExtension: Int? = nil,
            messageName: ApplicationPacket.Name? = nil
        ) {
            precondition(clockRate > 0 && clockRate <= 192_000, "a clock rate of \(clockRate) Hz")
            self.ssrc = ssrc
            self.cname = cname
            self.name = name
            self.clockRate = clockRate
            self.isVideo = isVideo
            self.accepts = accepts
            self.controlBitrate = controlBitrate
            self.reportInterval = reportInterval ?? (isVideo ? .seconds(1) : .milliseconds(2500))
            self.feedback = feedback
            self.retransmitted = retransmitted
            self.provesFirstStream = provesFirstStream
            self.correction = correction
            self.levelExtension = levelExtension
            self.messageName = messageName
        }
    }

    /// What the owner of the session is to do, or should know.
    package enum Action {
        /// Send these RTCP bytes: they are the session's own, valid until it is called again.
        case send(UnsafeRawBufferPointer)
        /// Another stream, or the same one started anew: forget what is buffered, then take the packets that follow.
        case streamChanged(ssrc: UInt32)
        /// The remote stream says that it ends (BYE).
        case goodbye
        /// The peer wants a keyframe from us (PLI or FIR). Several requests between two drains are one.
        case keyframeRequested
        /// The remote stream's clocks at one moment, for lip-sync; the timestamp is unwrapped as its packets' are.
        case senderReport(ntp: NTPTime, timestamp: Int64)
        /// Others than before are in the remote stream: see `contributors`.
        case contributorsChanged
        /// The peer's message is whole, and another one than before. The memory is the session's, valid until it is called
        /// again.
        case message(UnsafeRawBufferPointer)
        /// The peer says again, or a part of it came, what the last `message` said: it lives.
        case messageRepeated
    }

    /// A stream silent for this long may be replaced by another.
    package static let takeOverSilence = Interval.milliseconds(300)
    /// A stream silent for this long is asked for no keyframe.
    static let silence = Interval.seconds(2)
    /// RTCP datagrams never exceed this.
    private static let bufferSize = 1200
    /// What an SRTCP packet is longer by, at most: the index, and the tag of AES-GCM (RFC 3711 section 3.4, RFC 7714).
    static let securityOverhead = 20
    /// What leaves room for SRTCP's part of a datagram.
    static let largestControl = bufferSize - securityOverhead

    /// The least time between two TMMBNs.
    static let tmmbnPause = Interval.milliseconds(50)

    var configuration: Configuration
    /// The original payload type behind each one of retransmissions.
    private let originals: PayloadTypeTable
    let buffer: UnsafeMutableRawBufferPointer
    var generator: SeededGenerator
    var schedule: ReportSchedule
    var requester = KeyframeRequester()
    var active: RemoteStream?
    var candidates = CandidateTable()
    var counters = Statistics()
    /// Losses of the streams before the active one.
    var lostBefore = 0

    var pending = Pending()
    var lastSenderReport: ReceivedSenderReport?
    var sentSenderReports = SentSenderReports()
    var packetsAtLastReport: UInt32 = 0
    var lastFullIntraRequest: FullIntraRequest.Entry?

    var repairs = RepairRequests()
    var bitrateRequester = BitrateRequester()
    /// The limit to be confirmed to the peer.
    var tmmbn: Tmmbr.Entry?
    var tmmbnEarliest = Instant.zero
    var inbox = FeedbackInbox()
    var collisions = CollisionPolicy()
    /// How the packet that `receive` gave last came.
    package private(set) var lastOrigin = PacketOrigin.line
    /// The sources in the active stream's newest packet (RFC 3550 section 5.1); empty where no mixer sends it. Our own SSRC
    /// among them, or one that we send to others, is a loop (section 8.2).
    package internal(set) var contributors = Contributors()

    var names = NameTable()
    var cnames = NameTable()
    /// Whom our reports name, and who is next.
    var described: [SourceName] = []
    var nextDescribed = 0
    var messages: MessageSchedule
    var reassembler: MessageReassembler?

    /// What `next` still has to say. Flags, not a queue: bounded whatever comes in.
    struct Pending {
        var streamChanged = false
        var goodbye = false
        var keyframeRequested = false
        var senderReport = false
        var contributorsChanged = false
        var message = false
        var messageRepeated = false
        var isEmpty: Bool {
            !streamChanged && !goodbye && !keyframeRequested && !senderReport && !contributorsChanged && !message
                && !messageRepeated
        }
    }

    /// - Parameters:
    ///   - generator: for the timing of reports; seed it at random, except in tests.
    ///   - now: the session's start.
    package init(_ configuration: Configuration, generator: SeededGenerator, at now: Instant) {
        var generator = generator
        self.configuration = configuration
        var originals = PayloadTypeTable()
        for (type, original) in configuration.retransmitted where configuration.accepts[original] != nil {
            originals[type] = Int(original.rawValue)
        }
        self.originals = originals
        schedule = ReportSchedule(
            minimum: configuration.reportInterval, bitrate: configuration.controlBitrate, at: now, using: &generator)
        // Where there are no messages, tests keep their draws.
        let hasMessages = configuration.messageName != nil
        messages = MessageSchedule(revision: hasMessages ? .random(in: .min ... .max, using: &generator) : 0)
        reassembler = hasMessages ? MessageReassembler() : nil
        self.generator = generator
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 8)
    }

    deinit { buffer.deallocate() }

    // MARK: In

    /// Takes one datagram from the medium's port, RTP or RTCP (RFC 5761 tells them apart, so that one port or two are
    /// the same).
    /// - Parameter datagram: borrowed for the call; ranges in the header returned are its.
    package mutating func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) -> Reception {
        guard let first = datagram.first else { return drop(.malformed) }
        guard first >> 6 == 2 else { return drop(.version) }
        if RTCPHeader.isRTCP(datagram) { return receiveControl(datagram, at: now) }
        guard let header = RTPHeader(parsing: datagram) else { return drop(.malformed) }
        guard header.ssrc != configuration.ssrc else {
            noteCollision(at: now)
            return .dropped(.ownSSRC)
        }
        if let original = originals.codec(of: header.payloadType) {
            return receiveRetransmission(header, of: UInt8(original), in: datagram)
        }
        guard configuration.accepts.codec(of: header.payloadType) != nil else {
            // Comfort noise and DTMF share the numbers of the sound they stand in: they are no loss of it.
            if header.ssrc == active?.ssrc { active?.pass(header, at: now) }
            return drop(.payloadType)
        }
        return receiveMedia(header, in: datagram, at: now)
    }

    /// Takes a packet that was computed from others (FEC): whole, as it left the sender. It did not arrive, and so counts as
    /// lost in reports.
    package mutating func receive(recovered datagram: UnsafeRawBufferPointer) -> Reception {
        guard let header = RTPHeader(parsing: datagram), header.ssrc == active?.ssrc,
            configuration.accepts.codec(of: header.payloadType) != nil,
            let (verdict, sequence, timestamp) = active?.receiveRetransmission(header), verdict == .missing
        else { return drop(.retransmission) }
        counters.recovered += 1
        lastOrigin = .recovery
        return .media(header, sequence: sequence, timestamp: timestamp)
    }

    /// The codec index that `Configuration.accepts` holds for a payload type.
    package func codec(of payloadType: UInt8) -> Int? { configuration.accepts.codec(of: payloadType) }

    /// RFC 4588 section 4: the original sequence number stands before the original payload. Whatever SSRC it comes
    /// under, it is a packet of the active stream, if that can miss it.
    private mutating func receiveRetransmission(
        _ header: RTPHeader, of payloadType: UInt8, in datagram: UnsafeRawBufferPointer
    ) -> Reception {
        // An empty one fills the line to see what it bears.
        guard header.payload.count > 2, let ssrc = active?.ssrc else { return drop(.retransmission) }
        var original = header
        original.ssrc = ssrc
        original.payloadType = payloadType
        original.sequence = datagram.bigEndian16(at: header.payload.lowerBound)
        original.payload = header.payload.lowerBound + 2..<header.payload.upperBound
        guard let (verdict, sequence, timestamp) = active?.receiveRetransmission(original) else {
            return drop(.retransmission)
        }
        switch verdict {
        case .missing: break
        case .duplicate: return drop(.duplicate)
        case .refused: return drop(.retransmission)
        }
        counters.retransmitted += 1
        lastOrigin = .retransmission
        return .media(original, sequence: sequence, timestamp: timestamp)
    }

    private mutating func receiveMedia(
        _ header: RTPHeader, in datagram: UnsafeRawBufferPointer, at now: Instant
    ) -> Reception {
        guard active?.ssrc == header.ssrc, let (verdict, sequence, timestamp) = active?.receive(header, at: now) else {
            return receiveOther(header, in: datagram, at: now)
        }
        switch verdict {
        case .inOrder: noteContributors(header, in: datagram)
        case .reordered: counters.reordered += 1
        case .late: counters.late += 1
        case .duplicate: return drop(.duplicate)
        case .unproven, .leaving: return drop(.probation)
        case .restarted:
            // What the clocks said before the restart is no longer true.
            lastSenderReport = nil
            noteStreamChange()
            noteContributors(header, in: datagram)
        }
        return accept(header, sequence, timestamp)
    }

    /// A packet of a source that is not the active one.
    private mutating func receiveOther(
        _ header: RTPHeader, in datagram: UnsafeRawBufferPointer, at now: Instant
    ) -> Reception {
        guard let current = active else {
            if configuration.provesFirstStream {
                guard candidates.receive(header, at: now) else { return drop(.probation) }
                candidates.remove(header.ssrc)
            }
            return start(header, in: datagram, above: 0, at: now)
        }
        guard candidates.receive(header, at: now) else { return drop(.probation) }
        // Two live sources would take turns at every packet: the one that was there first stays.
        guard current.hasSaidGoodbye || now - current.lastArrival >= Self.takeOverSilence else {
            return drop(.sourceLimit)
        }
        candidates.remove(header.ssrc)
        lostBefore += current.lost
        inbox.forgetLimits()
        return start(header, in: datagram, above: current.highestSequence, at: now)
    }

    private mutating func start(
        _ header: RTPHeader, in datagram: UnsafeRawBufferPointer, above floor: Int64, at now: Instant
    ) -> Reception {
        let stream = RemoteStream(header, clockRate: configuration.clockRate, above: floor, at: now)
        active = stream
        if lastSenderReport?.ssrc != header.ssrc { lastSenderReport = nil }
        noteStreamChange()
        noteContributors(header, in: datagram)
        return accept(header, stream.highestSequence, stream.highestTimestamp)
    }

    private mutating func noteStreamChange() {
        pending.streamChanged = true
        pending.goodbye = false
        // What was asked of the stream before is not asked of this one.
        requester.keyframeReceived()
        repairs.removeAll()
        bitrateRequester.repeatAll()
        counters.streamChanges += 1
    }

    private mutating func accept(_ header: RTPHeader, _ sequence: Int64, _ timestamp: Int64) -> Reception {
        counters.packets += 1
        counters.bytes += header.payload.count
        lastOrigin = .line
        return .media(header, sequence: sequence, timestamp: timestamp)
    }

    mutating func drop(_ cause: DropCause) -> Reception {
        switch cause {
        case .malformed: counters.malformed += 1
        case .version: counters.wrongVersion += 1
        case .payloadType: counters.wrongPayloadType += 1
        case .duplicate: counters.duplicate += 1
        case .probation, .sourceLimit: counters.sourceDrops += 1
        case .ownSSRC: counters.ownSSRC += 1
        case .retransmission: counters.retransmittedRefused += 1
        }
        return .dropped(cause)
    }

    // MARK: State

    /// The active remote stream's SSRC; `nil` until a packet was accepted.
    package var remoteSSRC: UInt32? { active?.ssrc }

    /// When the active stream last sent a packet; `nil` if none came yet.
    package var lastArrival: Instant? { active?.lastArrival }

    package var statistics: Statistics {
        var statistics = counters
        statistics.lost = lostBefore + (active?.lost ?? 0)
        statistics.jitter = active?.jitterInterval ?? .zero
        statistics.peerBitrate = inbox.limit
        return statistics
    }
}
