import Media

/// The distinct mixes of a conference: per program one that all share who are not in its sum, and one for each source
/// in the sum that somebody hears without. A mix keeps its index, limiter and blocks while it lives.
struct MixPlan: ~Copyable {
    private enum State {
        case free
        case live
        // Over, and not yet free: for a whole tick nobody takes its index over, so that whoever encodes by index sees it
        // end. The ticks that begin before it is free.
        case retired(Int)
    }

    private struct Mix {
        var state = State.free
        var limiter = Limiter()
    }

    private var mixes: [Mix] = []
    // Two blocks a mix: the one being made, and that of the tick before.
    private var blocks = AudioBlockStorage(capacity: 2)
    private var parity = 0

    /// Indices are below this.
    var capacity: Int { mixes.count }

    func isLive(_ mix: Int) -> Bool {
        if case .live = mixes[mix].state { true } else { false }
    }
    func block(_ mix: Int) -> AudioBlock { blocks[2 * mix + parity] }
    func previousBlock(_ mix: Int) -> AudioBlock { blocks[2 * mix + 1 - parity] }

    /// Makes room for `count` live mixes. Control path.
    mutating func reserve(_ count: Int) {
        // As many may be retired as are live.
        while mixes.count < 2 * count { mixes.append(Mix()) }
        blocks.reserve(2 * mixes.count)
    }

    /// Begins a tick: what was the newest block of each mix becomes its previous one.
    mutating func turn() {
        parity = 1 - parity
        for mix in mixes.indices {
            guard case .retired(let turns) = mixes[mix].state else { continue }
            mixes[mix].state = turns > 1 ? .retired(turns - 1) : .free
        }
    }

    /// A new mix. What its listeners heard until now was `parent`: it takes over that one's limiter and previous block.
    mutating func make(from parent: Int?) -> Int {
        let mix = firstFree()
        mixes[mix] = Mix(state: .live)
        if let parent {
            mixes[mix].limiter = mixes[parent].limiter
            previousBlock(mix).copy(from: previousBlock(parent))
        } else {
            block(mix).clear()
            previousBlock(mix).clear()
        }
        return mix
    }

    // More than what was reserved is needed only where the control path ends and makes many mixes within one tick.
    private mutating func firstFree() -> Int {
        for mix in mixes.indices {
            if case .free = mixes[mix].state { return mix }
        }
        mixes.append(Mix())
        blocks.reserve(2 * mixes.count)
        return mixes.count - 1
    }

    mutating func retire(_ mix: Int) { mixes[mix].state = .retired(2) }

    mutating func limit(_ mix: Int) { mixes[mix].limiter.process(block(mix)) }
    func gain(_ mix: Int) -> Float { mixes[mix].limiter.gain }
}
