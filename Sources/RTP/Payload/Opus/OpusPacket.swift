/// What the first bytes of an Opus packet say about it (RFC 6716 section 3), read without decoding.
package struct OpusPacket: Equatable, Sendable {
    /// Samples per channel in one frame, at 48 kHz: 120 (2.5 ms) to 2880 (60 ms).
    package let frameSamples: Int
    /// 1 to 48.
    package let frameCount: Int
    /// As coded: 1 or 2. A decoder gives any number asked for.
    package let channels: Int

    /// Samples per channel in the packet, at 48 kHz: at most 5760 (120 ms). RTP timestamps count the same ticks.
    package var samples: Int { frameSamples * frameCount }

    /// The longest packet: 120 ms at 48 kHz.
    package static let maximumSamples = 5760
    /// The longest frame in bytes (RFC 6716 section 3.4, R2).
    private static let maximumFrameSize = 1275

    /// Reads and checks `payload` by the rules R1 to R7 of RFC 6716 section 3.4; `nil` if it breaks one.
    package init?(parsing payload: UnsafeRawBufferPointer) {
        guard let toc = payload.first else { return nil }  // R1
        frameSamples = Self.frameSamples(configuration: Int(toc >> 3))
        channels = toc & 4 == 0 ? 1 : 2
        let body = UnsafeRawBufferPointer(rebasing: payload[1...])
        let count: Int?
        switch toc & 3 {
        case 0: count = body.count <= Self.maximumFrameSize ? 1 : nil  // R2
        case 1: count = body.count % 2 == 0 && body.count / 2 <= Self.maximumFrameSize ? 2 : nil  // R3
        case 2: count = Self.isPair(body) ? 2 : nil
        default: count = Self.frameCount(of: body)
        }
        guard let count, frameSamples * count <= Self.maximumSamples else { return nil }  // R5
        frameCount = count
    }

    /// RFC 6716 table 2: SILK in 10, 20, 40, 60 ms, hybrid in 10 and 20 ms, CELT in 2.5, 5, 10, 20 ms.
    private static func frameSamples(configuration: Int) -> Int {
        switch configuration {
        case 0..<12: configuration & 3 == 3 ? 2880 : 480 << (configuration & 3)
        case 12..<16: 480 << (configuration & 1)
        default: 120 << (configuration & 3)
        }
    }

    /// Code 2: the length of the first of two frames, then both (R4).
    private static func isPair(_ body: UnsafeRawBufferPointer) -> Bool {
        guard let (size, head) = length(in: body, at: 0), head + size <= body.count else { return false }
        return body.count - head - size <= maximumFrameSize
    }

    /// Code 3: a count byte, padding, lengths of all frames but the last if they vary (R6, R7).
    private static func frameCount(of body: UnsafeRawBufferPointer) -> Int? {
        guard let flags = body.first else { return nil }
        let count = Int(flags & 0x3F)
        guard count >= 1, count <= 48 else { return nil }
        var offset = 1
        var padding = 0
        if flags & 0x40 != 0 {
            while true {
                guard offset < body.count else { return nil }
                let byte = Int(body[offset])
                offset += 1
                // 255 stands for 254 bytes, and another byte of length that follows.
                padding += byte == 255 ? 254 : byte
                if byte != 255 { break }
            }
        }
        if flags & 0x80 == 0 {
            let size = body.count - offset - padding
            return size >= 0 && size % count == 0 && size / count <= maximumFrameSize ? count : nil
        }
        var total = 0
        for _ in 1..<count {
            guard let (size, head) = length(in: body, at: offset) else { return nil }
            total += size
            offset += head
        }
        let last = body.count - offset - total - padding
        return last >= 0 && last <= maximumFrameSize ? count : nil
    }

    /// A frame length of one or two bytes (RFC 6716 section 3.2.1); `nil` if it is cut off.
    private static func length(in body: UnsafeRawBufferPointer, at offset: Int) -> (size: Int, head: Int)? {
        guard offset < body.count else { return nil }
        let first = Int(body[offset])
        guard first >= 252 else { return (first, 1) }
        guard offset + 1 < body.count else { return nil }
        return (4 * Int(body[offset + 1]) + first, 2)
    }
}
