import Media

/// Which lost packets to ask for, and when (RFC 4585 section 6.2.1): as soon as a gap is no mere reordering, then again
/// after each round trip, until the packet comes or is given up. On a line that loses many requests or answers each round is
/// asked for more than once, moments apart: a picture that needs a third round stands for too long. It holds no bytes.
///
/// After `missing`, and when `deadline` has come, `next` is called until it returns `nil`.
package struct NackGenerator: Sendable {
    package struct Statistics: Equatable, Sendable {
        /// Packets that were missing.
        package var missing = 0
        /// Packets asked for, and how often in all.
        package var requested = 0
        package var requests = 0
        /// Of the requests, those that said again what was said a moment before.
        package var echoes = 0
        /// Of those asked for, how many came, in time or not, and how many were given up.
        package var repaired = 0
        package var abandoned = 0
        /// Times so many were missing at once that all were given up.
        package var overruns = 0

        package init() {}
    }

    private struct Entry {
        var sequence: Int64
        var opened: Instant
        var due: Instant
        var firstRequest = Instant.zero
        /// Rounds: a request and its echo are one.
        var requests = 0
        var roundStart = Instant.zero
        /// How often the request of this round is to be said again.
        var echoes = 0
    }

    /// A packet that was asked for and given up: its answer may still tell that the peer answers, and how fast.
    private struct Abandoned {
        var sequence: Int64
        var firstRequest: Instant
        var requests: Int
    }

    /// More missing packets than this are beyond repair.
    package static let capacity = 256
    private static let abandonedCapacity = 64
    /// NACKs are gathered for this long.
    static let pause = Interval.milliseconds(5)
    private static let mostEchoes = 2
    /// Each request costs this much time, of which half a second can be saved up: 1000 a second.
    private static let cost = Interval.milliseconds(1)
    private static let largestCredit = Interval.milliseconds(512)
    /// Packets asked for in vain after which a peer counts as one that doesn't answer: one that never did, and one that
    /// has.
    private static let patience = (stranger: 20, known: 200)
    /// The same in gaps: one burst, or one lost NACK, says little.
    private static let gapPatience = 3
    /// How often such a peer is tried again.
    static let probePause = Interval.seconds(5)

    package private(set) var timing: RepairTiming
    package private(set) var statistics = Statistics()
    /// Whether asking is of use, as far as is known.
    package private(set) var isAnswered = true

    /// By sequence number, rising.
    private var entries: [Entry] = []
    private var abandoned: [Abandoned] = []
    private var oldestAbandoned = 0
    /// When the next request may be due; never later than the first one is.
    private var earliest = Instant.distantFuture
    /// Where `next` goes on; 0 when it begins anew.
    private var cursor = 0
    private var nextBatch = Instant.zero
    private var hasEverAnswered = false
    private var inVain = 0
    private var gapsInVain = 0
    private var nextProbe = Instant.zero
    private var credit = Self.largestCredit
    private var creditedAt = Instant.zero

    package init(settings: RepairTiming.Settings = RepairTiming.Settings()) {
        timing = RepairTiming(settings: settings)
        entries.reserveCapacity(Self.capacity)
        abandoned.reserveCapacity(Self.abandonedCapacity)
    }

    /// Packets that are missing and not given up.
    package var outstanding: Int { entries.count }

    /// When `next` may have something to say.
    package var deadline: Instant { entries.isEmpty ? .distantFuture : earliest }

    /// How long a gap is worth waiting for, at least `floor`: what is waited for anyway.
    package func window(atLeast floor: Interval) -> Interval { isWorthwhile ? timing.window(atLeast: floor) : floor }

    /// Where it is not, a probe is sent now and then: the line may have become another.
    private var isWorthwhile: Bool { isAnswered && timing.canBeInTime }

    /// The round trip by RTCP.
    package mutating func noteRoundTrip(_ roundTrip: Interval?) { timing.reported = roundTrip }

    // MARK: What came

    /// A gap was seen: these packets, higher than all before, were overtaken.
    /// - Returns: `false` if there are too many of them: nothing is asked for, and all gaps had better be given up.
    package mutating func missing(_ sequences: Range<Int64>, at now: Instant) -> Bool {
        statistics.missing += sequences.count
        guard entries.count + sequences.count <= Self.capacity else {
            statistics.overruns += 1
            clear()
            return false
        }
        let due = now + timing.allowance
        for sequence in sequences { entries.append(Entry(sequence: sequence, opened: now, due: due)) }
        earliest = min(earliest, max(due, nextBatch))
        cursor = 0
        return true
    }

    /// A packet came that was missing.
    package mutating func arrived(_ sequence: Int64, _ origin: PacketOrigin, at now: Instant) {
        guard let index = index(of: sequence) else { return }
        let entry = entries.remove(at: index)
        cursor = 0
        guard origin != .recovery else { return }
        let isAnswer =
            entry.requests > 0 && (origin == .retransmission || !timing.isTooEarly(now - entry.firstRequest))
        if isAnswer {
            noteAnswer(firstRequest: entry.firstRequest, requests: entry.requests, at: now)
        } else {
            timing.noteReordering(now - entry.opened)
        }
    }

    /// A packet came that had been given up.
    package mutating func arrivedLate(_ sequence: Int64, at now: Instant) {
        guard let index = abandoned.firstIndex(where: { $0.sequence == sequence }) else { return }
        let found = abandoned[index]
        abandoned[index].sequence = .min
        noteAnswer(firstRequest: found.firstRequest, requests: found.requests, at: now)
    }

    /// Packets below `sequence` are waited for no longer.
    package mutating func giveUp(before sequence: Int64) {
        let count = entries.firstIndex { $0.sequence >= sequence } ?? entries.count
        guard count > 0 else { return }
        let before = inVain
        for index in 0..<count { abandon(entries[index]) }
        entries.removeFirst(count)
        cursor = 0
        guard inVain > before else { return }
        gapsInVain += 1
        let patience = hasEverAnswered ? Self.patience.known : Self.patience.stranger
        if inVain >= patience, gapsInVain >= Self.gapPatience { isAnswered = false }
    }

    /// Nothing that is missing now is of use.
    package mutating func clear() {
        entries.removeAll(keepingCapacity: true)
        earliest = .distantFuture
        cursor = 0
    }

    /// Another stream begins; what is known of the line stays.
    package mutating func streamChanged() {
        clear()
        abandoned.removeAll(keepingCapacity: true)
        oldestAbandoned = 0
    }

    // MARK: What to ask for

    /// The next packet to ask for now, in rising order; `nil` when there is none for the time being.
    package mutating func next(at now: Instant) -> Int64? {
        guard now >= deadline else { return nil }
        if cursor == 0, !mayAsk(at: now) { return nil }
        nextBatch = now + Self.pause
        while cursor < entries.count {
            let index = cursor
            cursor += 1
            guard now >= entries[index].due else { continue }
            guard credit >= Self.cost else {
                return rest(until: nextBatch)
            }
            credit = credit - Self.cost
            return request(index, at: now)
        }
        var due = Instant.distantFuture
        for entry in entries { due = min(due, entry.due) }
        return rest(until: max(due, nextBatch))
    }

    /// Whether a peer that doesn't answer, or not in time, is to be tried again; and what may be asked for since the
    /// last time.
    private mutating func mayAsk(at now: Instant) -> Bool {
        credit = min(credit + (now - creditedAt), Self.largestCredit)
        creditedAt = now
        guard !isWorthwhile else { return true }
        guard now >= nextProbe else {
            _ = rest(until: nextProbe)
            return false
        }
        nextProbe = now + Self.probePause
        return true
    }

    private mutating func request(_ index: Int, at now: Instant) -> Int64 {
        if entries[index].requests == 0 {
            entries[index].firstRequest = now
            statistics.requested += 1
            timing.noteLoss()
        }
        statistics.requests += 1
        if entries[index].echoes > 0 {
            statistics.echoes += 1
            entries[index].echoes -= 1
        } else {
            entries[index].requests += 1
            entries[index].roundStart = now
            // The longer it takes, the more depends on it.
            entries[index].echoes = timing.isLossy ? min(entries[index].requests, Self.mostEchoes) : 0
        }
        if entries[index].echoes > 0 {
            entries[index].due = now + RepairTiming.echoPause
        } else {
            entries[index].due = max(entries[index].roundStart + timing.retryPause, now + RepairTiming.echoPause)
        }
        return entries[index].sequence
    }

    private mutating func rest(until instant: Instant) -> Int64? {
        earliest = instant
        cursor = 0
        return nil
    }

    // MARK: Whether it is of use

    private mutating func noteAnswer(firstRequest: Instant, requests: Int, at now: Instant) {
        statistics.repaired += 1
        isAnswered = true
        hasEverAnswered = true
        inVain = 0
        gapsInVain = 0
        timing.noteAnswer(after: now - firstRequest, failures: requests - 1)
    }

    private mutating func abandon(_ entry: Entry) {
        guard entry.requests > 0 else { return }
        statistics.abandoned += 1
        timing.noteFailure(requests: entry.requests)
        inVain += 1
        let record = Abandoned(
            sequence: entry.sequence, firstRequest: entry.firstRequest, requests: entry.requests)
        if abandoned.count < Self.abandonedCapacity {
            abandoned.append(record)
        } else {
            abandoned[oldestAbandoned] = record
            oldestAbandoned = (oldestAbandoned + 1) % Self.abandonedCapacity
        }
    }

    private func index(of sequence: Int64) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].sequence == sequence ? low : nil
    }
}
