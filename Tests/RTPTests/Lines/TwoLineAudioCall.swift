import Media
import RTP
import TestSupport

/// A microphone with packets of 20 ms on two lines, and a mix that takes 20 ms at a time.
struct TwoLineAudioCall: ~Copyable {
    var lines: TwoLines
    private(set) var played = 0
    /// Ticks without sound of a packet.
    private(set) var broken = 0
    private(set) var now = Instant.zero

    private var buffer: AudioJitterBuffer
    private var number = 0
    private var surplus = 0
    private let phase = Interval.milliseconds(7)

    /// - Parameter delay: what is held at least.
    init(seed: UInt64 = 1, first: VirtualNetwork.Line, second: VirtualNetwork.Line, delay: Interval) {
        lines = TwoLines(seed: seed, first: first, second: second, isVideo: false, clockRate: 48_000)
        var settings = AudioJitterBuffer.Settings()
        settings.minimumDelay = delay
        settings.maximumDelay = .milliseconds(600)
        buffer = AudioJitterBuffer(settings: settings)
    }

    var lost: Int { buffer.statistics(at: now).lost }

    /// Forgets what was heard so far.
    mutating func measure() {
        played = 0
        broken = 0
    }

    mutating func run(milliseconds: Int) {
        let end = now + .milliseconds(milliseconds)
        while now < end {
            let packet = TwoLines.packet(
                sequence: 65_000 + number, timestamp: number * 960, payload: [UInt8](repeating: 0x55, count: 40))
            lines.send(packet, at: now)
            number += 1
            while let arrival = lines.receive(by: now + phase) { insert(arrival) }
            mix(at: now + phase)
            now += .milliseconds(20)
        }
    }

    private mutating func insert(_ arrival: TwoLines.Arrival) {
        guard case .media(let header, let sequence, let timestamp) = arrival.reception else { return }
        arrival.datagram.withUnsafeBytes {
            _ = buffer.insert(
                sequence: sequence, timestamp: timestamp, duration: 960,
                payload: UnsafeRawBufferPointer(rebasing: $0[header.payload]), arrival: arrival.instant)
        }
    }

    private mutating func mix(at tick: Instant) {
        while surplus < 960 {
            switch buffer.next(at: tick, decoded: surplus) {
            case .packet(_, let duration):
                played += 1
                surplus += duration
            case .recover(_, let duration), .conceal(let duration), .silence(let duration):
                broken += 1
                surplus += duration
            case .skip:
                broken += 1
            case .waiting:
                broken += 1
                surplus = 960
            }
        }
        surplus -= 960
    }
}
