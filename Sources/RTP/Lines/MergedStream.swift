import Media

/// The packets of one SSRC by two lines: which of them came first, and how much later the other copy did.
///
/// A packet is known by its sequence number and timestamp together. A sender that begins anew may use the same
/// sequence numbers at once; its timestamps tell its packets from copies.
struct MergedStream {
    /// Packets remembered, a power of two: at 1000 packets a second, two seconds.
    static let capacity = 2048

    /// A packet that came.
    struct Slot {
        /// Of the first copy.
        var arrival = Instant.zero
        var timestamp: UInt32 = 0
        var sequence: UInt16 = 0
        /// The lines that brought it, a bit each; 0 in an empty slot.
        var lines: UInt8 = 0

        func isCopy(_ header: RTPHeader) -> Bool {
            lines != 0 && sequence == header.sequence && timestamp == header.timestamp
        }
        func came(by line: Line) -> Bool { lines & line.bit != 0 }
    }

    struct Finding {
        var verdict: LineMerger.Verdict
        /// How much later the second line brought the packet than the first; `nil` unless this is its second copy.
        var skew: Interval?
    }

    /// After this long the same line does not bring a packet twice: the sender has begun anew with the same numbers.
    private static let repetition = Interval.seconds(1)
    /// A line that brings nothing but stale packets for this long, while the other brings none that pass, is right.
    private static let patience = Interval.seconds(1)

    /// A longer run of missing packets was lost on both lines, as far as is told.
    private static let longestGap: Int64 = 512

    let ssrc: UInt32
    private(set) var lastArrival: Instant
    private(set) var receptions = PerLine(repeating: LineReception())
    /// Packets that only one line brought.
    private(set) var onlyHere = PerLine(repeating: 0)

    private let clockRate: Int
    private let slots: UnsafeMutablePointer<Slot>
    /// The newest packet by either line.
    private var newest: StreamPosition
    /// Sequence numbers below belong to the stream before its last start.
    private var start: Int64
    /// The sequence number that would prove a restart.
    private var restartSequence: UInt16?
    /// When the run of stale packets began that no other interrupts.
    private var staleSince: Instant?
    /// The first packet of which it is not yet said which lines brought it.
    private var unsettled: Int64

    /// - Parameter slots: `capacity` of them, this stream's while it lives; their content is overwritten.
    init(_ header: RTPHeader, clockRate: Int, slots: UnsafeMutablePointer<Slot>, at now: Instant) {
        ssrc = header.ssrc
        lastArrival = now
        self.clockRate = clockRate
        self.slots = slots
        slots.update(repeating: Slot(), count: Self.capacity)
        newest = StreamPosition(sequence: Self.cycle | Int64(header.sequence), timestamp: header.timestamp)
        start = 0
        unsettled = newest.sequence
    }

    private static let cycle: Int64 = 1 << 16

    mutating func receive(_ header: RTPHeader, on line: Line, at now: Instant) -> Finding {
        lastArrival = now
        defer { settle(at: now) }
        let index = Int(header.sequence) & (Self.capacity - 1)
        if slots[index].isCopy(header), !slots[index].came(by: line) || now - slots[index].arrival < Self.repetition {
            return receiveCopy(header, slots[index], on: line, at: now)
        }
        guard let position = locate(header, on: line) else { return receiveJump(header, on: line, at: now) }
        guard isOfUse(position) else {
            if let staleSince, now - staleSince > Self.patience { return receiveJump(header, on: line, at: now) }
            staleSince = staleSince ?? now
            receptions[line].note(position, start: start, isRepeated: false)
            return Finding(verdict: .stale)
        }
        accept(position, on: line, at: now)
        return Finding(verdict: .pass)
    }

