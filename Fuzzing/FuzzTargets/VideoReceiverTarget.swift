import Media
import RTP

extension FuzzTarget {
    /// A video receiver behind a line that loses, doubles, reorders and makes things up: its units are whole and in
    /// order, its deadline lies ahead once it was drained.
    package static let videoReceiver = FuzzTarget(
        "video-receiver", maximumSize: 4096, seeds: { VideoReceiverRun.seeds },
        run: { bytes in
            var run = VideoReceiverRun(ByteStream(bytes))
            run.run()
        })
}

private struct VideoReceiverRun: ~Copyable {
    private var input: ByteStream
    private var receiver: VideoReceiver
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var sequence: Int64 = 65_000
    private var timestamp: Int64 = 0
    private let codecs: [VideoCodec]
    private var codec: VideoCodec

    private static let steps = 500
    private static let events = 2000

    init(_ input: ByteStream) {
        self.input = input
        codecs = VideoCodec.allCases
        codec = codecs[Int(self.input.byte()) % codecs.count]
        receiver = VideoReceiver(codec: codec)
    }

    mutating func run() {
        var step = 0
        while !input.isAtEnd, step < Self.steps {
            step += 1
            switch input.byte() % 16 {
            case 0...7: push(piece(), at: sequence)
            case 8: push(raw(), at: sequence)
            case 9: sequence += Int64(input.byte())
            case 10: push(piece(), at: sequence - Int64(input.byte()))
            case 11: push(piece(), at: Int64(bitPattern: UInt64(input.longWord()) << 32 | UInt64(input.word())))
            case 12: now += .milliseconds(Int(input.byte()))
            case 13: receiver.decodingFailed(at: now)
            case 14: receiver.streamChanged()
            default: codec = codecs[Int(input.byte()) % codecs.count]
            }
            drain()
            // As its owner would: at its deadline, if that comes within the second.
            if receiver.deadline - now < .milliseconds(50) {
                now = max(now, receiver.deadline)
                drain()
            }
        }
        let statistics = receiver.statistics
        promise(statistics.passed >= statistics.keyframes && statistics.droppedDamaged >= 0)
    }

    private mutating func piece() -> (payload: [UInt8], marker: Bool) {
        let pieces = VideoSeeds.pieces(codec)
        return pieces[Int(input.byte()) % pieces.count]
    }

    private mutating func raw() -> (payload: [UInt8], marker: Bool) {
        let flags = input.byte()
        return ([UInt8](input.bytes(Int(flags >> 1))), flags & 1 != 0)
    }

    private mutating func push(_ piece: (payload: [UInt8], marker: Bool), at number: Int64) {
        piece.payload.withUnsafeBytes {
            receiver.receive(
                VideoPacket(
                    codec: codec, sequence: number, timestamp: timestamp, marker: piece.marker, arrival: now,
                    payload: $0
                ), at: now)
        }
        if number == sequence { sequence += 1 }
        if piece.marker { timestamp += 3000 }
    }

    private mutating func drain() {
        var events = 0
        while let event = receiver.next(at: now) {
            events += 1
            promise(events <= Self.events, "one drain never ends")
            switch event {
            case .accessUnit(let unit):
                promise(!unit.isDamaged, "a damaged picture is never shown")
                AccessUnitCheck.check(unit)
            case .keyframeNeeded: break
            case .refused(let size): promise(!PictureLimit.standard.admits(size))
            }
        }
        promise(receiver.deadline > now, "called again at once, for ever")
    }

    static var seeds: [[UInt8]] {
        VideoCodec.allCases.indices.map { index in
            var writer = ByteStreamWriter()
            writer.byte(UInt8(index))
            for number in 0..<40 as Range<UInt8> {
                writer.append([0, number])
                if number % 9 == 8 { writer.append([9, 1, 0, number, 12, 60]) }
                if number % 11 == 10 { writer.append([10, 3, number]) }
            }
            writer.append([11, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 14, 0, 0, 8, 7, 0x65, 0x88, 1])
            return writer.bytes
        }
    }
}
