import Media
import RTP

/// NAL units for tests: parameter sets as x264 writes them, slices with a right head and a body of any bytes.
enum H264Fixture {
    /// x264, constrained baseline 1.0, 160x90 (coded 160x96).
    static let sps = octets("6742c00ad9028df93011000003000100000300140f122648")
    static let pps = octets("68cb83cb20")
    /// x264, high 4.0, 1920x1080 (coded 1920x1088).
    static let largeSPS = octets("67640028acd940780227e5c044000003000400000300503c60c658")

    /// `first_mb_in_slice` is 0 in the first slice of a picture (the bit 1), 1 in others (the bits 010).
    static func slice(isFirst: Bool = true, isIDR: Bool = false, size: Int = 20, fill: UInt8 = 0xAB) -> [UInt8] {
        [isIDR ? 0x65 : 0x41, isFirst ? 0x88 : 0x44] + [UInt8](repeating: fill, count: max(0, size - 2))
    }

    /// A recovery point SEI that promises a right picture after `count` pictures; `count` is 0 to 2.
    static func recoveryPoint(_ count: Int) -> [UInt8] {
        [0x06, 0x06, 0x01, [0xC4, 0x52, 0x71][count], 0x80]
    }

    static func stapA(_ nalUnits: [UInt8]...) -> [UInt8] {
        var payload: [UInt8] = [0x78]
        for nalUnit in nalUnits {
            payload += [UInt8(nalUnit.count >> 8), UInt8(nalUnit.count & 0xFF)]
            payload += nalUnit
        }
        return payload
    }

    /// A NAL unit in FU-A fragments of at most `size` bytes.
    static func fuA(_ nalUnit: [UInt8], size: Int) -> [[UInt8]] {
        let body = nalUnit.dropFirst()
        return stride(from: body.startIndex, to: body.endIndex, by: size).map { start in
            let end = min(start + size, body.endIndex)
            var header = nalUnit[0] & 0x1F
            if start == body.startIndex { header |= 0x80 }
            if end == body.endIndex { header |= 0x40 }
            return [nalUnit[0] & 0xE0 | 28, header] + body[start..<end]
        }
    }
}
