import Media
import RTP
import TestSupport

/// A camera at 30 pictures a second, a line, and a receiver that asks for keyframes and gets them. Each picture says
/// its number and whether it is a keyframe, so that a picture shown without those it refers to is noticed.
struct VideoCall: ~Copyable {
    private(set) var sent = 0
    private(set) var passed = 0
    private(set) var requests = 0
    /// Pictures passed though the one before them was not, and damaged bytes.
    private(set) var brokenReferences = 0
    private(set) var worstDelay = Interval.zero
    private(set) var longestFreeze = Interval.zero

    private var network: VirtualNetwork
    private var receiver = VideoReceiver(codec: .h264)
    private var sequence: Int64 = 65_500
    private var isKeyframeWanted = true
    private var wantedSince = Instant.zero
    private var lastNumber = -1
    private var lastPassed = Instant.zero

    private static let interval = Interval(nanoseconds: 33_333_333)
    private static let roundTrip = Interval.milliseconds(40)

    init(seed: UInt64, line: VirtualNetwork.Line) { network = VirtualNetwork(seed: seed, line: line) }

    mutating func run(seconds: Int) {
        var now = Instant.zero
        let end = Instant.zero + .seconds(seconds)
        while now < end {
            sendPicture(at: now)
            let next = now + Self.interval
            deliver(until: next - Interval(nanoseconds: 1))
            now = next
        }
    }

    private mutating func sendPicture(at now: Instant) {
        let number = sent
        sent += 1
        let isKeyframe = number % 300 == 0 || isKeyframeWanted && now - wantedSince >= Self.roundTrip
        if isKeyframe { isKeyframeWanted = false }
        let timestamp = Int64(number) * 3000
        var payloads = isKeyframe ? [H264Fixture.stapA(H264Fixture.sps, H264Fixture.pps)] : []
        payloads += H264Fixture.fuA(Self.slice(number, isKeyframe: isKeyframe), size: isKeyframe ? 25 : 50)
        for (index, payload) in payloads.enumerated() {
            send(payload, timestamp: timestamp, marker: index == payloads.count - 1, at: now)
        }
    }

    private static func slice(_ number: Int, isKeyframe: Bool) -> [UInt8] {
        // Seven bits a byte, the eighth set: no start code can arise.
        let digits: [UInt8] = [0, 7, 14, 21].map { (shift: Int) -> UInt8 in UInt8(number >> shift & 0x7F) | 0x80 }
        return H264Fixture.slice(isIDR: isKeyframe, size: 100) + digits
    }

    private mutating func send(_ payload: [UInt8], timestamp: Int64, marker: Bool, at now: Instant) {
        var datagram = [UInt8](repeating: 0, count: 17)
        datagram.withUnsafeMutableBytes {
            $0.storeBigEndian(sequence, at: 0)
            $0.storeBigEndian(timestamp, at: 8)
        }
        datagram[16] = marker ? 1 : 0
        sequence += 1
        network.send(datagram + payload, at: now)
    }

    private mutating func deliver(until end: Instant) {
        while true {
            let deadline = min(receiver.deadline, end)
            if let delivery = network.receive(by: deadline) {
                receive(delivery)
                drain(at: delivery.arrival)
            } else if receiver.deadline <= end {
                drain(at: receiver.deadline)
            } else {
                return
            }
        }
    }

    private mutating func receive(_ delivery: VirtualNetwork.Delivery) {
        delivery.datagram.withUnsafeBytes {
            receiver.receive(
                VideoPacket(
                    codec: .h264, sequence: Int64(bitPattern: $0.bigEndian64(at: 0)),
                    timestamp: Int64(bitPattern: $0.bigEndian64(at: 8)), marker: $0[16] == 1,
                    arrival: delivery.arrival, payload: UnsafeRawBufferPointer(rebasing: $0[17...])),
                at: delivery.arrival)
        }
    }

    private mutating func drain(at now: Instant) {
        while let event = receiver.next(at: now) {
            switch event {
            case .refused: brokenReferences += 1
            case .keyframeNeeded:
                requests += 1
                if !isKeyframeWanted { wantedSince = now }
                isKeyframeWanted = true
            case .accessUnit(let unit): take(unit, at: now)
            }
        }
    }

    private mutating func take(_ unit: AccessUnit, at now: Instant) {
        let number = Int(unit.timestamp / 3000)
        let expected = Self.slice(number, isKeyframe: unit.isKeyframe)
        let isExact = [UInt8](unit.bytes.suffix(expected.count)) == expected
        if !isExact || unit.isDamaged || !unit.isKeyframe && lastNumber != number - 1 { brokenReferences += 1 }
        lastNumber = number
        passed += 1
        longestFreeze = max(longestFreeze, now - lastPassed)
        lastPassed = now
        worstDelay = max(worstDelay, now - (.zero + Self.interval * number))
    }
}
