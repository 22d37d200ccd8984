import Media

/// One video packet on its way from the session to the depacketizer. It borrows its payload: from the datagram, or
/// from a slot of the reorder buffer.
package struct VideoPacket {
    /// The codec its payload type stands for.
    package var codec: VideoCodec
    /// Unwrapped to 64 bits.
    package var sequence: Int64
    /// Unwrapped to 64 bits, in 90 kHz ticks.
    package var timestamp: Int64
    /// The last packet of a picture.
    package var marker: Bool
    package var arrival: Instant
    /// The RTP payload: header, header extension and padding taken off.
    package var payload: UnsafeRawBufferPointer
    package var origin: PacketOrigin

    package init(
        codec: VideoCodec, sequence: Int64, timestamp: Int64, marker: Bool, arrival: Instant,
        payload: UnsafeRawBufferPointer, origin: PacketOrigin = .line
    ) {
        self.codec = codec
        self.sequence = sequence
        self.timestamp = timestamp
        self.marker = marker
        self.arrival = arrival
        self.payload = payload
        self.origin = origin
    }
}
