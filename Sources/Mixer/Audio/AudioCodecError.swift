import Media

/// Why a codec could not be opened. Packets are never thrown about: a bad one is an `AudioDecoding.refused`.
package enum AudioCodecError: Error, Equatable, Sendable {
    /// The library has no such codec, or refused to open it; its own error code.
    case unavailable(AudioCodec, code: Int32)
    /// There was no converter between the codec's sampling rate and the mixer's; the library's error code.
    case noResampler(code: Int32)
    /// There was no memory for a time-stretch.
    case noTimeStretch
}

/// What came of decoding one packet.
package enum AudioDecoding: Equatable, Sendable {
    /// This many samples at 48 kHz were written.
    case samples(Int)
    /// The bytes are no packet of the codec, or longer than fits; nothing was written. The library's error code.
    case refused(code: Int32)
}
