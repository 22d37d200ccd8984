import Conference
import Dispatch
import Logging
import Media
import RTP
import Synchronization

/// What gives way now, for all who make or take pictures.
final class Concessions: Sendable {
    private let step = Atomic<Int>(0)

    var current: Concession { Concession(rawValue: step.load(ordering: .relaxed)) ?? .none }
    func set(_ concession: Concession) { step.store(concession.rawValue, ordering: .relaxed) }
}

/// Looks once a second at what came too late, and has the governor decide.
final class GovernorPath: @unchecked Sendable {  // all mutable state is touched on `queue` only, but the guarded
    private let shared: SharedState
    private let sites: SiteDirectory
    private let programs: [ProgramPath]
    private let log: Logger
    private let queue = DispatchQueue(label: "governor", qos: .userInteractive)
    private var timer: (any DispatchSourceTimer)?
    private var before = Governor.Sample()
    // Guarded: held for a copy.
    private let governor = Mutex(Governor())

    init(shared: SharedState, sites: SiteDirectory, programs: [ProgramPath], log: Logger) {
        self.shared = shared
        self.sites = sites
        self.programs = programs
        self.log = log
    }

    func start() {
        let timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
        timer.setEventHandler { [unowned self] in tick() }
        // Encoders open and cameras come all at once in the first seconds.
        timer.schedule(deadline: .now() + 5, repeating: 1)
        timer.activate()
        self.timer = timer
    }

    func stop() { queue.sync { timer?.cancel() } }

    var current: Governor { governor.withLock { $0 } }

    private func tick() {
        let total = totals()
        defer { before = total }
        // What ended since takes its counts with it: then nothing is known of this second.
        guard let sample = total.since(before), before != Governor.Sample() else { return }
        let now = Clock.now()
        let next = governor.withLock { governor -> Concession? in
            governor.handle(sample, at: now) ? governor.concession : nil
        }
        guard let next else { return }
        let isWorse = next > shared.concessions.current
        shared.concessions.set(next)
        log.log(
            level: isWorse ? .warning : .notice,
            isWorse ? "the machine is overloaded: pictures give way" : "pictures need give way less",
            metadata: ["gives way": "\(next.word)", "missed": "\(Int(sample.missed * 100)) %"])
    }

    private func totals() -> Governor.Sample {
        var total = Governor.Sample()
        for report in programs.map(\.report) {
            total.ticks.due += report.ticks
            total.ticks.missed += report.late + report.skipped
            for view in report.views {
                total.ticks.missed += view.statistics.dropped
                for group in view.encodeGroups {
                    total.encodes.due += group.counters.accessUnits.value + group.counters.dropped.value
                    total.encodes.missed += group.counters.dropped.value
                }
            }
        }
        for report in sites.all.values.compactMap(\.camera?.report) {
            total.packets.due += report.session.packets
            total.packets.missed += report.backlog.late
        }
        return total
    }
}

extension Governor.Sample {
    /// The difference to an earlier one; `nil` if anything counts less now.
    fileprivate func since(_ other: Self) -> Self? {
        func less(_ a: Work, _ b: Work) -> Work? {
            guard a.due >= b.due, a.missed >= b.missed else { return nil }
            return Work(due: a.due - b.due, missed: a.missed - b.missed)
        }
        guard let ticks = less(ticks, other.ticks), let encodes = less(encodes, other.encodes),
            let packets = less(packets, other.packets)
        else { return nil }
        return Self(ticks: ticks, encodes: encodes, packets: packets)
    }
}
