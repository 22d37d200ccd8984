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
    // Guarded: all but the outlets is set once, by `start`.
    private let state = Mutex(State())

    private struct State: @unchecked Sendable {  // libdispatch's sources may be used on any thread
        var outlets: [Outlet] = []
        var timer: (any DispatchSourceTimer)?
    }

    /// How a site is spoken to, in the order of the conference's sites.
    typealias Outlet = @Sendable (_ message: [UInt8]) -> Void

    /// How often the conference is asked what is to be said.
    private static let period = Interval.milliseconds(50)
    /// Every so many beats `work` is done.
    private static let beatsPerWork = 4

    init(shared: SharedState, log: Logger) {
        self.shared = shared
        self.log = log
    }

    /// - Parameters:
    ///   - outlets: in the order of the conference's sites.
    ///   - work: what else is to be done five times a second.
    func start(_ outlets: [Outlet], work: @escaping @Sendable (Instant) -> Void) {
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
        state.withLock { $0 = State(outlets: outlets, timer: timer) }
    }

    /// Ends it: nothing is said any more when this returns.
    func stop() {
        state.withLock { $0.timer?.cancel() }
        queue.sync {}
    }

    /// Takes a peer's message.
    func hear(_ message: [UInt8], from index: Int) {
        queue.async { [self] in
            let now = Clock.now()
            let reading = message.withUnsafeBytes { LinkAnnouncement.read($0) }
            shared.conference.withLock { $0.handle(reading, from: index, at: now) }
            speak(at: now)
        }
    }

    private func speak(at now: Instant) {
        let outlets = state.withLock { $0.outlets }
        while let announcement = shared.conference.withLock({ $0.nextAnnouncement(at: now) }) {
            if outlets.indices.contains(announcement.index) { outlets[announcement.index](announcement.bytes) }
        }
        while let event = shared.conference.withLock({ $0.nextCascadeEvent() }) {
            log.log(level: event.isTrouble ? .warning : .notice, "\(event)", metadata: ["site": "\(event.site)"])
        }
    }
}

/// One site's end of the cascade: its two sessions tell it what came, and ask it what is to be said.
final class CascadeLine: Sendable {
    /// Of our APP packets (RFC 3550 section 6.7).
    static let name = ApplicationPacket.Name("MCUL")
    /// The id of the header extension with contributors' levels (RFC 6465) between bridges, where nothing else was agreed on.
    static let levelExtension = 1

    private let site: SiteID
    private let index: Int
    private let shared: SharedState
    private let path: CascadePath
    /// What the peer says.
    private let newest = Mutex<[UInt8]>([])
    /// What the audio thread is to say, of a site without a picture.
    private let soundMessage = Mutex<[UInt8]?>(nil)

    /// - Parameter index: of the site among the conference's.
    init(_ site: SiteID, index: Int, shared: SharedState, path: CascadePath) {
        self.site = site
        self.index = index
        self.shared = shared
        self.path = path
    }

    /// A whole message came; its memory is borrowed.
    func heard(_ message: UnsafeRawBufferPointer) {
        let bytes = Array(message)
        newest.withLock { $0 = bytes }
        path.hear(bytes, from: index)
    }

    /// The peer goes on saying what it said.
    func heardAgain(at now: Instant) {
        let isKnown = shared.conference.withLock { $0.heardAgain(from: index, at: now) }
        // It was silent for so long that what it said was forgotten.
        if !isKnown { path.hear(newest.withLock { $0 }, from: index) }
    }

    /// A packet of sound came: of a link without a picture it is the only sign of life.
    func soundCame(at now: Instant) { shared.conference.withLock { $0.soundCame(from: index, at: now) } }

    /// These are inside the stream that comes: an SSRC of ours among them may be a loop (RFC 3550 section 8.2).
    func contributorsCame(_ contributors: Contributors, at now: Instant) {
        for place in 0..<contributors.count {
            guard let receiver = shared.ownStreams.withLock({ $0[contributors[place]] }) else { continue }
            shared.conference.withLock { $0.ownMediaCame(on: index, sentTo: receiver, at: now) }
        }
    }

    /// What we send to the site goes under another SSRC.
    func ownStreamChanged(to ssrc: UInt32) { shared.ownStreams.withLock { $0[ssrc] = site } }

    /// Leaves a message for the audio thread.
    func saySound(_ message: [UInt8]) { soundMessage.withLock { $0 = message } }

    func takeSoundMessage() -> [UInt8]? { soundMessage.withLock { $0.take() } }
}
