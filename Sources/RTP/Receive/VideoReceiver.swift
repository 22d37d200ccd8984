import Media

/// What a video receiver has for its site.
package enum VideoEvent {
    /// To be decoded, in this order. Its bytes hold until the receiver is called again.
    case accessUnit(AccessUnit)
    /// Pictures are missing: ask the sender for a keyframe.
    case keyframeNeeded
    /// The site sends pictures above the limit; they were thrown away. Said once per size.
    case refused(Size)
}

/// One video stream from packets to access units: order, loss, keyframes.
///
/// Each `receive` is followed by `while let event = receiver.next(at: now)`, and where lost packets are asked for by
/// `while let sequence = receiver.nextRepair(at: now)`; `deadline` says when to drain again.
package struct VideoReceiver: ~Copyable {
    package struct Settings: Sendable {
        /// How long a gap is waited for where nothing repairs it.
        package var reorderWindow = Interval.milliseconds(40)
        /// NAL units from the site's SDP file, for H.264 and H.265.
        package var parameterSets: [[UInt8]] = []
        package var limit = PictureLimit.standard
        package var keyframes = KeyframePolicy.Settings()
        /// How lost packets are asked for; `nil`: they aren't.
        package var repair: RepairTiming.Settings?

        package init() {}
    }

    package struct Statistics: Equatable, Sendable {
        /// Access units that went to the decoder.
        package var passed = 0
        /// Keyframes among them.
        package var keyframes = 0
        /// Access units held back since packets of theirs, or of pictures they may refer to, were lost.
        package var droppedDamaged = 0
        /// How often a keyframe was asked for.
        package var keyframesNeeded = 0
        /// How often pictures were resumed without a keyframe.
        package var resumed = 0
        package var decodingFailures = 0
        package var codecChanges = 0
        /// Over all codecs the stream has had.
        package var depacketizing = DepacketizerStatistics()
        package var reordering = ReorderBuffer.Statistics()
        package var repair = NackGenerator.Statistics()
    }

    private let settings: Settings
    var reorderBuffer: ReorderBuffer
    var nacks: NackGenerator?
    /// Where the keyframe begins that is waited for; `nil` if none of it has come.
    var keyframe: Int64?
    /// How long a gap is waited for where nothing repairs it.
    package var reorderWindow: Interval {
        didSet { if reorderWindow != oldValue { updateWindow() } }
    }
    /// How much later what FEC repairs may come: `FecDecoder.reach`. A gap is waited for so much longer.
    package var correctionReach: Interval? {
        didSet { if correctionReach != oldValue { updateWindow() } }
    }
    private var depacketizer: Depacketizer
    var policy: KeyframePolicy
    private var counts = Statistics()
    /// What earlier codecs' depacketizers had counted.
    private var earlier = DepacketizerStatistics()
    private var lastRefused: Size?

    /// Packets before the first one known to be of a keyframe that may hold its head.
    static let longestHead: Int64 = 16

    /// - Parameter codec: the one the site is likely to send; another one is followed when it comes.
    package init(codec: VideoCodec, settings: Settings = Settings()) {
        self.settings = settings
        reorderWindow = settings.reorderWindow
        reorderBuffer = ReorderBuffer(window: settings.reorderWindow)
        nacks = settings.repair.map { NackGenerator(settings: $0) }
        depacketizer = Depacketizer(codec: codec, parameterSets: settings.parameterSets, limit: settings.limit)
        policy = KeyframePolicy(settings: settings.keyframes)
    }

    /// The codec of the access units that `next` gives: that of the newest packets.
    package var codec: VideoCodec { depacketizer.codec }

    /// When to call `next` and `nextRepair` though nothing came in.
    package var deadline: Instant {
        min(reorderBuffer.deadline, policy.deadline, nacks?.deadline ?? .distantFuture)
    }

    package var statistics: Statistics {
        var all = counts
        all.reordering = reorderBuffer.statistics
        all.repair = nacks?.statistics ?? all.repair
        all.depacketizing = depacketizer.statistics + earlier
        return all
    }

    /// Takes one packet. `packet.payload` is read during this call only.
    package mutating func receive(_ packet: VideoPacket, at now: Instant) {
        policy.packetReceived(at: now)
        let nextNew = reorderBuffer.nextNew
        let insertion = reorderBuffer.insert(packet, at: now)
        if isRepaired { noteArrival(of: packet, insertion, nextNew: nextNew, at: now) }
        switch insertion {
        case .restart:
            depacketizer.note(.packetsLost)
            policy.damaged(at: now)
            push(packet)
        case .inOrder:
            push(packet)
        case .queued, .duplicate, .late, .overflow, .oversized:
            break
        }
    }

    /// What there is to do by `now`; `nil` when there is nothing for the time being.
    package mutating func next(at now: Instant) -> VideoEvent? {
        while true {
            if let event = nextDepacketized(at: now) { return event }
            switch reorderBuffer.next(at: now) {
            case .packet(let packet):
                push(packet)
            case .lost(let sequences):
                depacketizer.note(.packetsLost)
                policy.damaged(at: now)
                noteLost(sequences, at: now)
            case nil:
                updateRepair()
                guard policy.isRequestDue(at: now) else { return nil }
                counts.keyframesNeeded += 1
                return .keyframeNeeded
            }
        }
    }

    /// The decoder could not make a picture of what it was given: the pictures up to the next keyframe are held back.
    package mutating func decodingFailed(at now: Instant) {
        counts.decodingFailures += 1
        depacketizer.note(.chainBroken)
        policy.damaged(at: now)
    }

    /// Another stream begins: another SSRC, or a sender that began anew.
    package mutating func streamChanged() {
        reorderBuffer.reset()
        nacks?.streamChanged()
        keyframe = nil
        depacketizer.note(.streamChanged)
        policy.reset()
        lastRefused = nil
    }

    private mutating func push(_ packet: VideoPacket) {
        // Padding, or FEC in the stream's own sequence: it only fills its place.
        guard !packet.payload.isEmpty else { return }
        if packet.codec != depacketizer.codec { change(to: packet.codec) }
        depacketizer.push(packet)
    }

    private mutating func change(to codec: VideoCodec) {
        counts.codecChanges += 1
        earlier = depacketizer.statistics + earlier
        depacketizer = Depacketizer(codec: codec, parameterSets: settings.parameterSets, limit: settings.limit)
    }

    private mutating func nextDepacketized(at now: Instant) -> VideoEvent? {
        while let depacketized = depacketizer.next() {
            switch depacketized {
            case .refused(let size):
                policy.refused(at: now)
                guard size != lastRefused else { continue }
                lastRefused = size
                return .refused(size)
            case .accessUnit(var unit, let completeness):
                switch policy.judge(unit, completeness, at: now) {
                case .drop:
                    counts.droppedDamaged += 1
                    continue
                case .resume:
                    counts.resumed += 1
                    // From here on it counts as whole. Where recovery points come, a decoder finds its feet by them; a
                    // stream without any is shown as it is.
                    unit.isDamaged = false
                    if !policy.sawRecoveryPoint { unit.isKeyframe = true }
                    depacketizer.note(.brokenChainAccepted)
                case .pass:
                    if unit.isKeyframe { lastRefused = nil }
                }
                counts.passed += 1
                counts.keyframes += unit.isKeyframe ? 1 : 0
                return .accessUnit(unit)
            }
        }
        return nil
    }
}
