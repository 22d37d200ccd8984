/// A video codec, by its RTP encoding name in lower case.
package enum VideoCodec: String, Hashable, Sendable, CaseIterable {
    case h264, h265, vp8, vp9

    /// The RTP clock of every video format here, in Hz.
    package static let clockRate = 90_000
    /// The name in SDP's `a=rtpmap`.
    package var encodingName: String { rawValue.uppercased() }
}

/// An audio codec, by its RTP encoding name in lower case.
package enum AudioCodec: String, Hashable, Sendable, CaseIterable {
    case opus, pcmu, pcma, g722

    /// The RTP clock in Hz. G.722 says 8000 while it samples at 16000 (RFC 3551 section 4.5.2).
    package var clockRate: Int { self == .opus ? 48_000 : 8_000 }
    /// The name in SDP's `a=rtpmap`.
    package var encodingName: String { self == .opus ? "opus" : rawValue.uppercased() }
    /// The channels in SDP's `a=rtpmap`: Opus always says 2 (RFC 7587 section 7).
    package var encodingChannels: Int { self == .opus ? 2 : 1 }
}

/// The 7-bit payload type of an RTP packet.
package struct PayloadType: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt8

    /// `nil` above 127, and for 64 to 95, which RTCP takes when it shares a port (RFC 5761 section 4).
    package init?(_ value: Int) {
        guard (0...127).contains(value), !(64...95).contains(value) else { return nil }
        rawValue = UInt8(value)
    }

    package var description: String { String(rawValue) }
}
