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
    /// The buffer's own delay at each tick since `measure`.
    private(set) var waits: [Interval] = []
    /// Samples that were put in and taken out by playing slower and faster since `measure`.
    private(set) var stretched: (inserted: Double, removed: Double) = (0, 0)
    /// Parts per million by which the microphone's clock is faster than the mix's.
    var drift = 0
    /// What was played last is low.
    var isQuiet: (Int) -> Bool = { _ in false }
    /// What the sender adds to the timestamp of a packet.
    var timestampStep: (Int) -> Int64 = { _ in 0 }
    /// Copies of the packets come by a second line, so much later.
    var copyDelay: Interval?
    private(set) var now = Instant.zero

    private let duration: Int
    private var number = 0
    private var sequence: Int64 = 65_000
    private var nextPacket = Instant.zero
    private var surplus = 0.0
    private var copies: [(timestamp: Int64, arrival: Instant)] = []
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
        waits.removeAll(keepingCapacity: true)
        stretched = (0, 0)
    }

    mutating func run(milliseconds: Int) {
        let end = now + .milliseconds(milliseconds)
        while now < end {
            let tick = now + phase
            while nextPacket <= tick { sendPacket() }
            while let delivery = network.receive(by: tick) { insert(delivery) }
            while let copy = copies.first, copy.arrival <= tick {
                buffer.noteLateCopy(timestamp: copy.timestamp, duration: duration, arrival: copy.arrival)
                copies.removeFirst()
            }
            mix(at: tick)
            now += .milliseconds(20)
        }
    }

    private mutating func sendPacket() {
        let timestamp = Int64(number) * Int64(duration) &+ timestampStep(number)
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
        nextPacket = sendTime(of: number)
    }

    private func sendTime(of number: Int) -> Instant {
        let span = Int64(number) * Int64(duration) * 62_500 / 3
        return .zero + Interval(nanoseconds: span - span / 1_000 * Int64(drift) / 1_000)
    }

    private mutating func insert(_ delivery: VirtualNetwork.Delivery) {
        delivery.datagram.withUnsafeBytes {
            let timestamp = Int64(bitPattern: $0.bigEndian64(at: 8))
            if let copyDelay { copies.append((timestamp, delivery.arrival + copyDelay)) }
            _ = buffer.insert(
                sequence: Int64(bitPattern: $0.bigEndian64(at: 0)), timestamp: timestamp,
                duration: duration, payload: UnsafeRawBufferPointer(rebasing: $0[16...]), arrival: delivery.arrival)
        }
    }

    /// Plays as `AudioSource` does, with a time-stretch that is as exact as one can be.
    private mutating func mix(at tick: Instant) {
        let pace = buffer.pace(at: tick, decoded: Int(surplus), isQuiet: isQuiet(heard.count))
        let ratio = Double(pace.speed) * (1 + Double(pace.correction) / 1e6)
        while surplus < 960 {
            switch buffer.next(at: tick, decoded: Int(surplus)) {
            case .packet(let bytes, let duration):
                let number = Int(bytes.bigEndian64(at: 0))
                heard.append(.packet(number))
                delays.append(tick - sendTime(of: number))
                add(duration, ratio: ratio)
            case .recover(let bytes, let duration):
                heard.append(.recover(Int(bytes.bigEndian64(at: 0))))
                add(duration, ratio: ratio)
            case .conceal(let duration):
                heard.append(.conceal)
                add(duration, ratio: ratio)
            case .silence(let duration):
                heard.append(.silence)
                surplus += Double(duration)
            case .skip(let bytes, _):
                heard.append(.skip(Int(bytes.bigEndian64(at: 0))))
            case .waiting:
                heard.append(.waiting)
                surplus = 960
            }
        }
        surplus -= 960
        if pace.speed != 1 || buffer.playhead != nil { waits.append(statistics(at: tick).delay) }
    }

    private mutating func add(_ duration: Int, ratio: Double) {
        let played = Double(duration) / ratio
        surplus += played
        if ratio > 1.01 { stretched.removed += Double(duration) - played }
        if ratio < 0.99 { stretched.inserted += played - Double(duration) }
    }

    private func statistics(at tick: Instant) -> AudioJitterBuffer.Statistics { buffer.statistics(at: tick) }
}
