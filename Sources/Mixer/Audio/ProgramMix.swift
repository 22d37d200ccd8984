import Media

/// One program's sum: which sources it takes, who of them is in, with what weight, and who is heard by whom.
struct ProgramMix {
    /// A source's weight in the sum: at the first sample of the block, and at the first of the next.
    struct Weight {
        var start: Float = 0
        var end: Float = 0
        var isHeard: Bool { start > 0 || end > 0 }
    }

    /// A source as its own listeners hear the program.
    private struct Own {
        // How many listeners are this source's site.
        var listeners = 0
        // The mix without the source, if it lives.
        var mix: Int?
        // Ticks since the source was last in the sum.
        var quiet = 0
    }

    let shared: Int
    var rule: MixRule { didSet { applyRule() } }
    private(set) var listeners = 0
    private var selection: LoudestSelection
    private var takes: [Bool] = []
    private var weights: [Weight] = []
    private var own: [Own] = []

    /// Ticks a source's own mix goes on after the source was last in the sum: 2 s. By then its limiter has met that of
    /// the shared mix again, and a short pause in speaking has moved nobody between encoders.
    static let hold = 100

    init(rule: MixRule, shared: Int, limit: Int) {
        self.rule = rule
        self.shared = shared
        selection = LoudestSelection(limit: limit)
    }

    mutating func reserve(_ sources: Int) {
        selection.reserve(sources)
        while weights.count < sources {
            takes.append(rule.takes(weights.count))
            weights.append(Weight())
            own.append(Own())
        }
    }

    mutating func setLimit(_ limit: Int) { selection.limit = limit }

    /// A source was added or came back at this index.
    mutating func renew(_ source: Int) {
        takes[source] = rule.takes(source)
        weights[source] = Weight()
    }

    private mutating func applyRule() {
        for source in takes.indices { takes[source] = rule.takes(source) }
    }

    mutating func join(source: Int?) {
        listeners += 1
        if let source { own[source].listeners += 1 }
    }

    mutating func leave(source: Int?) {
        listeners -= 1
        if let source { own[source].listeners -= 1 }
    }

    /// The mix that a listener who is `source`'s site hears.
    func mix(for source: Int?) -> Int {
        guard let source else { return shared }
        return own[source].mix ?? shared
    }

    func contains(_ source: Int) -> Bool { weights[source].isHeard }

    /// Picks who is in and sets the weights of this tick. `candidates` and `gains` have one for each source.
    mutating func select(
        _ candidates: UnsafeMutableBufferPointer<LoudestSelection.Candidate>, sources: [MixerSource]
    ) {
        for source in weights.indices { candidates[source] = sources[source].candidate(isTaken: takes[source]) }
        selection.update(UnsafeBufferPointer(candidates))
        for source in weights.indices {
            weights[source].start = weights[source].end
            weights[source].end = selection.contains(source) ? sources[source].gain : 0
        }
    }

    /// Adds up the sources and takes each listener's own out again: afterwards every mix of the program has its block.
    mutating func sum(_ inputs: borrowing AudioBlockStorage, plan: inout MixPlan) {
        plan.block(shared).clear()
        for source in weights.indices where weights[source].isHeard {
            addWeighted(
                inputs[source].samples, from: weights[source].start, to: weights[source].end,
                into: plan.block(shared).samples, count: AudioBlock.count)
        }
        for source in own.indices where own[source].listeners > 0 || own[source].mix != nil {
            updateOwn(source, plan: &plan)
            guard let mix = own[source].mix else { continue }
            subtractWeighted(
                inputs[source].samples, from: weights[source].start, to: weights[source].end,
                of: plan.block(shared).samples, into: plan.block(mix).samples, count: AudioBlock.count)
            plan.limit(mix)
        }
        // Last, since the others were made from it.
        plan.limit(shared)
    }

    private mutating func updateOwn(_ source: Int, plan: inout MixPlan) {
        let isWanted = own[source].listeners > 0
        if isWanted, weights[source].isHeard {
            own[source].quiet = 0
            if own[source].mix == nil { own[source].mix = plan.make(from: shared) }
        } else if let mix = own[source].mix {
            own[source].quiet += 1
            guard !isWanted || own[source].quiet > Self.hold else { return }
            own[source].mix = nil
            plan.retire(mix)
        }
    }

    /// Ends all mixes of the program.
    mutating func close(plan: inout MixPlan) {
        for source in own.indices {
            if let mix = own[source].mix { plan.retire(mix) }
            own[source].mix = nil
        }
        plan.retire(shared)
    }
}
