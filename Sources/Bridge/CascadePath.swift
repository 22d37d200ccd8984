import Conference
import Dispatch
import Logging
import Media
import RTP
import Synchronization

/// What bridges tell each other over the RTCP of their lines: which sites are inside a stream, and which bridges it came by.
///
///     conference → announcement → a site's RTCP ┄┄┄ its bridge's RTCP → announcement → conference
///
/// It has a queue of its own: neither a tick nor a packet waits for it.
final class CascadePath: Sendable {
    private let shared: SharedState
    private let log: Logger
    private let queue = DispatchQueue(label: "cascade", qos: .userInitiated)
    private let sites: SiteDirectory
    // Guarded: set once, by `start`.
    private let state = Mutex(State())

    private struct State: @unchecked Sendable {  // libdispatch's sources may be used on any thread
        var timer: (any DispatchSourceTimer)?
        /// What the log is told of each site, whatever that says.
        var budgets: [SiteID: LogBudget] = [:]
    }

    /// How often the conference is asked what is to be said.
    private static let period = Interval.milliseconds(50)
    /// Every so many beats `work` is done.
    private static let beatsPerWork = 4

    init(shared: SharedState, sites: SiteDirectory, log: Logger) {
        self.shared = shared
        self.sites = sites
        self.log = log
    }

    /// - Parameter work: what else is to be done five times a second.
    func start(work: @escaping @Sendable (Instant) -> Void) {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        var beats = 0
        timer.setEventHandler { [weak self] in
            let now = Clock.now()
            self?.speak(at: now)
            beats += 1
            if beats % Self.beatsPerWork == 0 { work(now) }
        }
        timer.schedule(
            deadline: .now(), repeating: .nanoseconds(Int(Self.period.nanoseconds)), leeway: .milliseconds(10))
        timer.activate()
        state.withLock { $0.timer = timer }
    }

    /// Ends it: nothing is said any more when this returns.
    func stop() {
        state.withLock { $0.timer?.cancel() }
        queue.sync {}
    }

    /// Takes what a peer says. - Parameter wait: until then it may say something else.
    func hear(_ line: CascadeLine, in wait: Interval) {
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(wait.nanoseconds))) { [self] in
            let now = Clock.now()
            let reading = line.take(at: now).withUnsafeBytes { LinkAnnouncement.read($0) }
            shared.conference.withLock { conference in
                guard let index = conference.index(of: line.site) else { return }
                conference.handle(reading, from: index, at: now)
            }
            speak(at: now)
        }
    }

    private func speak(at now: Instant) {
        while let (site, message) = nextMessage(at: now) { sites[site]?.say(message) }
        while let event = shared.conference.withLock({ $0.nextCascadeEvent() }) {
            guard state.withLock({ $0.budgets[event.site, default: LogBudget()].admit(at: now) }) else { continue }
            log.log(level: event.isTrouble ? .warning : .notice, "\(event)", metadata: ["site": "\(event.site)"])
        }
    }
}

extension CascadePath {
    /// What is to be said next, and to whom.
    private func nextMessage(at now: Instant) -> (SiteID, [UInt8])? {
        shared.conference.withLock { conference in
            conference.nextAnnouncement(at: now).map { (conference.sites[$0.index].id, $0.bytes) }
        }
    }
}

/// One site's end of the cascade: its two sessions tell it what came, and ask it what is to be said.
final class CascadeLine: Sendable {
    /// Of our APP packets (RFC 3550 section 6.7).
    static let name = ApplicationPacket.Name("MCUL")
    /// The id of the header extension with contributors' levels (RFC 6465) between bridges, where nothing else was agreed on.
    static let levelExtension = 1

    let site: SiteID
    private let shared: SharedState
    private let path: CascadePath
    private let inbox = Mutex(Inbox())
    /// What the audio thread is to say, of a site without a picture.
    private let soundMessage = Mutex<[UInt8]?>(nil)
    /// The SSRCs that we send under on this line. The site may have come again on another one before this one ends.
    private let ownStreams = Mutex<Set<UInt32>>([])

    /// What the peer says: the newest only, however often it says something else.
    private struct Inbox {
        var message: [UInt8] = []
        /// It is to be read.
        var isWaiting = false
        var readAt = Instant.zero
    }

    /// What a peer says is read no more often than this: twice as often as any of ours says something new.
    private static let pause = Interval.milliseconds(25)

    init(_ site: SiteID, shared: SharedState, path: CascadePath) {
        self.site = site
        self.shared = shared
        self.path = path
    }

    /// A whole message came; its memory is borrowed.
    func heard(_ message: UnsafeRawBufferPointer) {
        let bytes = Array(message)
        inbox.withLock { $0.message = bytes }
        read()
    }

    /// Sees to it that what the peer says is read.
    private func read() {
        let (isWaiting, wait) = inbox.withLock { inbox in
            defer { inbox.isWaiting = true }
            return (inbox.isWaiting, max(.zero, Self.pause - (Clock.now() - inbox.readAt)))
        }
        if !isWaiting { path.hear(self, in: wait) }
    }

    /// What the peer says, to be read at `now`.
    func take(at now: Instant) -> [UInt8] {
        inbox.withLock { inbox in
            (inbox.isWaiting, inbox.readAt) = (false, now)
            return inbox.message
        }
    }

    /// The peer goes on saying what it said.
    func heardAgain(at now: Instant) {
        let isKnown = withPlace { $0.heardAgain(from: $1, at: now) } ?? true
        // It was silent for so long that what it said was forgotten.
        if !isKnown { read() }
    }

    /// A packet of sound came: of a link without a picture it is the only sign of life.
    func soundCame(at now: Instant) { withPlace { $0.soundCame(from: $1, at: now) } }

    /// These are inside the stream that comes: an SSRC of ours among them may be a loop (RFC 3550 section 8.2).
    func contributorsCame(_ contributors: Contributors, at now: Instant) {
        for place in 0..<contributors.count {
            guard let receiver = shared.ownStreams.withLock({ $0[contributors[place]] }) else { continue }
            withPlace { $0.ownMediaCame(on: $1, sentTo: receiver, at: now) }
        }
    }

    /// What we send to the site goes under another SSRC.
    func ownStreamChanged(to ssrc: UInt32) {
        ownStreams.withLock { _ = $0.insert(ssrc) }
        shared.ownStreams.withLock { $0[ssrc] = site }
    }

    /// The line is gone: none of its streams is ours any more.
    func end() {
        let ended = ownStreams.withLock { $0 }
        shared.ownStreams.withLock { streams in
            for ssrc in ended { streams[ssrc] = nil }
        }
    }

    /// Asks the conference about the site, by its place there; `nil`: it has none any more.
    @discardableResult
    private func withPlace<Value: Sendable>(_ body: (inout Conference, Int) -> Value) -> Value? {
        shared.conference.withLock { conference in
            conference.index(of: site).map { body(&conference, $0) }
        }
    }

    /// Leaves a message for the audio thread.
    func saySound(_ message: [UInt8]) { soundMessage.withLock { $0 = message } }

    func takeSoundMessage() -> [UInt8]? { soundMessage.withLock { $0.take() } }
}
