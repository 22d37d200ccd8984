import Media
import RTP

extension FuzzTarget {
    /// A session whose line carries anything, at any time: what it gives stays within the datagram, what it sends is
    /// RTCP, and it never asks to be called again at once.
    package static let session = FuzzTarget("session", maximumSize: 4096, seeds: { SessionRun.seeds }) { bytes in
        var run = SessionRun(ByteStream(bytes))
        run.run()
    }
}

private struct SessionRun: ~Copyable {
    private var input: ByteStream
    private var session: RTPSession
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var packet: [UInt8] = []

    /// Steps beyond these are more of the same.
    private static let steps = 400
    /// What one drain may give: an action of each kind, and a report or two.
    private static let actions = 64

    init(_ input: ByteStream) {
        self.input = input
        let flags = self.input.byte()
        var accepts = PayloadTypeTable()
        for index in 0..<4 { accepts[PayloadType(96 + index)!] = index }
        let configuration = RTPSession.Configuration(
            ssrc: 0x0A0B_0C0D, cname: "f3a9", name: flags & 2 == 0 ? "" : "Gia Bình",
            clockRate: flags & 1 == 0 ? 90_000 : 8000, isVideo: flags & 4 == 0, accepts: accepts,
            levelExtension: 7, messageName: flags & 8 == 0 ? ApplicationPacket.Name("MCUL") : nil)
        session = RTPSession(configuration, generator: SeededGenerator(seed: UInt64(flags)), at: now)
        if flags & 16 != 0 {
            session.describe((0..<40).map { SourceName(ssrc: $0, cname: "f3a9", name: "Xã \($0)") })
            session.announce([UInt8](repeating: flags, count: 5000))
        }
    }

    mutating func run() {
        var step = 0
        while !input.isAtEnd, step < Self.steps {
            step += 1
            switch input.byte() % 8 {
            case 0, 1: receive(media())
            case 2: receive(control())
            case 3: receive([UInt8](input.counted()))
            case 4: now += .microseconds(Int(input.word()))
            case 5: now += .milliseconds(Int(input.word()))
            case 6: session.requestKeyframe()
            default:
                session.keyframeReceived()
                check(session.goodbye(reason: "x", at: now, sender: sender))
            }
            drain()
        }
        let statistics = session.statistics
        promise(statistics.packets >= 0 && statistics.bytes >= 0 && statistics.malformed >= 0)
        promise(statistics.fractionLost >= 0 && statistics.fractionLost <= 1, "\(statistics.fractionLost)")
        promise(statistics.jitter >= .zero)
        for ssrc in [0x1111_1111, 0x2222_2222, 0x0A0B_0C0D] as [UInt32] {
            promise(session.name(of: ssrc).map { $0.unicodeScalars.count <= 255 } ?? true)
        }
        promise(statistics.roundTrip.map { $0 >= .zero } ?? true)
    }

    private var sender: SenderState? {
        SenderState(
            ssrc: 0x0A0B_0C0D, packetCount: 7, octetCount: 700, rtpTimestamp: 90_000, timestampInstant: .zero,
            wallclock: NTPTime(rawValue: 0xE4A1_B2C3_0000_0000), wallclockInstant: .zero)
    }

    /// An RTP packet of one of four streams, near where it was or anywhere.
    private mutating func media() -> [UInt8] {
        let flags = input.byte()
        var bytes = [UInt8](repeating: 0xAA, count: RTPHeader.fixedSize + Int(flags >> 6))
        let header = RTPHeader(
            payloadType: 96 + (flags >> 2 & 7), marker: flags & 32 != 0, sequence: input.word(),
            timestamp: UInt32(input.word()) << 12,
            ssrc: [0x1111_1111, 0x2222_2222, 0x3333_3333, 0x0A0B_0C0D][Int(flags & 3)])
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        return bytes
    }

    /// An RTCP packet with a right length, and the sender's SSRC set to a likely one.
    private mutating func control() -> [UInt8] {
        let (type, flags) = (input.byte(), input.byte())
        var body = [UInt8](input.bytes(Int(flags & 0x3F) * 4))
        while body.count % 4 != 0 { body.append(0) }
        return [0x80 | type >> 3, 200 + type & 7, 0, UInt8(body.count / 4)] + body
    }

    private mutating func receive(_ datagram: [UInt8]) {
        let reception = datagram.withUnsafeBytes { session.receive($0, at: now) }
        guard case .media(let header, let sequence, _) = reception else { return }
        promise(header.payload.upperBound <= datagram.count)
        promise(UInt16(truncatingIfNeeded: sequence) == header.sequence || sequence >= 0)
    }

    private mutating func drain() {
        var actions = 0
        while let action = session.next(at: now, sender: sender) {
            actions += 1
            promise(actions <= Self.actions, "one drain never ends")
            if case .send(let bytes) = action { check(bytes) }
            if case .message(let bytes) = action { promise((1...MessageSegment.largestMessage).contains(bytes.count)) }
        }
        promise(session.deadline > now, "called again at once, for ever")
    }

    private func check(_ bytes: UnsafeRawBufferPointer) {
        promise(bytes.count <= 1200 && bytes.count % 4 == 0)
        var reader = RTCPReader(bytes)
        while reader.next() != nil {}
        promise(!reader.isMalformed, "what is sent is RTCP")
    }

    static var seeds: [[UInt8]] {
        var mixer = ByteStreamWriter()
        mixer.byte(16)
        for packet in PacketSeeds.media + PacketSeeds.control {
            mixer.byte(3)
            mixer.counted(packet)
            mixer.append([5, 0x01, 0x00])
        }
        var calm = ByteStreamWriter()
        calm.byte(0)
        for number in 0..<20 as Range<UInt16> {
            calm.append([0, 0xC0])
            calm.word(65_530 &+ number)
            calm.word(number)
            calm.append([4, 0x80, 0x00])
        }
        var control = ByteStreamWriter()
        control.byte(2)
        for packet in PacketSeeds.control {
            control.byte(3)
            control.counted(packet)
            control.append([0, 0x40, 0, 1, 0, 1, 5, 0x04, 0x00, 6, 7])
        }
        return [calm.bytes, control.bytes, mixer.bytes]
    }
}
