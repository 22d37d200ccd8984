import Media
import RTP

/// A depacketizer that is given any payloads, in any order, with any holes.
extension FuzzTarget {
    package static let h264 = depacketizer(.h264) { DepacketizerRun(H264Depacketizer(), $0).run() }
    package static let h265 = depacketizer(.h265) { DepacketizerRun(H265Depacketizer(), $0).run() }
    package static let vp8 = depacketizer(.vp8) { DepacketizerRun(VP8Depacketizer(), $0).run() }
    package static let vp9 = depacketizer(.vp9) { DepacketizerRun(VP9Depacketizer(), $0).run() }

    private static func depacketizer(
        _ codec: VideoCodec, _ run: @escaping @Sendable (ByteStream) -> Void
    ) -> FuzzTarget {
        FuzzTarget(
            codec.rawValue, maximumSize: 8192, seeds: { seeds(VideoSeeds.pieces(codec)) }, run: { run(ByteStream($0)) })
    }

    private static func seeds(_ pieces: [VideoSeeds.Piece]) -> [[UInt8]] {
        // In order twice, each one twice, and backwards: pictures that end early, late and never.
        let orders = [pieces + pieces, pieces.flatMap { [$0, $0] }, pieces.reversed()]
        return orders.map { pieces in
            var writer = ByteStreamWriter()
            for piece in pieces {
                writer.byte(piece.marker ? 0x03 : 0)
                writer.counted(piece.payload)
            }
            return writer.bytes
        }
    }
}

/// Pushes what a stream of bytes says. A step is a byte of flags, a length and a payload: bit 0 is the marker, bit 1 makes
/// the next packet one of another picture, bits 2 and 3 lose packets or break the chain before it, bit 4 leaves what is
/// complete where it is.
private struct DepacketizerRun<Format: PayloadDepacketizer & ~Copyable>: ~Copyable {
    private var input: ByteStream
    private var depacketizer: Format
    private var sequence: Int64 = 65_530
    private var timestamp: Int64 = 0

    private static var steps: Int { 600 }
    /// The unit, the parameter sets in front of it, what is kept for later.
    private static var memory: Int { 3 * AccessUnitBuffer.maximumCapacity }

    init(_ depacketizer: consuming Format, _ input: ByteStream) {
        self.depacketizer = depacketizer
        self.input = input
    }

    consuming func run() {
        var step = 0
        while !input.isAtEnd, step < Self.steps {
            step += 1
            let flags = input.byte()
            switch flags >> 2 & 3 {
            case 1:
                depacketizer.packetsLost()
                sequence += 1
            case 2: flags & 0x20 == 0 ? depacketizer.breakChain() : depacketizer.acceptBrokenChain()
            case 3 where flags & 0xC0 == 0xC0: depacketizer.reset()
            default: break
            }
            depacketizer.push(
                VideoPacket(
                    codec: .h264, sequence: sequence, timestamp: timestamp, marker: flags & 1 != 0, arrival: .zero,
                    payload: input.counted()))
            sequence += 1
            if flags & 2 != 0 { timestamp += 3000 }
            if flags & 0x10 == 0 { drain() }
        }
        drain()
        promise(depacketizer.allocatedBytes <= Self.memory, "\(depacketizer.allocatedBytes) bytes")
    }

    private mutating func drain() {
        var taken = 0
        while let depacketized = depacketizer.next() {
            taken += 1
            promise(taken <= 4, "two pictures wait at most")
            switch depacketized {
            case .refused(let size): promise(!PictureLimit.standard.admits(size), "\(size)")
            case .accessUnit(let unit, _): AccessUnitCheck.check(unit)
            }
        }
    }
}

/// What every access unit promises.
enum AccessUnitCheck {
    static func check(_ unit: AccessUnit) {
        promise((1...AccessUnitBuffer.maximumCapacity).contains(unit.bytes.count), "\(unit.bytes.count) bytes")
        // Each byte is there to be read, and zeros follow.
        var sum: UInt8 = 0
        for byte in unit.bytes { sum &+= byte }
        let padding = UnsafeRawBufferPointer(
            start: unit.bytes.baseAddress! + unit.bytes.count, count: AccessUnit.padding)
        promise(padding.allSatisfy { $0 == 0 }, "no padding after a sum of \(sum)")
    }
}
