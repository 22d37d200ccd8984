import Media

/// New SSRCs on probation (RFC 3550 appendix A.1): each must show two packets in order before it counts. Eight at most:
/// a flood of random SSRCs pushes out the oldest and costs nothing more.
struct CandidateTable {
    static let capacity = 8

    private struct Candidate {
        var ssrc: UInt32
        var nextSequence: UInt16
        var isProven: Bool
        var lastArrival: Instant
    }

    private var candidates: [Candidate] = []

    init() { candidates.reserveCapacity(Self.capacity) }

    var count: Int { candidates.count }

    /// Takes a packet of a source that is not the active one, and says whether the source is proven.
    mutating func receive(_ header: RTPHeader, at now: Instant) -> Bool {
        if let index = candidates.firstIndex(where: { $0.ssrc == header.ssrc }) {
            let isInOrder = candidates[index].nextSequence == header.sequence
            candidates[index].isProven = candidates[index].isProven || isInOrder
            candidates[index].nextSequence = header.sequence &+ 1
            candidates[index].lastArrival = now
            return candidates[index].isProven
        }
        let candidate = Candidate(
            ssrc: header.ssrc, nextSequence: header.sequence &+ 1, isProven: false, lastArrival: now)
        if candidates.count < Self.capacity {
            candidates.append(candidate)
        } else if let oldest = candidates.indices.min(by: { candidates[$0].lastArrival < candidates[$1].lastArrival }) {
            candidates[oldest] = candidate
        }
        return false
    }

    mutating func remove(_ ssrc: UInt32) {
        candidates.removeAll { $0.ssrc == ssrc }
    }
}
