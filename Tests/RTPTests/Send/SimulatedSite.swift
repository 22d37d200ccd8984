import Media

/// The receiving end: what came, and what RTCP says of it.
struct SimulatedSite {
    struct Packet {
        var arrival: Instant
        /// `nil` for a retransmission.
        var sequence: UInt16?
        var number: UInt16
        var size: Int
    }

    private var underway: [Packet] = []
    private var taken = 0
    private var highest: UInt16?
    private var missing: [UInt16] = []
    private var expected = 0
    private var received = 0
    private var bytes = 0
    private var firstNumber: UInt16?
    private var lastNumber: UInt16 = 0
    private var arrivals: [UInt16: Instant] = [:]

    mutating func expect(_ number: UInt16) {
        if firstNumber == nil { firstNumber = number }
    }

    mutating func add(_ packet: Packet) { underway.append(packet) }

    mutating func receive(until now: Instant) {
        while taken < underway.count, underway[taken].arrival <= now {
            let packet = underway[taken]
            taken += 1
            bytes += packet.size
            arrivals[packet.number] = packet.arrival
            lastNumber = packet.number
            guard let sequence = packet.sequence else { continue }
            if let highest {
                let step = sequence &- highest
                expected += Int(step)
                for gap in 1..<max(1, step) { missing.append(highest &+ gap) }
            } else {
                expected += 1
            }
            received += 1
            highest = sequence
        }
    }

    mutating func takeMissing() -> UInt16? { missing.popLast() }

    mutating func takeFractionLost() -> Double {
        defer { (expected, received) = (0, 0) }
        return expected > 0 ? Double(expected - received) / Double(expected) : 0
    }

    mutating func takeReceivedRate() -> Double {
        defer { bytes = 0 }
        return Double(bytes) * 8
    }

    mutating func transportFeedback() -> [UInt8]? {
        guard let first = firstNumber, !arrivals.isEmpty else { return nil }
        let count = Int(lastNumber &- first) + 1
        let statuses = (0..<count).map { arrivals[first &+ UInt16($0)] }
        arrivals = [:]
        firstNumber = lastNumber &+ 1
        return FeedbackWriter.write(base: first, statuses)
    }
}
