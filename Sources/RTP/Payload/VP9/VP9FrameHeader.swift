import Media

/// The head of a VP9 frame as far as its size (VP9 bitstream specification, section 6.2).
package struct VP9FrameHeader: Equatable, Sendable {
    package var isKeyframe = false
    /// The size the frame says of itself; `nil` if it takes that of a frame it refers to.
    package var size: Size?

    /// Reads the head of a frame; `nil` if it can't be one.
    package init?(parsing frame: UnsafeRawBufferPointer) {
        var reader = BitReader(frame)
        let frameMarker: UInt32 = 2
        guard reader.bits(2) == frameMarker else { return nil }
        let profileLow = reader.bits(1)
        let profile = profileLow | reader.bits(1) << 1
        if profile == 3, reader.bit() { return nil }
        let showsExisting = reader.bit()
        if showsExisting {
            guard !reader.isExhausted else { return nil }
            return
        }
        isKeyframe = !reader.bit()
        let isShown = reader.bit()
        let isErrorResilient = reader.bit()
        if isKeyframe {
            guard Self.readSync(&reader), Self.skipColor(&reader, profile: profile) else { return nil }
            size = Self.readSize(&reader)
        } else {
            let isIntraOnly = isShown ? false : reader.bit()
            if !isErrorResilient { reader.skip(2) }
            if isIntraOnly {
                guard Self.readSync(&reader) else { return nil }
                if profile > 0, !Self.skipColor(&reader, profile: profile) { return nil }
                reader.skip(8)
                size = Self.readSize(&reader)
            } else {
                reader.skip(8 + 3 * 4)
                size = Self.readReferredSize(&reader)
            }
        }
        guard !reader.isExhausted else { return nil }
    }

    private static func readSync(_ reader: inout BitReader) -> Bool { reader.bits(24) == 0x49_83_42 }

    /// `color_config`, section 6.2.2.
    private static func skipColor(_ reader: inout BitReader, profile: UInt32) -> Bool {
        let rgb: UInt32 = 7
        if profile >= 2 { reader.skip(1) }
        let hasSubsampling = profile == 1 || profile == 3
        if reader.bits(3) != rgb {
            reader.skip(hasSubsampling ? 4 : 1)
        } else {
            guard hasSubsampling else { return false }
            reader.skip(1)
        }
        return true
    }

    private static func readSize(_ reader: inout BitReader) -> Size {
        let width = Int(reader.bits(16)) + 1
        let height = Int(reader.bits(16)) + 1
        return Size(width: width, height: height)
    }

    /// `frame_size_with_refs`, section 6.2.6.
    private static func readReferredSize(_ reader: inout BitReader) -> Size? {
        for _ in 0..<3 where reader.bit() { return nil }
        return readSize(&reader)
    }
}
