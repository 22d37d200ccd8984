import Media
import RTP
import TestSupport

/// A camera at 30 pictures a second on two lines. There is one keyframe, so that a picture that goes missing ends all.
struct TwoLineVideoCall: ~Copyable {
    var lines: TwoLines
    private(set) var sent = 0
    private(set) var passed = 0
    private(set) var requests = 0
    private(set) var longestGap = Interval.zero
    private(set) var now = Instant.zero

    private var receiver = VideoReceiver(codec: .h264)
    private var sequence = 65_000
    private var lastPassed: Instant?

    private static let interval = Interval(nanoseconds: 33_333_333)

    init(seed: UInt64 = 1, first: VirtualNetwork.Line, second: VirtualNetwork.Line) {
        lines = TwoLines(seed: seed, first: first, second: second)
    }

    var lost: Int { receiver.statistics.reordering.lost }

    mutating func run(milliseconds: Int) {
        let end = now + .milliseconds(milliseconds)
        while now < end {
            sendPicture()
            let next = now + Self.interval
            deliver(until: next - Interval(nanoseconds: 1))
            now = next
        }
    }

    /// Waits for what is still on its way.
    mutating func drain() { deliver(until: now + .seconds(1)) }

    private mutating func sendPicture() {
        let isKeyframe = sent == 0
        var payloads = isKeyframe ? [H264Fixture.stapA(H264Fixture.sps, H264Fixture.pps)] : []
        payloads += H264Fixture.fuA(H264Fixture.slice(isIDR: isKeyframe, size: 400), size: 100)
        for (index, payload) in payloads.enumerated() {
            let isLast = index == payloads.count - 1
            lines.send(
                TwoLines.packet(sequence: sequence, timestamp: sent * 3000, marker: isLast, payload: payload), at: now)
            sequence += 1
        }
        sent += 1
    }

    private mutating func deliver(until end: Instant) {
        while true {
            let deadline = min(receiver.deadline, end)
            if let arrival = lines.receive(by: deadline) {
                take(arrival)
                drain(at: arrival.instant)
            } else if receiver.deadline <= end {
                drain(at: receiver.deadline)
            } else {
                return
            }
        }
    }

    private mutating func take(_ arrival: TwoLines.Arrival) {
        receiver.reorderWindow = max(.milliseconds(40), lines.merger.gapWait(at: arrival.instant))
        guard case .media(let header, let sequence, let timestamp) = arrival.reception else { return }
        arrival.datagram.withUnsafeBytes {
            receiver.receive(
                VideoPacket(
                    codec: .h264, sequence: sequence, timestamp: timestamp, marker: header.marker,
                    arrival: arrival.instant, payload: UnsafeRawBufferPointer(rebasing: $0[header.payload])),
                at: arrival.instant)
        }
    }

    private mutating func drain(at now: Instant) {
        while let event = receiver.next(at: now) {
            switch event {
            case .accessUnit:
                passed += 1
                if let lastPassed { longestGap = max(longestGap, now - lastPassed) }
                lastPassed = now
            case .keyframeNeeded: requests += 1
            case .refused: break
            }
        }
    }
}
