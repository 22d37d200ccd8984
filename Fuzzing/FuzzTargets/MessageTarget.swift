import Media
import RTP

extension FuzzTarget {
    /// Segments of messages, right and wrong, in any order and at any time: what is whole is as long as it was said to be, was
    /// said in every part, and is whole once.
    package static let message = FuzzTarget("message", maximumSize: 8192, seeds: { MessageRun.seeds }) { bytes in
        var run = MessageRun(ByteStream(bytes))
        run.run()
    }
}

private struct MessageRun: ~Copyable {
    private var input: ByteStream
    private var reassembler = MessageReassembler()
    private var now = Instant(nanoseconds: 1_000_000_000)

    /// Steps beyond these are more of the same.
    private static let steps = 400

    init(_ input: ByteStream) { self.input = input }

    mutating func run() {
        var step = 0
        while !input.isAtEnd, step < Self.steps {
            step += 1
            switch input.byte() % 8 {
            case 0: receive([UInt8](input.counted()))
            case 1: now += .milliseconds(Int(input.word() & 0x1FFF))
            default: receive(segment())
            }
        }
    }

    /// A segment whose head is likely right, with a part as long as that says, or nearly.
    private mutating func segment() -> [UInt8] {
        let (revision, index, count) = (input.byte() & 3, input.byte() & 7, input.byte() & 7)
        let length = Int(input.word() & 0xFFF)
        let part = count == 0 ? 0 : ((length + Int(count) - 1) / Int(count) + 3) & ~3
        let (rest, slip) = (max(0, length - Int(index) * part), input.byte())
        let size = (min(part, rest) + 3) & ~3 + (slip > 250 ? Int(slip & 7) : 0)
        return [0xFF, 0xFF, 0xFF, 0xFC | revision, index, count, UInt8(length >> 8), UInt8(length & 0xFF)]
            + [UInt8](repeating: input.byte(), count: size)
    }

    private mutating func receive(_ data: [UInt8]) {
        let wasWhole = reassembler.message != nil
        let revision = reassembler.revision
        let ssrc = UInt32(input.byte() >> 7)
        let outcome = data.withUnsafeBytes { reassembler.receive(0..<data.count, in: $0, from: ssrc, at: now) }
        let message = reassembler.message
        switch outcome {
        case .whole:
            guard let message else { broken("a message is whole and not there") }
            let length = Int(data[6]) << 8 | Int(data[7])
            promise(message.count == length && message.count <= MessageSegment.largestMessage)
            // Read to its last byte.
            promise(message.reduce(0) { $0 &+ Int($1) } >= 0)
        case .gathered: promise(message == nil)
        case .repeated: promise(wasWhole && reassembler.revision == revision)
        case .outdated, .refused: promise((message != nil) == wasWhole && reassembler.revision == revision)
        }
    }

    static var seeds: [[UInt8]] {
        var calm = ByteStreamWriter()
        for revision in 0..<3 as Range<UInt8> {
            for index in 0..<3 as Range<UInt8> {
                calm.append([2, revision, index, 3])
                calm.word(100 + UInt16(revision))
                calm.append([0, 0xAA, 0])
            }
            calm.append([1, 0x0F, 0xFF])
        }
        var whole = ByteStreamWriter()
        whole.byte(0)
        whole.counted([0, 0, 0, 1, 0, 1, 0, 3, 1, 2, 3, 0])
        whole.append([0x80])
        return [calm.bytes, whole.bytes]
    }
}
