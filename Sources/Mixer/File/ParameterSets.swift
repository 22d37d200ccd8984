import Media

/// The parameter sets that an H.264 or H.265 keyframe carries in front of it: what a container keeps apart from the
/// pictures.
enum ParameterSets {
    /// All of them in Annex B form; `nil` if the access unit hasn't one of each kind.
    static func of(_ unit: UnsafeRawBufferPointer, _ codec: VideoCodec) -> [UInt8]? {
        var sets: [UInt8] = []
        var kinds: Set<UInt8> = []
        forEachUnit(unit) { bytes in
            guard let header = bytes.first else { return }
            let kind = codec == .h264 ? header & 0x1F : header >> 1 & 0x3F
            guard wanted(codec).contains(kind) else { return }
            kinds.insert(kind)
            sets += [0, 0, 0, 1]
            sets += bytes
        }
        return kinds == wanted(codec) ? sets : nil
    }

    /// SPS and PPS (H.264 table 7-1); VPS, SPS and PPS (H.265 table 7-1).
    private static func wanted(_ codec: VideoCodec) -> Set<UInt8> { codec == .h264 ? [7, 8] : [32, 33, 34] }

    /// The NAL units of Annex B bytes, without start codes and the zeros before them.
    private static func forEachUnit(_ unit: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start: Int?
        var index = 0
        while index + 2 < unit.count {
            guard unit[index] == 0, unit[index + 1] == 0, unit[index + 2] == 1 else {
                index += 1
                continue
            }
            if let start { body(trimmed(unit, start, index)) }
            start = index + 3
            index += 3
        }
        if let start { body(trimmed(unit, start, unit.count)) }
    }

    private static func trimmed(_ unit: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        var end = end
        while end > start, unit[end - 1] == 0 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: unit[start..<end])
    }
}
