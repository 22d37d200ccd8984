import Media

/// Who is in a program's sum: the loudest few of the sources that sound. Everyone who makes any sound is in while there
/// is a place, so no steady tone is ever gated; with all places taken a source must be clearly louder for a while, so
/// nobody flaps on a syllable and no cough cuts a speaker off.
struct LoudestSelection {
    /// What the selection looks at, of one source.
    struct Candidate {
        /// Whether it may be in: it sends, is not muted, and the program takes it.
        var isEligible: Bool
        /// As it would be heard: levels in dBov with the gain added.
        var current: Float
        var held: Float
    }

    private struct Place {
        var isTaken = false
        // Ticks by which it was louder than the weakest, less those it was not.
        var challenge = 0
    }

    /// How many places there are.
    var limit: Int
    private var places: [Place] = []
    private(set) var taken = 0

    /// Louder than this, in dBov, is sound: 4 dB below the rounding noise of 16 bits.
    static let audible: Float = -100
    /// By how many dB a challenger must be louder.
    static let margin: Float = 3
    /// For how many ticks: 160 ms, longer than a cough.
    static let patience = 8

    init(limit: Int) { self.limit = limit }

    mutating func reserve(_ count: Int) {
        while places.count < count { places.append(Place()) }
    }

    func contains(_ source: Int) -> Bool { places[source].isTaken }

    /// Picks anew. `candidates` has one for each source that there is room for.
    mutating func update(_ candidates: UnsafeBufferPointer<Candidate>) {
        let waiting = release(candidates)
        while taken > limit, let weakest = weakestInside(candidates) { dismiss(weakest) }
        if waiting == 0 { return }
        if taken + waiting <= limit {
            admitAll(candidates)
        } else if taken < limit {
            while taken < limit, let next = loudestOutside(candidates) { admit(next) }
        } else {
            challenge(candidates)
        }
    }

    // Frees the places of those who may not be in or made no sound for the time a level is held; counts who waits.
    private mutating func release(_ candidates: UnsafeBufferPointer<Candidate>) -> Int {
        var waiting = 0
        for source in places.indices {
            let candidate = candidates[source]
            if places[source].isTaken {
                if !candidate.isEligible || candidate.held <= Self.audible { dismiss(source) }
            } else if candidate.isEligible && candidate.current > Self.audible {
                waiting += 1
            } else {
                places[source].challenge = max(0, places[source].challenge - 1)
            }
        }
        return waiting
    }

    private mutating func admitAll(_ candidates: UnsafeBufferPointer<Candidate>) {
        for source in places.indices where isWaiting(source, candidates) { admit(source) }
    }

    private mutating func challenge(_ candidates: UnsafeBufferPointer<Candidate>) {
        guard let weakest = weakestInside(candidates) else { return }
        let bar = candidates[weakest].held + Self.margin
        var winner: Int?
        for source in places.indices where isWaiting(source, candidates) {
            let isLouder = candidates[source].current > bar
            places[source].challenge = isLouder ? places[source].challenge + 1 : max(0, places[source].challenge - 1)
            guard isLouder, places[source].challenge >= Self.patience else { continue }
            if winner.map({ candidates[source].held > candidates[$0].held }) ?? true { winner = source }
        }
        if let winner {
            dismiss(weakest)
            admit(winner)
        }
    }

    private func weakestInside(_ candidates: UnsafeBufferPointer<Candidate>) -> Int? {
        var weakest: Int?
        for source in places.indices where places[source].isTaken {
            if weakest.map({ candidates[source].held < candidates[$0].held }) ?? true { weakest = source }
        }
        return weakest
    }

    private func loudestOutside(_ candidates: UnsafeBufferPointer<Candidate>) -> Int? {
        var loudest: Int?
        for source in places.indices where isWaiting(source, candidates) {
            if loudest.map({ candidates[source].held > candidates[$0].held }) ?? true { loudest = source }
        }
        return loudest
    }

    private func isWaiting(_ source: Int, _ candidates: UnsafeBufferPointer<Candidate>) -> Bool {
        !places[source].isTaken && candidates[source].isEligible && candidates[source].current > Self.audible
    }

    private mutating func admit(_ source: Int) {
        places[source] = Place(isTaken: true)
        taken += 1
    }

    private mutating func dismiss(_ source: Int) {
        places[source] = Place()
        taken -= 1
    }
}
