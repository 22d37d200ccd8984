import Media
import RTP
import TestSupport

/// A camera at 30 pictures a second and some 200 packets a second, a line that loses both ways, and our receiving side
/// whole: session, FEC, receiver, NACKs and keyframe requests. The camera keeps a history and answers as it is told to.
struct RepairCall: ~Copyable {
    enum Answers {
        /// NACKs are passed over, as by an endpoint that knows none.
        case none
        /// The packet is sent again as it was.
        case plain
        /// The packet is sent again by RFC 4588.
        case rtx
    }

    private(set) var sent = 0
    /// The pictures that reached the decoder.
    private(set) var numbers: [Int] = []
    /// Pictures passed though the one before them was not, and damaged bytes.
    private(set) var brokenReferences = 0
    /// From the camera to the decoder, less the line's latency.
    private(set) var delays: [Interval] = []
    private(set) var packetsSent = 0
    private(set) var packetsRepeated = 0
    private(set) var longestFreeze = Interval.zero
    /// Our feedback: datagrams and bytes.
    private(set) var feedback = (count: 0, bytes: 0)
    /// Whether the camera sends a keyframe when asked.
    var sendsKeyframes = true
    var answers: Answers
    /// Doubles each answer.
    var repeatsAnswers = false
    /// FEC packets per media packet that the camera sends, 0 to 1.
    var overhead = 0.0
    /// Bytes of a picture that is no keyframe, 4 of them its number: a packet for each 15, or one for all up to 15.
    var pictureSize = 90
    /// Whether gaps are waited for as long as FEC may take.
    var awaitsCorrection = true

    private var down: VirtualNetwork
    private var up: VirtualNetwork
    private var session: RTPSession
    private var receiver: VideoReceiver
    private var encoder = FecEncoder()
    private var decoder: FecDecoder
    private let latency: Interval
    private var history: [UInt16: [UInt8]] = [:]
    private var sequence: UInt16 = 65_000
    private var rtxSequence: UInt16 = 7
    private var isKeyframeWanted = true
    private var lastNumber = -1
    private var lastPassed = Instant.zero
    private(set) var now = Instant.zero

    static let interval = Interval(nanoseconds: 33_333_333)
    static let media: UInt32 = 0x1111_1111
    static let rtx: UInt32 = 0x2222_2222
    static let fecType = PayloadType(122)!

    init(seed: UInt64, line: VirtualNetwork.Line, answers: Answers, isRepairing: Bool = true) {
        down = VirtualNetwork(seed: seed, line: line)
        var back = line
        // A burst is as long in packets as on the way down, where there are many more: here it would last for seconds.
        back.loss += line.burst.begin / (line.burst.begin + line.burst.end)
        back.burst = (begin: 0, end: 1)
        up = VirtualNetwork(seed: seed &+ 1, line: back)
        latency = line.latency
        self.answers = answers
        var accepts = PayloadTypeTable()
        accepts[PayloadType(96)!] = 0
        decoder = FecDecoder(accepts: accepts)
        accepts[Self.fecType] = 1
        session = RTPSession(
            .init(
                ssrc: Endpoint.ssrc, cname: "f3a9", clockRate: 90_000, isVideo: true, accepts: accepts,
                retransmitted: [PayloadType(97)!: PayloadType(96)!]),
            generator: SeededGenerator(seed: seed &+ 2), at: .zero)
        var settings = VideoReceiver.Settings()
        settings.repair = isRepairing ? RepairTiming.Settings() : nil
        receiver = VideoReceiver(codec: .h264, settings: settings)
    }

    mutating func run(seconds: Int) {
        let end = now + .seconds(seconds)
        while now < end {
            sendPicture()
            let next = now + Self.interval
            deliver(until: next - Interval(nanoseconds: 1))
            now = next
        }
    }

    /// The share of pictures that reached the decoder; the last second's may be underway.
    var share: Double { Double(numbers.count { $0 < sent - 30 }) / Double(sent - 30) }
    /// Keyframes asked for.
    var statistics: VideoReceiver.Statistics { receiver.statistics }
    var sessionStatistics: RTPSession.Statistics { session.statistics }
    var requests: Int { session.statistics.keyframeRequestsOut }

