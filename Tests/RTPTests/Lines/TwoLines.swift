import Media
import RTP
import TestSupport

/// A site that sends each datagram on two lines, and the merger and session they lead to, in virtual time.
struct TwoLines: ~Copyable {
    /// What reached the session.
    struct Arrival {
        var reception: Reception
        var datagram: [UInt8]
        var instant: Instant
    }

    var merger: LineMerger
    var session: RTPSession
    /// A line that is cut takes nothing.
    var isCut = PerLine(repeating: false)
    private(set) var events: [LineEvent] = []
    private(set) var streamChanges = 0
    /// Copies by the slower line, as a jitter buffer is told of them.
    private(set) var copies: [(timestamp: Int64, arrival: Instant)] = []

    private var networks: PerLine<VirtualNetwork>
    private var next = PerLine<VirtualNetwork.Delivery?>(repeating: nil)

    init(
        seed: UInt64 = 1, first: VirtualNetwork.Line, second: VirtualNetwork.Line, isVideo: Bool = true,
        clockRate: Int = 90_000
    ) {
        merger = LineMerger(clockRate: clockRate)
        var accepts = PayloadTypeTable()
        accepts[Endpoint.payloadType] = 0
        let configuration = RTPSession.Configuration(
            ssrc: Endpoint.ssrc, cname: "f3a9", clockRate: clockRate, isVideo: isVideo, accepts: accepts)
        session = RTPSession(configuration, generator: SeededGenerator(seed: seed), at: .zero)
        networks = PerLine(
            first: VirtualNetwork(seed: seed, line: first), second: VirtualNetwork(seed: seed + 1, line: second))
    }

    subscript(line: Line) -> VirtualNetwork.Line {
        get { networks[line].line }
        set { networks[line].line = newValue }
    }

    mutating func send(_ datagram: [UInt8], at now: Instant) {
        for line in Line.allCases where !isCut[line] { networks[line].send(datagram, at: now) }
    }

    static func packet(
        ssrc: UInt32 = 0x1111_1111, sequence: Int, timestamp: Int, marker: Bool = false, payload: [UInt8]
    ) -> [UInt8] {
        var datagram = [UInt8](repeating: 0, count: RTPHeader.fixedSize)
        let header = RTPHeader(
            payloadType: 96, marker: marker, sequence: UInt16(truncatingIfNeeded: sequence),
            timestamp: UInt32(truncatingIfNeeded: timestamp), ssrc: ssrc)
        datagram.withUnsafeMutableBytes { header.write(into: $0) }
        return datagram + payload
    }

    /// What the session takes next by `end`; `nil` when there is no more.
    mutating func receive(by end: Instant) -> Arrival? {
        while let (line, delivery) = nextDelivery(by: end) {
            let now = delivery.arrival
            let verdict = delivery.datagram.withUnsafeBytes { merger.receive($0, on: line, at: now) }
            drainEvents(at: now)
            if verdict == .duplicate { noteCopy(delivery) }
            guard verdict == .pass else { continue }
            let reception = delivery.datagram.withUnsafeBytes { session.receive($0, at: now) }
            while let action = session.next(at: now) { if case .streamChanged = action { streamChanges += 1 } }
            return Arrival(reception: reception, datagram: delivery.datagram, instant: now)
        }
        drainEvents(at: end)
        return nil
    }

    private mutating func drainEvents(at now: Instant) {
        while let event = merger.next(at: now) { events.append(event) }
    }

    private mutating func noteCopy(_ delivery: VirtualNetwork.Delivery) {
        let timestamp = delivery.datagram.withUnsafeBytes { bytes in
            RTPHeader(parsing: bytes).flatMap { session.timestamp(of: $0) }
        }
        if let timestamp { copies.append((timestamp, delivery.arrival)) }
    }

    private mutating func nextDelivery(by end: Instant) -> (Line, VirtualNetwork.Delivery)? {
        for line in Line.allCases where next[line] == nil { next[line] = networks[line].receive(by: end) }
        let soonest = Line.allCases.filter { next[$0] != nil }.min { next[$0]!.arrival < next[$1]!.arrival }
        guard let soonest, let delivery = next[soonest] else { return nil }
        next[soonest] = nil
        return (soonest, delivery)
    }
}
