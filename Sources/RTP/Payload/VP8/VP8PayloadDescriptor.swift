/// The payload descriptor before each VP8 payload (RFC 7741 section 4.2).
package struct VP8PayloadDescriptor: Equatable, Sendable {
    /// The payload begins a partition.
    package var isPartitionStart: Bool
    /// Which partition: 0 is the first one, with the frame header.
    package var partition: UInt8
    /// No other frame refers to this one.
    package var isNonReference: Bool
    /// 7 or 15 bits; `nil` if it isn't sent.
    package var pictureID: UInt16?
    /// The descriptor's bytes.
    package var size: Int

    /// Reads the descriptor of `payload`; `nil` if it doesn't fit.
    package init?(parsing payload: UnsafeRawBufferPointer) {
        guard let first = payload.first else { return nil }
        isPartitionStart = first & 0x10 != 0
        isNonReference = first & 0x20 != 0
        partition = first & 0x07
        size = 1
        guard first & 0x80 != 0 else { return }
        guard payload.count > size else { return nil }
        let extensions = payload[size]
        size += 1
        if extensions & 0x80 != 0 {
            guard payload.count > size else { return nil }
            if payload[size] & 0x80 != 0 {
                guard payload.count > size + 1 else { return nil }
                pictureID = payload.bigEndian16(at: size) & 0x7FFF
                size += 2
            } else {
                pictureID = UInt16(payload[size])
                size += 1
            }
        }
        if extensions & 0x40 != 0 { size += 1 }
        if extensions & 0x30 != 0 { size += 1 }
        guard size <= payload.count else { return nil }
    }

    /// The payload begins a frame.
    package var isFrameStart: Bool { isPartitionStart && partition == 0 }
}