    func delay(_ quantile: Double) -> Interval {
        delays.sorted()[min(delays.count - 1, Int(Double(delays.count) * quantile))]
    }

    // MARK: The camera

    private mutating func sendPicture() {
        let number = sent
        sent += 1
        let isKeyframe = isKeyframeWanted && sendsKeyframes
        isKeyframeWanted = false
        var payloads = isKeyframe ? [H264Fixture.stapA(H264Fixture.sps, H264Fixture.pps)] : []
        let slice = slice(number, isKeyframe: isKeyframe)
        payloads += slice.count > 15 ? H264Fixture.fuA(slice, size: 15) : [slice]
        encoder.begin(packetCount: payloads.count, overhead: overhead, isKeyframe: isKeyframe)
        for (index, payload) in payloads.enumerated() {
            let datagram = send(96, marker: index == payloads.count - 1, number: number, payload)
            datagram.withUnsafeBytes { encoder.protect($0) }
        }
        for index in 0..<encoder.end() {
            send(Self.fecType.rawValue, marker: false, number: number, [UInt8](encoder.payload(index)))
        }
    }

    @discardableResult
    private mutating func send(_ payloadType: UInt8, marker: Bool, number: Int, _ payload: [UInt8]) -> [UInt8] {
        let header = RTPHeader(
            payloadType: payloadType, marker: marker, sequence: sequence,
            timestamp: UInt32(truncatingIfNeeded: number * 3000 + 0xFFFF_0000), ssrc: Self.media)
        let datagram = Self.datagram(header, payload)
        history[sequence] = datagram
        history[sequence &- 2000] = nil
        sequence &+= 1
        packetsSent += 1
        down.send(datagram, at: now)
        return datagram
    }

    private func slice(_ number: Int, isKeyframe: Bool) -> [UInt8] {
        let digits: [UInt8] = [0, 7, 14, 21].map { (shift: Int) -> UInt8 in UInt8(number >> shift & 0x7F) | 0x80 }
        return H264Fixture.slice(isIDR: isKeyframe, size: isKeyframe ? 400 : pictureSize - digits.count) + digits
    }

