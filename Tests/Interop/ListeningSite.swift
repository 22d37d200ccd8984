import TestSupport

/// The receiving half of a site, of the project's own: it decodes nothing, and knows of every packet whether it came.
struct ListeningSite {
    let id: String
    private let sound: LoopbackSocket
    private let pictures: LoopbackSocket

    init(_ line: SiteLine) throws {
        id = line.id
        sound = try LoopbackSocket(port: line.home.audio)
        pictures = try LoopbackSocket(port: line.home.video)
    }

    /// What came so far.
    var streams: (sound: StreamRun, pictures: StreamRun) {
        (StreamRun(RTPLog(sound.datagrams)), StreamRun(RTPLog(pictures.datagrams)))
    }
}

/// How a stream goes on from packet to packet.
struct StreamRun: CustomStringConvertible {
    /// Sequence numbers that never came.
    let missing: Int
    /// Streams it began anew as; 1 if it never did.
    let sources: Int
    /// By how much the timestamp went on from one block of sound or picture to the next, in its clock's ticks.
    let steps: [Int]

    init(_ log: RTPLog) {
        missing = log.missing
        sources = log.sources.count
        let units = log.accessUnits
        steps = zip(units.dropFirst(), units).map { Int(Int32(bitPattern: $0.timestamp &- $1.timestamp)) }
    }

    /// Beats of `step` ticks that were left out, and steps that were none: a beat that a busy machine misses is left out,
    /// one that waits for somebody is for long.
    func leftOut(step: Int) -> Int {
        steps.reduce(0) { $0 + ($1 < step / 2 ? 1 : ($1 + step / 2) / step - 1) }
    }

    var description: String { "\(steps.count) steps, \(missing) missing, \(sources) sources" }
}
