import Media

/// H.264 that asks a decoder for more than any camera does (RFC 6184 payloads), as one RTP stream in order: what a site
/// itself may send, and no stranger.
package struct H264Bombs {
    package enum Kind: Int, CaseIterable, Sendable {
        /// 22 bytes that ask for 16384x16384.
        case hugePicture
        /// Each picture of another size than the one before.
        case restlessSize
        /// All ids that a sequence parameter set may have, and more, each of another size.
        case manyParameterSets
        /// One NAL unit of 200,000 bytes.
        case longUnit
        /// A NAL unit that begins and never ends.
        case endlessFragment
        /// Timestamps and sequence numbers that leap.
        case leaps
    }

    private var random: SeededGenerator
    private let ssrc: UInt32
    private var sequence = 0
    private var timestamp: UInt32 = 0
    private var turn = 0

    private static let mtu = 1200

    package init(seed: UInt64, ssrc: UInt32) {
        random = SeededGenerator(seed: seed)
        self.ssrc = ssrc
    }

    /// The packets of one picture of that kind.
    package mutating func make(_ kind: Kind, payloadType: UInt8 = 96) -> [[UInt8]] {
        turn += 1
        var payloads: [[UInt8]]
        switch kind {
        case .hugePicture:
            payloads = [Self.stapA([Self.sps(columns: 1024, rows: 1024), Self.pps]), slice(1000)]
        case .restlessSize:
            let side = 4 + turn % 40
            payloads = [Self.stapA([Self.sps(columns: side, rows: side), Self.pps]), slice(400)]
        case .manyParameterSets:
            payloads = [Self.stapA((0..<34).map { Self.sps(id: $0 % 33, columns: 4 + $0, rows: 4) }), slice(400)]
        case .longUnit: payloads = fragments(count: 200_000 / Self.mtu, isEnded: true)
        case .endlessFragment: payloads = fragments(count: 100, isEnded: false)
        case .leaps:
            sequence += [0, 1, 20_000, -20_000, 32_768][Int.random(in: 0..<5, using: &random)]
            timestamp &+= [0, 1 << 31, 0xFFFF_0000, 3][Int.random(in: 0..<4, using: &random)]
            payloads = [slice(200)]
        }
        timestamp &+= 3000
        return payloads.indices.map { index in
            sequence += 1
            return RTPBytes.media(
                payloadType: payloadType, marker: kind != .endlessFragment && index == payloads.count - 1,
                sequence: sequence, timestamp: timestamp, ssrc: ssrc, payload: payloads[index])
        }
    }

    // MARK: NAL units

    /// x264's of a small picture, for sequence parameter set 0.
    private static let pps: [UInt8] = [0x68, 0xCB, 0x83, 0xCB, 0x20]

    /// A baseline sequence parameter set of this many macroblocks, without VUI (H.264 section 7.3.2.1.1).
    package static func sps(id: Int = 0, columns: Int, rows: Int) -> [UInt8] {
        var writer = BitWriter()
        writer.bits(0x67_42_C0_33, 32)
        for value in [id, 0, 2, 1] { writer.unsigned(UInt64(value)) }
        writer.bits(0, 1)
        writer.unsigned(UInt64(columns - 1))
        writer.unsigned(UInt64(rows - 1))
        // frame_mbs_only, direct_8x8_inference, no cropping, no VUI, stop bit.
        writer.bits(0b11001, 5)
        return writer.bytes
    }

    /// A picture parameter set for the sequence parameter set of the same number (section 7.3.2.2).
    package static func pps(id: Int) -> [UInt8] {
        var writer = BitWriter()
        writer.bits(0x68, 8)
        for _ in 0..<2 { writer.unsigned(UInt64(id)) }
        // CAVLC, no bottom field; one slice group, one reference each way.
        writer.bits(0, 2)
        for _ in 0..<3 { writer.unsigned(0) }
        // No weights; quantizer 26, no offsets; nothing else, stop bit.
        writer.bits(0, 3)
        for _ in 0..<3 { writer.unsigned(0) }
        writer.bits(0b0001, 4)
        return writer.bytes
    }

    private static func stapA(_ units: [[UInt8]]) -> [UInt8] {
        [0x78] + units.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }
    }

    /// An IDR slice with the head of a right one, and noise.
    private mutating func slice(_ size: Int) -> [UInt8] { [0x65, 0x88] + noise(size) }

    private mutating func fragments(count: Int, isEnded: Bool) -> [[UInt8]] {
        (0..<count).map { index in
            let header: UInt8 = index == 0 ? 0x85 : isEnded && index == count - 1 ? 0x45 : 0x05
            return [0x7C, header] + noise(Self.mtu)
        }
    }

    private mutating func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0x80...0xFF, using: &random) }
    }
}
