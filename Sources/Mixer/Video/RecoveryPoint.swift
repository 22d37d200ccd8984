import Media

/// Recovery points: where streams without keyframes, which refresh a column at a time instead, say that a refresh begins
/// (H.264 section D.2.8, H.265 section D.2.8). libavcodec keeps them to itself.
enum RecoveryPoint {
    /// Whether the access unit, in Annex B form, carries a recovery point message.
    static func isIn(_ unit: UnsafeRawBufferPointer, _ codec: VideoCodec) -> Bool {
        guard codec == .h264 || codec == .h265 else { return false }
        var index = 0
        while index + 4 < unit.count {
            guard unit[index] == 0, unit[index + 1] == 0, unit[index + 2] == 1 else {
                index += 1
                continue
            }
            let header = unit[index + 3]
            let type = codec == .h264 ? header & 0x1F : header >> 1 & 0x3F
            // Such messages come before the first slice: what follows it needn't be read.
            if codec == .h264 ? (1...5).contains(type) : type < 32 { return false }
            let payload = index + (codec == .h264 ? 4 : 5)
            if type == (codec == .h264 ? 6 : 39),
                hasMessage(UnsafeRawBufferPointer(rebasing: unit[min(payload, unit.count)...]))
            {
                return true
            }
            index += 4
        }
        return false
    }

    /// Walks the messages of one SEI NAL unit (H.264 section 7.3.2.3): type and size, each as a run of 255 and a rest.
    private static func hasMessage(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var reader = EscapedBytes(bytes: bytes)
        while let type = reader.number(), let size = reader.number() {
            if type == recoveryPointType { return true }
            for _ in 0..<size where reader.next() == nil { return false }
        }
        return false
    }

    private static let recoveryPointType = 6
}

/// The bytes of one NAL unit without emulation prevention (H.264 section 7.3.1), up to the next start code.
private struct EscapedBytes {
    let bytes: UnsafeRawBufferPointer
    var index = 0
    var zeros = 0

    mutating func next() -> UInt8? {
        guard index < bytes.count else { return nil }
        var byte = bytes[index]
        if zeros >= 2, byte <= 1 { return nil }
        if zeros >= 2, byte == 3 {
            zeros = 0
            index += 1
            guard index < bytes.count else { return nil }
            byte = bytes[index]
        }
        zeros = byte == 0 ? zeros + 1 : 0
        index += 1
        return byte
    }

    mutating func number() -> Int? {
        var sum = 0
        while let byte = next() {
            sum += Int(byte)
            if byte != 255 { return sum }
        }
        return nil
    }
}
