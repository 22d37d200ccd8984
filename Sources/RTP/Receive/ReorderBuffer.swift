import Media

/// Puts the packets of one video stream back in order. Where nothing is missing nothing is held or copied: only packets
/// behind a gap wait in a slot, until the gap is filled, or `window` is over, or it is given up.
///
/// Every `insert` is followed by `while let release = buffer.next(at: now)`; `deadline` says when to drain again.
package struct ReorderBuffer: ~Copyable {
    /// What became of a packet.
    package enum Insertion: Equatable, Sendable {
        /// It is the next one and was not copied: the caller takes it from its own bytes, before draining `next`.
        case inOrder
        /// As `inOrder`, but the stream starts anew with it: sequence numbers or timestamps jumped, and what was held
        /// has been thrown away.
        case restart
        /// It waits in a slot behind a gap.
        case queued
        /// It was here before.
        case duplicate
        /// It was given up already.
        case late
        /// The slots are full: it was dropped, and the oldest gap is waited for no longer.
        case overflow
        /// It is larger than a slot.
        case oversized
    }

    /// What comes out, in order.
    package enum Release {
        /// Its payload lies in a slot and holds until the next `insert`.
        case packet(VideoPacket)
        /// These packets didn't come in time.
        case lost(Range<Int64>)
    }

    package struct Statistics: Equatable, Sendable {
        package var duplicate = 0
        package var late = 0
        /// Packets that came after one with a higher sequence number, and in time.
        package var reordered = 0
        package var lost = 0
        package var overflow = 0
        package var oversized = 0
        package var restarts = 0
    }

    private struct Slot {
        var isFilled = false
        var marker = false
        var codec = VideoCodec.h264
        var length = 0
        var sequence: Int64 = 0
        var timestamp: Int64 = 0
        var arrival = Instant.zero
    }

    /// How long a gap is waited for, from the arrival of the first packet behind it. A change holds at once.
    package var window: Interval
    package private(set) var statistics = Statistics()
    /// How many packets wait.
    package private(set) var held = 0

    private let capacity: Int
    private let slotSize: Int
    private let slots: UnsafeMutablePointer<Slot>
    private let bytes: UnsafeMutableRawPointer

    /// The sequence number expected next; `nil` before the first packet.
    private var expected: Int64?
    /// One past the highest sequence number held; meaningful while `held > 0`.
    private var end: Int64 = 0
    /// When the first packet behind the gap at `expected` came; meaningful while `held > 0`.
    private var gapOpened = Instant.zero
    /// Gaps below are waited for no longer.
    private var abandoned = Int64.min
    private var lastTimestamp: Int64 = 0
    private var history = SequenceHistory()
    /// The sequence number that would prove that a packet from far behind began a new stream (RFC 3550 appendix A.1).
    private var restartCandidate: Int64?

    /// A gap whose far side is more than this away in time is no gap: the sender began anew. 10 s in 90 kHz ticks.
    private static let largestGap: Int64 = 10 * 90_000

    /// - Parameters:
    ///   - capacity: slots, a power of two. The memory is made here, once: `capacity * slotSize` bytes, of which the
    ///     system takes only what has ever been written. 1024 packets of 1200 bytes are 400 ms at 20 Mbit/s.
    ///   - slotSize: the largest payload that can wait.
    package init(capacity: Int = 1024, slotSize: Int = 2048, window: Interval = .milliseconds(40)) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "the capacity is a power of two")
        self.capacity = capacity
        self.slotSize = slotSize
        self.window = window
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        bytes = .allocate(byteCount: capacity * slotSize, alignment: 64)
    }

    deinit {
        slots.deallocate()
        bytes.deallocate()
    }

    /// When `next` has something to say though nothing came in.
    package var deadline: Instant {
        guard held > 0, let expected else { return .distantFuture }
        return expected < abandoned ? .zero : gapOpened + window
    }

    /// The sequence number behind the highest that came: those between two of its values are missing. `nil` before the
    /// first packet.
    package var nextNew: Int64? { held > 0 ? end : expected }

    /// The gaps before `sequence` are waited for no longer.
    package mutating func giveUp(before sequence: Int64) { abandoned = max(abandoned, sequence) }

    /// Takes one packet; see `Insertion` for who has its bytes then.
    package mutating func insert(_ packet: VideoPacket, at now: Instant) -> Insertion {
        guard let expected else { return start(with: packet) }
        let distance = packet.sequence &- expected
        if distance == 0 {
            pass(packet)
            return .inOrder
        }
        return distance < 0 ? insertOld(packet, distance) : insertAhead(packet, distance, at: now)
    }

    /// What is due by `now`, in order; `nil` when there is nothing to hand out for the time being.
    package mutating func next(at now: Instant) -> Release? {
        guard held > 0, let expected else { return nil }
        let index = slot(of: expected)
        if slots[index].isFilled {
            let packet = take(index)
            if held > 0, !slots[slot(of: expected + 1)].isFilled { openGap() }
            return .packet(packet)
        }
        guard now >= deadline else { return nil }
        var found = expected + 1
        while !slots[slot(of: found)].isFilled { found += 1 }
        let count = found - expected
        statistics.lost += Int(count)
        history.pass(Int(count), arrived: false)
        self.expected = found
        return .lost(expected..<found)
    }

    /// Forgets the stream: the next packet is the first of another.
    package mutating func reset() {
        clear()
        expected = nil
        restartCandidate = nil
        history = SequenceHistory()
        abandoned = .min
    }

    private mutating func start(with packet: VideoPacket) -> Insertion {
        expected = packet.sequence
        pass(packet)
        return .inOrder
    }

    private mutating func restart(with packet: VideoPacket) -> Insertion {
        statistics.restarts += 1
        reset()
        expected = packet.sequence
        pass(packet)
        return .restart
    }

    /// A packet from before `expected`, `distance` is negative.
    private mutating func insertOld(_ packet: VideoPacket, _ distance: Int64) -> Insertion {
        if history.hasArrived(before: -distance) {
            statistics.duplicate += 1
            return .duplicate
        }
        // One stray packet from far behind is nothing; two that follow each other are a sender that began anew.
        if distance < -Int64(capacity) {
            if restartCandidate == packet.sequence { return restart(with: packet) }
            restartCandidate = packet.sequence &+ 1
        }
        statistics.late += 1
        return .late
    }

    private mutating func insertAhead(_ packet: VideoPacket, _ distance: Int64, at now: Instant) -> Insertion {
        guard distance < capacity else {
            guard held * 2 >= capacity else { return restart(with: packet) }
            statistics.overflow += 1
            giveUp(before: expected.map { $0 + 1 } ?? .min)
            return .overflow
        }
        let timeAcross = packet.timestamp &- lastTimestamp
        guard timeAcross.magnitude <= Self.largestGap.magnitude else { return restart(with: packet) }
        let index = slot(of: packet.sequence)
        guard !slots[index].isFilled else {
            statistics.duplicate += 1
            return .duplicate
        }
        guard packet.payload.count <= slotSize else {
            statistics.oversized += 1
            return .oversized
        }
        if held == 0 {
            gapOpened = now
            end = packet.sequence + 1
        } else if packet.sequence + 1 < end {
            statistics.reordered += 1
        }
        end = max(end, packet.sequence + 1)
        held += 1
        slots[index] = Slot(
            isFilled: true, marker: packet.marker, codec: packet.codec, length: packet.payload.count,
            sequence: packet.sequence, timestamp: packet.timestamp, arrival: packet.arrival)
        UnsafeMutableRawBufferPointer(start: bytes + index * slotSize, count: slotSize).copyMemory(from: packet.payload)
        return .queued
    }

    /// Counts the expected packet as gone by.
    private mutating func pass(_ packet: VideoPacket) {
        if held > 0 { statistics.reordered += 1 }
        advance(past: packet.sequence, timestamp: packet.timestamp)
        if held > 0, !slots[slot(of: packet.sequence &+ 1)].isFilled { openGap() }
    }

    private mutating func take(_ index: Int) -> VideoPacket {
        let slot = slots[index]
        slots[index].isFilled = false
        held -= 1
        advance(past: slot.sequence, timestamp: slot.timestamp)
        return VideoPacket(
            codec: slot.codec, sequence: slot.sequence, timestamp: slot.timestamp, marker: slot.marker,
            arrival: slot.arrival, payload: UnsafeRawBufferPointer(start: bytes + index * slotSize, count: slot.length))
    }

    private mutating func advance(past sequence: Int64, timestamp: Int64) {
        expected = sequence &+ 1
        lastTimestamp = timestamp
        history.pass(1, arrived: true)
        restartCandidate = nil
    }

    /// Dates the gap now at the front by the first arrival behind it.
    private mutating func openGap() {
        guard let expected else { return }
        var first = Instant.distantFuture
        for sequence in expected..<end {
            let slot = slots[slot(of: sequence)]
            if slot.isFilled { first = min(first, slot.arrival) }
        }
        gapOpened = first
    }

    private mutating func clear() {
        for index in 0..<capacity { slots[index].isFilled = false }
        held = 0
    }

    private func slot(of sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence) & (capacity - 1) }
}
