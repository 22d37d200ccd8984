import Media

extension VideoPacket {
    /// Whether a packet by itself shows that it is of a keyframe. In VP8 only a frame's first packet does.
    package var showsKeyframe: Bool {
        guard !payload.isEmpty else { return false }
        switch codec {
        case .h264: return Self.showsH264Keyframe(payload)
        case .h265: return Self.showsH265Keyframe(payload)
        case .vp8:
            guard let descriptor = VP8PayloadDescriptor(parsing: payload), descriptor.size < payload.count else {
                return false
            }
            // RFC 6386 section 9.1: the frame's first bit is 0 in a keyframe.
            return descriptor.isFrameStart && payload[descriptor.size] & 1 == 0
        case .vp9:
            guard let descriptor = VP9PayloadDescriptor(parsing: payload) else { return false }
            return !descriptor.isPredicted && descriptor.spatialLayer == 0
        }
    }

    /// RFC 6184 section 5.2: an IDR slice or an SPS, alone, in an aggregate or as a fragment.
    private static func showsH264Keyframe(_ payload: UnsafeRawBufferPointer) -> Bool {
        func isKey(_ byte: UInt8) -> Bool { byte & 0x1F == 5 || byte & 0x1F == 7 }
        let unit = H264NALUnit(header: payload[0])
        switch unit.kind {
        case .stapA: return firstUnits(payload, from: 1) { isKey($0) }
        case .fuA: return payload.count > 1 && isKey(payload[1])
        default: return isKey(payload[0])
        }
    }

    /// RFC 7798 section 4.4: an IRAP slice, a VPS or an SPS, alone, in an aggregate or as a fragment.
    private static func showsH265Keyframe(_ payload: UnsafeRawBufferPointer) -> Bool {
        func isKey(_ type: UInt8) -> Bool { (16...23).contains(type) || type == 32 || type == 33 }
        let type = payload[0] >> 1 & 0x3F
        switch type {
        case 48: return firstUnits(payload, from: 2) { isKey($0 >> 1 & 0x3F) }
        case 49: return payload.count > 2 && isKey(payload[2] & 0x3F)
        default: return isKey(type)
        }
    }

    /// Looks at the first byte of each NAL unit of an aggregate, as far as its sizes hold.
    private static func firstUnits(
        _ payload: UnsafeRawBufferPointer, from start: Int, _ isKey: (UInt8) -> Bool
    ) -> Bool {
        var offset = start
        while offset + 2 < payload.count {
            if isKey(payload[offset + 2]) { return true }
            offset += 2 + Int(payload.bigEndian16(at: offset))
        }
        return false
    }
}
