import Logging
import Media
import RTP

/// What the log is told of one medium of a site: in plain words, and never more than a few times in ten seconds, whatever the site
/// does. Confined to the medium's queue or thread.
struct MediaLog {
    private let log: Logger
    /// `picture` or `sound`.
    private let medium: String
    private var faults = LogLimiter()
    private var events = LogBudget()
    private var drops = DropLog()

    init(_ log: Logger, medium: String) {
        self.log = log
        self.medium = medium
    }

    /// Says what the site does.
    mutating func tell(_ message: Logger.Message, detail: String = "", at now: Instant) {
        guard events.admit(at: now) else { return }
        log.info(message, metadata: ["detail": "\(detail)"])
    }

    /// One of two lines lives or dies.
    mutating func tell(_ event: LineEvent, at now: Instant) {
        switch event {
        case .alive(let line): tell("the \(medium)'s line \(line.rawValue + 1) brings packets", at: now)
        case .dead(let line):
            guard events.admit(at: now) else { return }
            log.warning("the \(medium)'s line \(line.rawValue + 1) is dead: nothing came by it for a second")
        }
    }

    /// Says what is wrong, and how often it was.
    mutating func note(_ message: Logger.Message, detail: String? = nil, at now: Instant) {
        guard let count = faults.admit(at: now) else { return }
        var metadata: Logger.Metadata = ["count": "\(count)"]
        if let detail { metadata["detail"] = "\(detail)" }
        log.warning(message, metadata: metadata)
    }

    /// Says now and then what was dropped.
    mutating func note(_ drops: Drops, at now: Instant) {
        guard let rise = self.drops.update(drops, at: now) else { return }
        log.warning(
            "packets of this site were dropped",
            metadata: Dictionary(uniqueKeysWithValues: rise.map { ($0.word, "\($0.count)") }))
    }
}
