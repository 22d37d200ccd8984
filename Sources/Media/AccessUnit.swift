/// One encoded picture as bytes (for H.264 and H.265 in Annex B form). It borrows its bytes: they are the
/// depacketizer's or encoder's own buffer, and hold until that one is called again.
package struct AccessUnit {
    /// The bytes; at least `AccessUnit.padding` readable zero bytes follow them in memory.
    package var bytes: UnsafeRawBufferPointer
    /// RTP timestamp, unwrapped to 64 bits, in 90 kHz ticks.
    package var timestamp: Int64
    /// Whether a decoder can start here.
    package var isKeyframe: Bool
    /// Whether packets of it, or of the pictures it refers to, were lost.
    package var isDamaged: Bool
    /// When its first packet came in.
    package var arrival: Instant

    /// What libavcodec may read past the end (`AV_INPUT_BUFFER_PADDING_SIZE`).
    package static let padding = 64

    package init(
        bytes: UnsafeRawBufferPointer, timestamp: Int64, isKeyframe: Bool, isDamaged: Bool = false,
        arrival: Instant = .zero
    ) {
        self.bytes = bytes
        self.timestamp = timestamp
        self.isKeyframe = isKeyframe
        self.isDamaged = isDamaged
        self.arrival = arrival
    }
}
