/// The picture of a site as it comes in.
package struct VideoInStatus: Codable, Hashable, Sendable {
    package var codec: String
    /// 0: nothing was decoded yet.
    package var width: Int
    package var height: Int
    package var fps: Double
    package var bitrateBps: Int
    package var packets: Int
    package var bytes: Int
    /// RFC 3550 section 6.4.1; duplicates can make it negative.
    package var lost: Int
    package var late: Int
    package var duplicate: Int
    package var reordered: Int
    package var jitterMs: Double
    package var accessUnits: Int
    package var framesDecoded: Int
    package var framesDropped: Int
    package var decodeErrors: Int
    package var keyframeRequestsSent: Int
    /// Packets that our NACKs named.
    package var nacksSent: Int
    /// Of those, what came.
    package var repaired: Int
    /// Packets that FEC brought back.
    package var fecRecovered: Int
    /// The rate that the site was asked not to exceed; `nil`: none.
    package var askedBps: Int?
    /// Whether only keyframes are decoded, since nobody looks.
    package var resting: Bool

    package init(
        codec: String = "", width: Int = 0, height: Int = 0, fps: Double = 0, bitrateBps: Int = 0, packets: Int = 0,
        bytes: Int = 0, lost: Int = 0, late: Int = 0, duplicate: Int = 0, reordered: Int = 0, jitterMs: Double = 0,
        accessUnits: Int = 0, framesDecoded: Int = 0, framesDropped: Int = 0, decodeErrors: Int = 0,
        keyframeRequestsSent: Int = 0,
        nacksSent: Int = 0, repaired: Int = 0, fecRecovered: Int = 0, askedBps: Int? = nil, resting: Bool = false
    ) {
        self.codec = codec
        self.width = width
        self.height = height
        self.fps = fps
        self.bitrateBps = bitrateBps
        self.packets = packets
        self.bytes = bytes
        self.lost = lost
        self.late = late
        self.duplicate = duplicate
        self.reordered = reordered
        self.jitterMs = jitterMs
        self.accessUnits = accessUnits
        self.framesDecoded = framesDecoded
        self.framesDropped = framesDropped
        self.decodeErrors = decodeErrors
        self.keyframeRequestsSent = keyframeRequestsSent
        self.nacksSent = nacksSent
        self.repaired = repaired
        self.fecRecovered = fecRecovered
        self.askedBps = askedBps
        self.resting = resting
    }

    private enum CodingKeys: String, CodingKey {
        case codec, width, height, fps, packets, bytes, lost, late, duplicate, reordered
        case bitrateBps = "bitrate_bps"
        case jitterMs = "jitter_ms"
        case accessUnits = "access_units"
        case framesDecoded = "frames_decoded"
        case framesDropped = "frames_dropped"
        case decodeErrors = "decode_errors"
        case keyframeRequestsSent = "keyframe_requests_sent"
        case nacksSent = "nacks_sent"
        case repaired
        case fecRecovered = "fec_recovered"
        case askedBps = "asked_bps"
        case resting
    }
}

/// The sound of a site as it comes in.
package struct AudioInStatus: Codable, Hashable, Sendable {
    package var codec: String
    package var packets: Int
    package var bytes: Int
    package var lost: Int
    package var late: Int
    package var jitterMs: Double
    /// Sound made up for what was lost.
    package var concealedMs: Int
    /// What the jitter buffer adds.
    package var delayMs: Double
    /// Packets brought back by FEC.
    package var recovered: Int
    /// What the jitter buffer aims at.
    package var targetMs: Double
    /// Of all sound played, 0 to 1.
    package var concealedShare: Double
    /// By time-stretch.
    package var insertedMs: Int
    /// By time-stretch.
    package var removedMs: Int
    /// The correction of the site's clock in force.
    package var driftPpm: Int
    /// Those in its sound now, if it is a mixer's; `nil`: it names none.
    package var contributors: [ContributorStatus]?

    package init(
        codec: String = "", packets: Int = 0, bytes: Int = 0, lost: Int = 0, late: Int = 0, jitterMs: Double = 0,
        concealedMs: Int = 0, delayMs: Double = 0, recovered: Int = 0,
        targetMs: Double = 0, concealedShare: Double = 0, insertedMs: Int = 0, removedMs: Int = 0, driftPpm: Int = 0,
        contributors: [ContributorStatus]? = nil
    ) {
        self.codec = codec
        self.packets = packets
        self.bytes = bytes
        self.lost = lost
        self.late = late
        self.jitterMs = jitterMs
        self.concealedMs = concealedMs
        self.delayMs = delayMs
        self.recovered = recovered
        self.targetMs = targetMs
        self.concealedShare = concealedShare
        self.insertedMs = insertedMs
        self.removedMs = removedMs
        self.driftPpm = driftPpm
        self.contributors = contributors
    }

    private enum CodingKeys: String, CodingKey {
        case codec, packets, bytes, lost, late, recovered, contributors
        case jitterMs = "jitter_ms"
        case concealedMs = "concealed_ms"
        case delayMs = "delay_ms"
        case targetMs = "target_ms"
        case concealedShare = "concealed_share"
        case insertedMs = "inserted_ms"
        case removedMs = "removed_ms"
        case driftPpm = "drift_ppm"
    }
}

