/// The payload descriptor before each VP9 payload (RFC 9628 section 4.2).
package struct VP9PayloadDescriptor: Equatable, Sendable {
    /// P: the frame refers to earlier pictures.
    package var isPredicted: Bool
    /// B: the payload begins a frame.
    package var isFrameStart: Bool
    /// E: the payload ends a frame.
    package var isFrameEnd: Bool
    /// 7 or 15 bits; `nil` if it isn't sent.
    package var pictureID: UInt16?
    /// SID: 0 for the base.
    package var spatialLayer: UInt8 = 0
    /// The descriptor's bytes.
    package var size: Int

    /// Reads the descriptor of `payload`; `nil` if it doesn't fit.
    package init?(parsing payload: UnsafeRawBufferPointer) {
        guard let first = payload.first else { return nil }
        isPredicted = first & 0x40 != 0
        isFrameStart = first & 0x08 != 0
        isFrameEnd = first & 0x04 != 0
        let isFlexible = first & 0x10 != 0
        size = 1
        if first & 0x80 != 0 {
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
        if first & 0x20 != 0 {
            guard payload.count > size else { return nil }
            spatialLayer = payload[size] >> 1 & 7
            size += isFlexible ? 1 : 2
        }
        if isFlexible, isPredicted {
            // Up to three reference indices, each with a bit that says whether another follows.
            var count = 0
            var hasMore = true
            while hasMore {
                guard count < 3, payload.count > size else { return nil }
                hasMore = payload[size] & 1 != 0
                size += 1
                count += 1
            }
        }
        if first & 0x02 != 0, !skipScalabilityStructure(payload) { return nil }
        guard size <= payload.count else { return nil }
    }

    /// Section 4.2.1: the sizes of the spatial layers, and a description of the group of pictures.
    private mutating func skipScalabilityStructure(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard payload.count > size else { return false }
        let head = payload[size]
        size += 1
        if head & 0x10 != 0 { size += 4 * (Int(head >> 5) + 1) }
        guard head & 0x08 != 0 else { return true }
        guard payload.count > size else { return false }
        let pictures = Int(payload[size])
        size += 1
        for _ in 0..<pictures {
            guard payload.count > size else { return false }
            size += 1 + Int(payload[size] >> 2 & 3)
        }
        return true
    }
}
