import Media

/// Makes one stream of the same stream received on two lines, packet by packet (SMPTE ST 2022-7 section 7), before it
/// reaches the session. While either line brings a packet, nothing is missing.
///
/// It holds no packets back: the first copy of each passes at once, in whatever order the lines bring them, and what
/// waits for gaps behind it must wait for the slower line: `requiredWait`.
///
/// Every `receive` is followed by `while let event = merger.next(at: now)`; `deadline` says when to ask again. With
/// SRTP each line has a context of its own, and only what it let through comes here.
package struct LineMerger: ~Copyable {
    /// What is to be done with a datagram.
    package enum Verdict: Equatable, Sendable {
        /// Hand it to the session.
        case pass
        /// It came before: drop it. A jitter buffer may note how late it was, to be ready for the other line's end.
        case duplicate
        /// It is too late to be of use, whether it came before or not: drop it, and take no measure by it.
        case stale
    }

    package struct LineStatistics: Equatable, Sendable {
        /// RTP packets that came by this line, copies included.
        package var packets = 0
        /// RTCP datagrams.
        package var control = 0
        /// Packets that did not come by this line, whether or not by the other one (RFC 3550 appendix A.3). After an
        /// outage its packets are counted when the line is back.
        package var lost = 0
        /// Packets that came by this line only: what would be missing without it.
        package var onlyHere = 0
        package var lastArrival: Instant?
        package var isAlive = false
    }

    package struct Statistics: Equatable, Sendable {
        package var lines = PerLine(repeating: LineStatistics())
        /// Packets dropped, since they came before.
        package var duplicates = 0
        /// Packets dropped, since they came too late for anything.
        package var stale = 0
        /// RTCP datagrams dropped, since they came before.
        package var controlDuplicates = 0
        /// Packets passed unseen, of more streams at once than are kept.
        package var untracked = 0
        /// How much later the second line is, the median of the last packets; negative if the first line is later.
        /// `nil` while it is not known.
        package var skew: Interval?
        /// The largest of them, either way.
        package var largestSkew = Interval.zero
        package var requiredWait = Interval.zero

        fileprivate mutating func add(_ stream: MergedStream) {
            for line in Line.allCases {
                lines[line].lost += stream.receptions[line].lost
                lines[line].onlyHere += stream.onlyHere[line]
            }
        }
    }

    /// The largest lateness of one line behind the other that is made good.
    package static let longestWait = Interval.milliseconds(500)
    /// A line that brings nothing for this long is dead.
    package static let silence = Interval.seconds(1)
    /// Lines that have brought no packet in common for this long have none.
    private static let acquaintance = Interval.seconds(2)
    /// Streams at once: the medium, its repairs, and those that follow them.
    private static let streamLimit = 4

    private let clockRate: Int
    private let streams: UnsafeMutablePointer<MergedStream?>
    private let slots: UnsafeMutablePointer<MergedStream.Slot>
    private var control = ControlCopies()
    private var skew = SkewWindow()
    private var counters = Statistics()
    /// When the first datagram came, by either line.
    private var firstArrival: Instant?
    /// What was said of each line last.
    private var announced = PerLine<Bool?>(repeating: nil)
    /// When a line became alive last.
    private var joined = Instant.zero

    /// - Parameter clockRate: of the medium's payload formats, in Hz.
    package init(clockRate: Int) {
        precondition(clockRate > 0 && clockRate <= 192_000, "a clock rate of \(clockRate) Hz")
        self.clockRate = clockRate
        streams = .allocate(capacity: Self.streamLimit)
        streams.initialize(repeating: nil, count: Self.streamLimit)
        slots = .allocate(capacity: Self.streamLimit * MergedStream.capacity)
        slots.initialize(repeating: MergedStream.Slot(), count: Self.streamLimit * MergedStream.capacity)
    }

    deinit {
        streams.deinitialize(count: Self.streamLimit)
        streams.deallocate()
        slots.deallocate()
    }

    // MARK: In

    /// Takes one datagram, RTP or RTCP. What is neither passes: the session counts it.
    package mutating func receive(_ datagram: UnsafeRawBufferPointer, on line: Line, at now: Instant) -> Verdict {
        if RTCPHeader.isRTCP(datagram) {
            guard datagram.count >= RTCPHeader.size, datagram[0] >> 6 == 2 else { return .pass }
            noteLife(of: line, at: now)
            counters.lines[line].control += 1
            guard control.isCopy(datagram, on: line, at: now) else { return .pass }
            counters.controlDuplicates += 1
            return .duplicate
        }
        guard let header = RTPHeader(parsing: datagram) else { return .pass }
        noteLife(of: line, at: now)
        counters.lines[line].packets += 1
        return receive(header, on: line, at: now)
    }

    private mutating func receive(_ header: RTPHeader, on line: Line, at now: Instant) -> Verdict {
        guard let index = stream(of: header, at: now), let finding = streams[index]?.receive(header, on: line, at: now)
        else {
            counters.untracked += 1
            return .pass
        }
        if let lateness = finding.skew { skew.add(lateness) }
        if finding.verdict == .duplicate { counters.duplicates += 1 }
        if finding.verdict == .stale { counters.stale += 1 }
        return finding.verdict
    }

    /// The stream of a packet; a new one takes a free place, or that of the stream silent for longest. A stream in use
    /// gives way to none: a flood of SSRCs finds no place, and passes to the session that counts it.
    private mutating func stream(of header: RTPHeader, at now: Instant) -> Int? {
        var place: Int?
        var oldest = now - Self.silence
        for index in 0..<Self.streamLimit {
            guard let stream = streams[index] else {
                place = place ?? index
                oldest = Instant(nanoseconds: .min)
                continue
            }
            if stream.ssrc == header.ssrc { return index }
            if stream.lastArrival < oldest {
                oldest = stream.lastArrival
                place = index
            }
        }
        guard let place else { return nil }
        if let last = streams[place] { counters.add(last) }
        streams[place] = MergedStream(
            header, clockRate: clockRate, slots: slots + place * MergedStream.capacity, at: now)
        return place
    }

    // MARK: Life

    private mutating func noteLife(of line: Line, at now: Instant) {
        counters.lines[line].lastArrival = now
        firstArrival = firstArrival ?? now
    }

    /// When a line is dead if nothing comes by it.
    private func death(of line: Line) -> Instant {
        (counters.lines[line].lastArrival ?? firstArrival).map { $0 + Self.silence } ?? .distantFuture
    }

    private func isAlive(_ line: Line, at now: Instant) -> Bool {
        counters.lines[line].lastArrival != nil && now < death(of: line)
    }

    /// When to call `next` though nothing came in.
    package var deadline: Instant { min(deadline(of: .first), deadline(of: .second)) }

    private func deadline(of line: Line) -> Instant { announced[line] == false ? .distantFuture : death(of: line) }

    /// The next thing to be said of the lines; call it until it returns `nil`.
    package mutating func next(at now: Instant) -> LineEvent? {
        change(of: .first, at: now) ?? change(of: .second, at: now)
    }

    private mutating func change(of line: Line, at now: Instant) -> LineEvent? {
        let isAlive = isAlive(line, at: now)
        guard isAlive != announced[line], isAlive || now >= death(of: line) else { return nil }
        announced[line] = isAlive
        if isAlive { joined = now } else { skew.reset() }
        return isAlive ? .alive(line) : .dead(line)
    }

    // MARK: State

    /// How long a gap must be waited for so that the slower line can fill it, by what was measured; zero while there is
    /// only one. An `AudioJitterBuffer` holds at least that beyond its packet.
    package var requiredWait: Interval {
        announced.first == true && announced.second == true ? skew.wait : .zero
    }

    /// How long a gap may be waited for now: the least window of a `VideoReceiver`, to be set before it gets a packet.
    ///
    /// A line that comes back ahead of the other one leaves a gap that the other one is about to fill. How far it is
    /// ahead is not known until that has happened, so that for as long the gap is waited for as may be.
    package func gapWait(at now: Instant) -> Interval {
        guard !skew.isKnown, announced.first == true, announced.second == true, now - joined < Self.acquaintance else {
            return requiredWait
        }
        return Self.longestWait
    }

    package func statistics(at now: Instant) -> Statistics {
        var all = counters
        for index in 0..<Self.streamLimit { if let stream = streams[index] { all.add(stream) } }
        for line in Line.allCases { all.lines[line].isAlive = isAlive(line, at: now) }
        all.skew = skew.median
        all.largestSkew = skew.largest
        all.requiredWait = requiredWait
        return all
    }
}
