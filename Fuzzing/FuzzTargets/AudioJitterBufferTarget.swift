import Media
import RTP

extension FuzzTarget {
    /// A jitter buffer whose packets come in any order, at any time, with any numbers: each comes out once at most, as it
    /// went in, and in order. (The playhead may step back: a packet that was concealed is still played if there is time.)
    package static let audioJitterBuffer = FuzzTarget(
        "audio-jitter-buffer", maximumSize: 4096, seeds: { AudioJitterBufferRun.seeds },
        run: { bytes in
            var run = AudioJitterBufferRun(ByteStream(bytes))
            run.run()
        })
}

private struct AudioJitterBufferRun: ~Copyable {
    private var input: ByteStream
    private var buffer = AudioJitterBuffer()
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var sequence: Int64 = 65_000
    private let duration: Int
    /// Timestamps follow sequence numbers, no packet lies far off.
    private let isSane: Bool
    /// Numbers given to packets in their payload; those taken in and not yet out.
    private var number: UInt32 = 0
    private var held: Set<UInt32> = []
    /// The sequence number of the packet that came out last.
    private var last = Int64.min

    private static let steps = 600
    /// Slots of the ring; a packet that was dropped in it is not told of.
    private static let capacity = 256
    private static let tick = 960

    init(_ input: ByteStream) {
        self.input = input
        let flags = self.input.byte()
        duration = [120, 480, 960, 2880][Int(flags & 3)]
        isSane = flags & 4 == 0
    }

    mutating func run() {
        var step = 0
        while !input.isAtEnd, step < Self.steps {
            step += 1
            switch input.byte() % 16 {
            case 0...5: insert(at: sequence)
            case 6: insert(at: sequence - Int64(input.byte() & 0x3F))
            case 7: sequence += Int64(input.byte())
            case 8 where !isSane: insertAnything()
            case 9 where !isSane: sequence = Int64(Int32(bitPattern: input.longWord()))
            case 10:
                buffer.streamChanged()
                restarted()
            case 11: now += .milliseconds(Int(input.byte()))
            default:
                now += .milliseconds(20)
                play()
            }
            check(buffer.statistics(at: now))
        }
    }

    private mutating func insert(at place: Int64) {
        insert(place, timestamp: place &* Int64(duration), duration: duration)
        if place == sequence { sequence += 1 }
    }

    private mutating func insertAnything() {
        let place = Int64(bitPattern: UInt64(input.longWord()) << 32 | UInt64(input.longWord()))
        let timestamp = Int64(bitPattern: UInt64(input.longWord()) << 32 | UInt64(input.longWord()))
        insert(place >> 2, timestamp: timestamp >> 2, duration: Int(input.word()))
    }

    private mutating func insert(_ place: Int64, timestamp: Int64, duration: Int) {
        number += 1
        let payload =
            withUnsafeBytes(of: place.bigEndian) { [UInt8]($0) } + withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
            + [UInt8](repeating: 7, count: 20)
        let insertion = payload.withUnsafeBytes {
            buffer.insert(sequence: place, timestamp: timestamp, duration: duration, payload: $0, arrival: now)
        }
        switch insertion {
        case .queued: held.insert(number)
        case .restart:
            restarted()
            held.insert(number)
        case .duplicate, .late, .refused: break
        }
    }

    private mutating func restarted() {
        held.removeAll()
        last = .min
    }

    private mutating func play() {
        var needed = Self.tick
        var calls = 0
        while needed > 0 {
            calls += 1
            promise(calls <= Self.tick / 120 + Self.capacity, "one tick never ends")
            switch buffer.next(at: now, decoded: 0) {
            case .packet(let bytes, let duration):
                take(bytes)
                needed -= checked(duration)
            case .skip(let bytes, let duration):
                take(bytes)
                _ = checked(duration)
            case .recover(let bytes, let duration):
                promise(held.contains(bytes.bigEndian32(at: 8)), "the packet behind is still there")
                needed -= checked(duration)
            case .conceal(let duration), .silence(let duration): needed -= checked(duration)
            case .waiting: needed = 0
            }
        }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) {
        promise(bytes.count == 32 && bytes[31] == 7)
        let place = Int64(bitPattern: bytes.bigEndian64(at: 0))
        promise(place > last, "packet \(place) after \(last)")
        last = place
        promise(held.remove(bytes.bigEndian32(at: 8)) != nil, "a packet came out twice, or after a restart")
    }

    private func checked(_ duration: Int) -> Int {
        promise((1...48_000).contains(duration), "a stretch of \(duration) samples")
        return duration
    }

    private func check(_ statistics: AudioJitterBuffer.Statistics) {
        promise(statistics.delay >= .zero && statistics.target >= .zero)
        promise(statistics.target <= .milliseconds(500), "a target of \(statistics.target)")
        promise(statistics.lost >= 0 && statistics.late >= 0 && statistics.concealed >= .zero)
    }

    static var seeds: [[UInt8]] {
        var calm = ByteStreamWriter()
        calm.byte(2)
        for index in 0..<120 {
            calm.append(index % 13 == 12 ? [7, 1, 12] : [0, 12])
            if index % 17 == 16 { calm.append([6, 3, 11, 200, 10]) }
        }
        var wild = ByteStreamWriter()
        wild.byte(6)
        for index in 0..<40 as Range<UInt32> {
            wild.append([0, 12, 8])
            for word in [index, index &* 0x9E37_79B9, 0xFFFF_FFFF, index << 24] { wild.longWord(word) }
            wild.word(960)
            wild.append([9, 0x7F, 0xFF, 0xFF, UInt8(index)])
        }
        return [calm.bytes, wild.bytes]
    }
}
