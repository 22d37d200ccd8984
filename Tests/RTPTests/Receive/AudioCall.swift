import Media
import RTP
import TestSupport

/// A microphone, a line and a mix that takes 960 samples every 20 ms from the jitter buffer. Each packet says its
/// number, so that it is known which were played and which were not.
struct AudioCall: ~Copyable {
    enum Sound: Equatable {
        case packet(Int)
        case recover(Int)
        case conceal
        case silence
        case skip(Int)
        case waiting
    }

    var network: VirtualNetwork
    var buffer: AudioJitterBuffer
    /// Packets that are not sent, as if the sender were silent or the line had lost them.
    var isSilent: (Int) -> Bool = { _ in false }
    var isLost: (Int) -> Bool = { _ in false }
    /// What was heard, in order.
    private(set) var heard: [Sound] = []
    /// The time from the microphone to the mix of the packets played since `measure`.
    private(set) var delays: [Interval] = []
    private(set) var now = Instant.zero

    private let duration: Int
    private var number = 0
    private var sequence: Int64 = 65_000
    private var nextPacket = Instant.zero
    private var surplus = 0
    /// From the packets' beat to the tick of the mix.
    private let phase = Interval.milliseconds(7)

    /// - Parameter duration: of a packet, in ticks of 1/48000 s.
    init(seed: UInt64, line: VirtualNetwork.Line, duration: Int = 960, settings: AudioJitterBuffer.Settings = .init()) {
        network = VirtualNetwork(seed: seed, line: line)
        buffer = AudioJitterBuffer(settings: settings)
        self.duration = duration
    }

    var packetsSent: Int { number }
    func count(_ isCounted: (Sound) -> Bool) -> Int { heard.filter(isCounted).count }
    var statistics: AudioJitterBuffer.Statistics { buffer.statistics(at: now) }

    /// Forgets what was heard so far.
    mutating func measure() {
        heard.removeAll(keepingCapacity: true)
        delays.removeAll(keepingCapacity: true)
    }

    mutating func run(milliseconds: Int) {
        let end = now + .milliseconds(milliseconds)
        while now < end {
            let tick = now + phase
            while nextPacket <= tick { sendPacket() }
            while let delivery = network.receive(by: tick) { insert(delivery) }
            mix(at: tick)
            now += .milliseconds(20)
        }
    }

    private mutating func sendPacket() {
        let timestamp = Int64(number) * Int64(duration)
        if !isSilent(number) {
            var datagram = [UInt8](repeating: 0, count: 16 + 40)
            datagram.withUnsafeMutableBytes {
                $0.storeBigEndian(sequence, at: 0)
                $0.storeBigEndian(timestamp, at: 8)
                $0.storeBigEndian(Int64(number), at: 16)
            }
            sequence += 1
            if !isLost(number) { network.send(datagram, at: nextPacket) }
        }
        number += 1
        nextPacket = .zero + Interval(nanoseconds: Int64(number) * Int64(duration) * 62_500 / 3)
    }

    private mutating func insert(_ delivery: VirtualNetwork.Delivery) {
        delivery.datagram.withUnsafeBytes {
            _ = buffer.insert(
                sequence: Int64(bitPattern: $0.bigEndian64(at: 0)), timestamp: Int64(bitPattern: $0.bigEndian64(at: 8)),
                duration: duration, payload: UnsafeRawBufferPointer(rebasing: $0[16...]), arrival: delivery.arrival)
        }
    }

    private mutating func mix(at tick: Instant) {
        while surplus < 960 {
            switch buffer.next(at: tick) {
            case .packet(let bytes, let duration):
                let number = Int(bytes.bigEndian64(at: 0))
                heard.append(.packet(number))
                delays.append(tick - (.zero + Interval(nanoseconds: Int64(number * self.duration) * 62_500 / 3)))
                surplus += duration
            case .recover(let bytes, let duration):
                heard.append(.recover(Int(bytes.bigEndian64(at: 0))))
                surplus += duration
            case .conceal(let duration):
                heard.append(.conceal)
                surplus += duration
            case .silence(let duration):
                heard.append(.silence)
                surplus += duration
            case .skip(let bytes, _):
                heard.append(.skip(Int(bytes.bigEndian64(at: 0))))
            case .waiting:
                heard.append(.waiting)
                surplus = 960
            }
        }
        surplus -= 960
    }
}
