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

    package init(
        codec: String = "", width: Int = 0, height: Int = 0, fps: Double = 0, bitrateBps: Int = 0, packets: Int = 0,
        bytes: Int = 0, lost: Int = 0, late: Int = 0, duplicate: Int = 0, reordered: Int = 0, jitterMs: Double = 0,
        accessUnits: Int = 0, framesDecoded: Int = 0, framesDropped: Int = 0, decodeErrors: Int = 0,
        keyframeRequestsSent: Int = 0
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

    package init(
        codec: String = "", packets: Int = 0, bytes: Int = 0, lost: Int = 0, late: Int = 0, jitterMs: Double = 0,
        concealedMs: Int = 0, delayMs: Double = 0, recovered: Int = 0
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
    }

    private enum CodingKeys: String, CodingKey {
        case codec, packets, bytes, lost, late, recovered
        case jitterMs = "jitter_ms"
        case concealedMs = "concealed_ms"
        case delayMs = "delay_ms"
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

    package init(
        codec: String = "", width: Int = 0, height: Int = 0, fps: Double = 0, bitrateBps: Int = 0, frames: Int = 0,
        packets: Int = 0, bytes: Int = 0, keyframes: Int = 0, failed: Int = 0, group: String = ""
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
    }

    private enum CodingKeys: String, CodingKey {
        case codec, width, height, fps, frames, packets, bytes, keyframes, failed, group
        case bitrateBps = "bitrate_bps"
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