    static func datagram(_ header: RTPHeader, _ payload: [UInt8]) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: RTPHeader.fixedSize)
        head.withUnsafeMutableBytes { header.write(into: $0) }
        return head + payload
    }

    private mutating func hear(_ datagram: [UInt8], at now: Instant) {
        for packet in packets(of: datagram).packets {
            switch packet {
            case .pictureLossIndication, .fullIntraRequest: isKeyframeWanted = true
            case .genericNack(let nack):
                for index in 0..<nack.count {
                    let entry = datagram.withUnsafeBytes { nack.entry(index, in: $0) }
                    repair(entry.sequence, at: now)
                    for bit in UInt16(0)..<16 where entry.following >> bit & 1 != 0 {
                        repair(entry.sequence &+ bit &+ 1, at: now)
                    }
                }
            default: break
            }
        }
    }

    private mutating func repair(_ missing: UInt16, at now: Instant) {
        guard answers != .none, let original = history[missing] else { return }
        for _ in 0..<(repeatsAnswers ? 2 : 1) {
            packetsRepeated += 1
            down.send(answers == .plain ? original : retransmission(of: original), at: now)
        }
    }

    private mutating func retransmission(of original: [UInt8]) -> [UInt8] {
        var header = original.withUnsafeBytes { RTPHeader(parsing: $0)! }
        let osn = [UInt8(header.sequence >> 8), UInt8(header.sequence & 0xFF)]
        header.payloadType = 97
        header.ssrc = Self.rtx
        header.sequence = rtxSequence
        rtxSequence &+= 1
        return Self.datagram(header, osn + original[RTPHeader.fixedSize...])
    }

    // MARK: Our side

    private mutating func deliver(until end: Instant) {
        while true {
            // The earlier of the two lines' next datagrams and our own deadline, in steps of half a millisecond.
            let deadline = min(max(min(receiver.deadline, session.deadline), now), end)
            if let heard = up.receive(by: min(now, deadline)) {
                hear(heard.datagram, at: heard.arrival)
            } else if let delivery = down.receive(by: min(now, deadline)) {
                receive(delivery.datagram, at: delivery.arrival)
            } else if now >= min(receiver.deadline, session.deadline) {
                drain(at: now)
            } else if now < end {
                now = min(end, now + .microseconds(500))
            } else {
                return
            }
        }
    }

    private mutating func receive(_ datagram: [UInt8], at now: Instant) {
        datagram.withUnsafeBytes { bytes in
            let reception = session.receive(bytes, at: now)
            act(at: now)
            guard case .media(let header, let sequence, let timestamp) = reception else { return }
            receive(header, bytes, sequence, timestamp, at: now)
            if session.lastOrigin == .line { recover(header, bytes, at: now) }
        }
        drain(at: now)
    }

    private mutating func receive(
        _ header: RTPHeader, _ packet: UnsafeRawBufferPointer, _ sequence: Int64, _ timestamp: Int64, at now: Instant
    ) {
        let isMedia = header.payloadType != Self.fecType.rawValue
        receiver.receive(
            VideoPacket(
                codec: .h264, sequence: sequence, timestamp: timestamp, marker: header.marker, arrival: now,
                payload: isMedia
                    ? UnsafeRawBufferPointer(rebasing: packet[header.payload])
                    : UnsafeRawBufferPointer(start: nil, count: 0), origin: session.lastOrigin), at: now)
        show(at: now)
    }

    private mutating func recover(_ header: RTPHeader, _ packet: UnsafeRawBufferPointer, at now: Instant) {
        if header.payloadType == Self.fecType.rawValue {
            decoder.receive(fec: header, packet)
        } else {
            decoder.receive(media: header, packet)
        }
        if awaitsCorrection { receiver.correctionReach = decoder.reach }
        while let recovered = decoder.next() {
            guard case .media(let header, let sequence, let timestamp) = session.receive(recovered: recovered) else {
                continue
            }
            receive(header, recovered, sequence, timestamp, at: now)
        }
    }

    private mutating func show(at now: Instant) {
        while let event = receiver.next(at: now) {
            switch event {
            case .refused: brokenReferences += 1
            case .keyframeNeeded:
                session.requestKeyframe()
            case .accessUnit(let unit):
                session.keyframeReceived()
                take(unit, at: now)
            }
        }
    }

    private mutating func drain(at now: Instant) {
        show(at: now)
        while let sequence = receiver.nextRepair(at: now) { session.requestRepair(sequence) }
        session.noteKeyframe(isUnderway: receiver.isKeyframeUnderway, at: now)
        act(at: now)
    }

    private mutating func act(at now: Instant) {
        while let action = session.next(at: now) {
            switch action {
            case .send(let bytes):
                feedback.count += 1
                feedback.bytes += bytes.count
                up.send([UInt8](bytes), at: now)
            case .streamChanged:
                receiver.streamChanged()
                decoder.reset()
            default: break
            }
        }
    }

    private mutating func take(_ unit: AccessUnit, at now: Instant) {
        let number = Int((unit.timestamp - 1 << 32 - 0xFFFF_0000) / 3000)
        // Where a stream has none, the picture it is resumed with counts as one.
        let isReference = lastNumber == number - 1 || unit.isKeyframe
        let expected = slice(number, isKeyframe: unit.isKeyframe && sendsKeyframes)
        let isExact = [UInt8](unit.bytes.suffix(expected.count)) == expected
        if !isExact || unit.isDamaged || !isReference { brokenReferences += 1 }
        lastNumber = number
        numbers.append(number)
        longestFreeze = max(longestFreeze, now - lastPassed)
        lastPassed = now
        delays.append(now - (.zero + Self.interval * number) - latency)
    }
}
