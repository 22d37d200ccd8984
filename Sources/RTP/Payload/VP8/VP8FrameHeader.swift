import Media

/// The uncompressed head of a VP8 frame (RFC 6386 section 9.1).
package struct VP8FrameHeader: Equatable, Sendable {
    package var isKeyframe: Bool
    /// Keyframes alone carry a size.
    package var size: Size?

    /// Reads the head of a frame; `nil` if it is too short, or a keyframe without its start code.
    package init?(parsing frame: UnsafeRawBufferPointer) {
        guard frame.count >= 3 else { return nil }
        isKeyframe = frame[0] & 1 == 0
        guard isKeyframe else { return }
        guard frame.count >= 10, frame[3] == 0x9D, frame[4] == 0x01, frame[5] == 0x2A else { return nil }
        // Little-endian, the two highest bits are a hint for scaling.
        let width = Int(frame[6]) | Int(frame[7] & 0x3F) << 8
        let height = Int(frame[8]) | Int(frame[9] & 0x3F) << 8
        guard width > 0, height > 0 else { return nil }
        size = Size(width: width, height: height)
    }
}
