import Media

/// The sound of a conference. Sources give a block each tick, programs add up the loudest of those they take, and each
/// listener hears its program without itself. Each tick of 20 ms:
///
///     for each source that has sound { fill(mixer.input(source)) }
///     mixer.mix()
///     for each listener { encode mixer.block(mixer.mix(of: listener)), once per distinct mix }
///
/// `SharedEncoding` does the last line. The work is proportional to sources plus distinct mixes; nothing is allocated
/// but in the calls that add something. Sources, programs and listeners go by indices, which are used again when free.
/// A wrong index is a bug and traps.
package struct AudioMixer: ~Copyable {
    private struct Listener {
        var isUsed = false
        var program = 0
        var source: Int?
        var mix = 0
    }

    private var sources: [MixerSource] = []
    private var inputs = AudioBlockStorage(capacity: 16)
    private var candidates = UnsafeMutableBufferPointer<LoudestSelection.Candidate>.allocate(capacity: 0)
    private var programs: [ProgramMix?] = []
    private var listeners: [Listener] = []
    private var plan = MixPlan()
    private var loudest: Int

    /// - Parameter loudest: how many sources are in a program's sum at once.
    package init(loudest: Int = 4) { self.loudest = max(1, loudest) }

    deinit { candidates.deallocate() }

    // MARK: Control

    /// Adds a source and gives its index.
    ///
    /// - Parameter gain: in dB, held within -100 to 40; NaN means 0.
    package mutating func addSource(gain: Double = 0, isMuted: Bool = false) -> Int {
        let source = sources.firstIndex { !$0.isUsed } ?? sources.count
        if source == sources.count { sources.append(MixerSource()) }
        sources[source] = MixerSource()
        sources[source].isUsed = true
        sources[source].isMuted = isMuted
        inputs.reserve(sources.count)
        inputs[source].clear()
        if candidates.count < sources.count {
            candidates.deallocate()
            candidates = .allocate(capacity: 2 * sources.count)
            candidates.initialize(repeating: LoudestSelection.Candidate(isEligible: false, current: 0, held: 0))
        }
        for program in programs.indices {
            programs[program]?.reserve(sources.count)
            programs[program]?.renew(source)
        }
        setGain(gain, source: source)
        return source
    }

    /// Takes a source off; it fades out over the next tick. Its listeners stay, and hear the whole mix.
    package mutating func removeSource(_ source: Int) {
        precondition(sources[source].isUsed && !sources[source].isLeaving, "no such source")
        sources[source].isLeaving = true
        for listener in listeners.indices where listeners[listener].isUsed && listeners[listener].source == source {
            programs[listeners[listener].program]?.leave(source: source)
            listeners[listener].source = nil
            programs[listeners[listener].program]?.join(source: nil)
        }
    }

    /// Sets a source's gain in dB; it takes effect over the next block.
    package mutating func setGain(_ decibels: Double, source: Int) {
        sources[source].decibels = decibels.isNaN ? 0 : Float(min(max(decibels, -100), 40))
    }

    /// Mutes a source for all listeners, or no longer; it takes effect over the next block. Levels are still measured.
    package mutating func setMuted(_ isMuted: Bool, source: Int) { sources[source].isMuted = isMuted }

    /// Sets how many sources are in a sum at once.
    package mutating func setLoudest(_ count: Int) {
        loudest = max(1, count)
        for program in programs.indices { programs[program]?.setLimit(loudest) }
    }

    /// Adds a program and gives its index.
    package mutating func addProgram(_ rule: MixRule = .all) -> Int {
        let program = programs.firstIndex { $0 == nil } ?? programs.count
        if program == programs.count { programs.append(nil) }
        reservePlan()
        var mix = ProgramMix(rule: rule, shared: plan.make(from: nil), limit: loudest)
        mix.reserve(sources.count)
        programs[program] = mix
        return program
    }

    /// Changes which sources a program takes; they fade in and out over the next block.
    package mutating func setRule(_ rule: MixRule, program: Int) { programs[program]?.rule = rule }

    /// Ends a program that nobody listens to any more.
    package mutating func removeProgram(_ program: Int) {
        precondition(programs[program]?.listeners == 0, "a program with listeners, or none at all")
        programs[program]?.close(plan: &plan)
        programs[program] = nil
    }

    /// Adds a listener to a program and gives its index.
    ///
    /// - Parameter source: the source that is the listener's own, which it must not hear; `nil` if it has none.
    package mutating func addListener(program: Int, source: Int?) -> Int {
        let listener = listeners.firstIndex { !$0.isUsed } ?? listeners.count
        if listener == listeners.count { listeners.append(Listener()) }
        listeners[listener] = Listener(isUsed: true, program: program, source: source)
        reservePlan()
        attach(listener)
        return listener
    }

    /// Takes a listener off.
    package mutating func removeListener(_ listener: Int) {
        detach(listener)
        listeners[listener] = Listener()
    }

    /// Moves a listener to another program.
    package mutating func move(listener: Int, to program: Int) {
        detach(listener)
        listeners[listener].program = program
        attach(listener)
    }

    private mutating func attach(_ listener: Int) {
        let program = listeners[listener].program
        precondition(programs.indices.contains(program) && programs[program] != nil, "no such program")
        programs[program]?.join(source: listeners[listener].source)
        listeners[listener].mix = programs[program]?.mix(for: listeners[listener].source) ?? 0
    }

    private mutating func detach(_ listener: Int) {
        precondition(listeners[listener].isUsed, "no such listener")
        programs[listeners[listener].program]?.leave(source: listeners[listener].source)
    }

    private mutating func reservePlan() { plan.reserve(programs.count + listeners.count + 1) }

    // MARK: Tick

    /// The block a source fills before `mix()`: all 960 samples, full scale at 1. What is no number is taken for 0. A
    /// source whose block is not asked for in a tick is silent in it; it is faded out, not cut off.
    package mutating func input(_ source: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(sources[source].isUsed && !sources[source].isLeaving, "no such source")
        sources[source].isFilled = true
        return inputs[source].buffer
    }

    /// Makes every mix of this tick.
    package mutating func mix() {
        plan.turn()
        for source in sources.indices where sources[source].isUsed {
            if sources[source].isLeaving { sources[source].isFilled = false }
            sources[source].measure(inputs[source])
        }
        for program in programs.indices where programs[program] != nil {
            programs[program]?.select(candidates, sources: sources)
            programs[program]?.sum(inputs, plan: &plan)
        }
        for listener in listeners.indices where listeners[listener].isUsed {
            listeners[listener].mix =
                programs[listeners[listener].program]?.mix(for: listeners[listener].source) ?? 0
        }
        for source in sources.indices where sources[source].isUsed {
            sources[source].wasFilled = sources[source].isFilled
            sources[source].isFilled = false
            if sources[source].isLeaving { sources[source].isUsed = false }
        }
    }

    // MARK: What came of it

    /// The mix a listener hears in this tick. Listeners with the same index hear the same samples.
    package func mix(of listener: Int) -> Int { listeners[listener].mix }
    /// A mix's samples; they hold until the next `mix()`.
    package func block(_ mix: Int) -> AudioBlock { plan.block(mix) }
    /// A mix's samples one tick earlier; of a new mix, what its listeners heard then.
    package func previousBlock(_ mix: Int) -> AudioBlock { plan.previousBlock(mix) }
    /// Indices of mixes are below this; it grows only when something is added.
    package var mixCapacity: Int { plan.capacity }
    /// Whether there is such a mix in this tick.
    package func isLive(mix: Int) -> Bool { plan.isLive(mix) }
    /// The gain a mix's limiter ended the block with; 1: untouched.
    package func limiterGain(_ mix: Int) -> Float { plan.gain(mix) }
    /// What a source filled its block with in this tick, as long as none asks for it again; of one that did not, an older one.
    package func received(_ source: Int) -> AudioBlock { inputs[source] }
    /// How loud a source was, before gain and mute.
    package func level(_ source: Int) -> SoundLevel { sources[source].level }
    /// Whether a program's sum held a source in this tick.
    package func contains(_ source: Int, program: Int) -> Bool { programs[program]?.contains(source) ?? false }
}
