/// What one site has heard: who spoke, when, and how loud, made out from the tones alone. No clock is trusted; what
/// nobody said in a turn shows by the turns around it.
package struct HearingLog: Sendable {
    /// One site's tone from where it comes up to where it is gone.
    package struct Turn: Hashable, Sendable {
        package var speaker: Int
        /// Seconds since the log began.
        package var start: Double
        package var end: Double
        /// The loudest of it, in dB.
        package var peak: Double
    }

    /// What became of one site's turns at this listener.
    package struct Outcome: Hashable, Sendable {
        /// Turns in which its tone was there.
        package var present = 0
        /// Turns that went by without it.
        package var passed = 0
        /// Whether a whole round went by since anybody was first heard.
        package var isRoundComplete = false
        /// The least of the turns' peaks, and the most, in dB; `nil`: there was no turn.
        package var faintest: Double?
        package var loudest: Double?
    }

    /// A tone from here on is there, in dB: far below any voice, far above what codecs add to silence.
    package static let presence = -70.0
    /// What is so much softer than all the sound around it isn't a voice but its shadow, in dB.
    private static let shadow = 20.0
    /// A shorter sound is a click, in windows.
    private static let shortest = 3
    /// A tone that is away for longer has ended, in seconds.
    private static let pause = 0.5
    /// How far turns may stand off the schedule: endpoints don't start in the same instant.
    private static let tolerance = 1.5

    package let listener: Int
    /// How many sites speak in turn.
    package let count: Int
    /// Seconds heard.
    package private(set) var duration = 0.0
    /// The loudest that the listener's own tone was while nobody else spoke, since the first turn, in dB.
    package private(set) var ownLevel = ToneWindow.silence
    private var ended: [Turn] = []
    private var hasHeard = false
    private var open: [(turn: Turn, windows: Int)?]

    package init(listener: Int, count: Int) {
        self.listener = listener
        self.count = count
        open = Array(repeating: nil, count: count)
    }

    package mutating func note(_ window: ToneWindow) {
        precondition(window.levels.count == count)
        let now = duration
        duration += ToneMeter.step
        var isOtherPresent = false
        for speaker in 0..<count {
            let level = window.levels[speaker]
            if level >= Self.presence, level >= window.total - Self.shadow {
                isOtherPresent = isOtherPresent || speaker != listener
                var run = open[speaker] ?? (Turn(speaker: speaker, start: now, end: now, peak: level), 0)
                run.turn.end = now + ToneMeter.step
                run.turn.peak = max(run.turn.peak, level)
                run.windows += 1
                hasHeard = hasHeard || run.windows >= Self.shortest
                open[speaker] = run
            } else if let run = open[speaker], now - run.turn.end > Self.pause {
                if run.windows >= Self.shortest { ended.append(run.turn) }
                open[speaker] = nil
            }
        }
        // Of a stranger's loud voice every tone has a shadow.
        let isQuiet = window.total < Self.presence + Self.shadow
        if !isOtherPresent, hasHeard, isQuiet || window.levels[listener] >= window.total - Self.shadow {
            ownLevel = max(ownLevel, window.levels[listener])
        }
    }

    /// Every turn there was, by its start.
    package var turns: [Turn] {
        (ended + open.compactMap { $0 }.filter { $0.windows >= Self.shortest }.map(\.turn)).sorted {
            $0.start < $1.start
        }
    }

    package func outcome(of speaker: Int) -> Outcome {
        let turns = turns
        let own = turns.filter { $0.speaker == speaker }
        var outcome = Outcome(
            present: own.count, passed: passes(in: turns)[speaker], faintest: own.map(\.peak).min(),
            loudest: own.map(\.peak).max())
        if let first = turns.first { outcome.isRoundComplete = duration - first.start >= Double(count) * Province.turn }
        return outcome
    }

    /// For each site how many of its turns went by in silence: between two turns as many as there is room for.
    private func passes(in turns: [Turn]) -> [Int] {
        var passes = Array(repeating: 0, count: count)
        for (turn, next) in zip(turns, turns.dropFirst()) {
            // So many turns later the next one was due; whole rounds may lie between.
            var steps = (next.speaker - turn.speaker + count) % count
            let rounds = (next.start - turn.start) / Province.turn - Double(steps)
            steps += count * Int((rounds / Double(count)).rounded())
            guard steps > 1, abs(next.start - turn.start - Double(steps) * Province.turn) <= Self.tolerance else {
                continue
            }
            for step in 1..<steps { passes[(turn.speaker + step) % count] += 1 }
        }
        if let last = turns.last {
            // A turn has gone by when the one after it should have begun, and some more.
            let steps = Int((duration - last.start - Self.tolerance) / Province.turn)
            if steps > 1 { for step in 1..<steps { passes[(last.speaker + step) % count] += 1 } }
        }
        return passes
    }
}