    private mutating func receiveCopy(_ header: RTPHeader, _ slot: Slot, on line: Line, at now: Instant) -> Finding {
        let isRepeated = slot.came(by: line)
        if let position = locate(header, on: line) {
            receptions[line].note(position, start: start, isRepeated: isRepeated)
        }
        guard !isRepeated else { return Finding(verdict: .duplicate) }
        slots[Int(header.sequence) & (Self.capacity - 1)].lines |= line.bit
        let lag = now - slot.arrival
        let skew = line == .second ? lag : Interval.zero - lag
        return Finding(verdict: lag <= LineMerger.longestWait ? .duplicate : .stale, skew: skew)
    }

    /// A jump goes on: whether it is a restart is for the session to say, which asks for two packets in order as well.
    private mutating func receiveJump(_ header: RTPHeader, on line: Line, at now: Instant) -> Finding {
        guard restartSequence == header.sequence else {
            restartSequence = header.sequence &+ 1
            record(header.sequence, header.timestamp, on: line, at: now)
            return Finding(verdict: .pass)
        }
        // Clear of the stream before by a cycle: a line that still brings its packets can't reach into this one.
        start = (newest.sequence / Self.cycle + 2) * Self.cycle
        newest = StreamPosition(sequence: start | Int64(header.sequence), timestamp: header.timestamp)
        // A packet reordered across the 16-bit wrap lies before the first one.
        start -= Self.cycle / 2
        unsettled = newest.sequence
        accept(newest, on: line, at: now)
        return Finding(verdict: .pass)
    }

    private mutating func accept(_ position: StreamPosition, on line: Line, at now: Instant) {
        if position.sequence > newest.sequence {
            newest = position
            restartSequence = nil
        } else if position == newest {
            restartSequence = nil
        }
        staleSince = nil
        record(UInt16(truncatingIfNeeded: position.sequence), position.timestamp, on: line, at: now)
        receptions[line].note(position, start: start, isRepeated: false)
    }

    private mutating func record(_ sequence: UInt16, _ timestamp: UInt32, on line: Line, at now: Instant) {
        slots[Int(sequence) & (Self.capacity - 1)] = Slot(
            arrival: now, timestamp: timestamp, sequence: sequence, lines: line.bit)
    }

    // MARK: Place

    /// Where a packet belongs, by the line's own numbering or by that of both, whichever is nearer in time; `nil` for a
    /// jump. A line that is behind goes on with its own: neither the packets that a stall held back nor those from
    /// before a restart that the other line brought first may pass for a restart.
    private func locate(_ header: RTPHeader, on line: Line) -> StreamPosition? {
        let merged = newest.place(of: header, clockRate: clockRate)
        guard let own = receptions[line].newest, let place = own.place(of: header, clockRate: clockRate) else {
            return merged
        }
        guard let merged else { return place }
        return own.ticks(to: header).magnitude < newest.ticks(to: header).magnitude ? place : merged
    }

    /// Whether the session can do something with a packet: it belongs to the stream since its last start, and is not
    /// so old that it would look like another start.
    private func isOfUse(_ position: StreamPosition) -> Bool {
        let age = Int64(Int32(bitPattern: newest.timestamp &- position.timestamp))
        return position.sequence >= start
            && newest.isOfUse(delta: position.sequence - newest.sequence, age: age, clockRate: clockRate)
    }

    // MARK: Only here

    /// Says of packets for which no copy is waited any more which line alone brought them.
    private mutating func settle(at now: Instant) {
        unsettled = max(unsettled, newest.sequence - Int64(Self.capacity) + 1)
        var probe = unsettled
        let end = min(newest.sequence, unsettled + Self.longestGap)
        while probe <= end {
            let slot = slots[Int(truncatingIfNeeded: probe) & (Self.capacity - 1)]
            if slot.lines != 0, slot.sequence == UInt16(truncatingIfNeeded: probe) {
                guard now - slot.arrival > LineMerger.longestWait else { return }
                if slot.lines == Line.first.bit { onlyHere.first += 1 }
                if slot.lines == Line.second.bit { onlyHere.second += 1 }
                unsettled = probe + 1
            }
            probe += 1
        }
        if end - unsettled == Self.longestGap { unsettled = end }
    }
}

extension Line {
    fileprivate var bit: UInt8 { 1 << UInt8(rawValue) }
}