/// The picture sent to a site.
package struct VideoOutStatus: Codable, Hashable, Sendable {
    package var codec: String
    package var width: Int
    package var height: Int
    package var fps: Double
    package var bitrateBps: Int
    package var frames: Int
    package var packets: Int
    package var bytes: Int
    package var keyframes: Int
    /// Packets that the system refused to send.
    package var failed: Int
    /// The id of its encode group.
    package var group: String
    /// Of the ladder of bitrates: 0 is the top.
    package var rung: Int
    package var rungMoves: Int
    /// What the line is believed to carry.
    package var estimateBps: Int
    /// What the site allows (REMB, TMMBR).
    package var limitBps: Int?
    /// Packets that the site's NACKs named.
    package var nacked: Int
    /// Of those, sent again.
    package var repaired: Int
    /// Beyond what one site may ask of its group.
    package var keyframeRequestsRefused: Int
    /// FEC packets.
    package var fecSent: Int
    /// The longest that the pacer held a packet.
    package var longestWaitMs: Double

    package init(
        codec: String = "", width: Int = 0, height: Int = 0, fps: Double = 0, bitrateBps: Int = 0, frames: Int = 0,
        packets: Int = 0, bytes: Int = 0, keyframes: Int = 0, failed: Int = 0, group: String = "",
        rung: Int = 0, rungMoves: Int = 0, estimateBps: Int = 0, limitBps: Int? = nil, nacked: Int = 0,
        repaired: Int = 0, keyframeRequestsRefused: Int = 0, fecSent: Int = 0, longestWaitMs: Double = 0
    ) {
        self.codec = codec
        self.width = width
        self.height = height
        self.fps = fps
        self.bitrateBps = bitrateBps
        self.frames = frames
        self.packets = packets
        self.bytes = bytes
        self.keyframes = keyframes
        self.failed = failed
        self.group = group
        self.rung = rung
        self.rungMoves = rungMoves
        self.estimateBps = estimateBps
        self.limitBps = limitBps
        self.nacked = nacked
        self.repaired = repaired
        self.keyframeRequestsRefused = keyframeRequestsRefused
        self.fecSent = fecSent
        self.longestWaitMs = longestWaitMs
    }

    private enum CodingKeys: String, CodingKey {
        case codec, width, height, fps, frames, packets, bytes, keyframes, failed, group
        case bitrateBps = "bitrate_bps"
        case rung
        case rungMoves = "rung_moves"
        case estimateBps = "estimate_bps"
        case limitBps = "limit_bps"
        case nacked
        case repaired
        case keyframeRequestsRefused = "keyframe_requests_refused"
        case fecSent = "fec_sent"
        case longestWaitMs = "longest_wait_ms"
    }
}

/// The sound sent to a site.
package struct AudioOutStatus: Codable, Hashable, Sendable {
    package var packets: Int
    package var bytes: Int
    package var bitrateBps: Int
    /// Whether it now shares its encode with other listeners.
    package var shared: Bool

    package init(
        packets: Int = 0, bytes: Int = 0, bitrateBps: Int = 0, shared: Bool = false
    ) {
        self.packets = packets
        self.bytes = bytes
        self.bitrateBps = bitrateBps
        self.shared = shared
    }

    private enum CodingKeys: String, CodingKey {
        case packets, bytes, shared
        case bitrateBps = "bitrate_bps"
    }
}
