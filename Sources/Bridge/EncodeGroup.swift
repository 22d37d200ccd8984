import Dispatch
import Logging
import Media
import Mixer
import RTP
import Synchronization

/// The receivers that get the same encoded bits: one encoder for one view in one rendition.
///
/// The tick leaves a job in the mailbox and rings; the group's queue encodes, packetizes and sends. A group that is slower
/// than the tick loses the oldest job, counted, and holds up nobody.
final class EncodeGroup: @unchecked Sendable {  // what is not guarded or immutable is touched on `queue` only
    /// One canvas to encode, and who gets it: a change of receivers thereby takes effect on exactly one frame.
    struct Job {
        var canvas: Canvas
        /// 90 kHz ticks of the bridge's media clock.
        var timestamp: Int64
        /// When the tick was, on the machine's clock: what sender reports tie the timestamp to.
        var tick: Instant
        var receivers: [VideoSender]
        var recordings: [Recording] = []
    }

    let id: String
    let program: ProgramID
    let rendition: Rendition
    let counters = Counters()
    private let queue: DispatchQueue
    private let doorbell: any DispatchSourceUserDataAdd
    private let mailbox = Mutex<Job?>(nil)
    private let settings: VideoEncoderSettings
    /// Opened with the first job, on the group's queue: opening takes longer than a tick may.
    private var worker: EncodeWorker?
    private var isRetired = false
    private var meter = WorkMeter()
    private var watch = EncoderWatch()
    private var faults = LogLimiter()
    private var nextTry = Instant.zero
    private let isOpen = Atomic<Bool>(false)
    private let report = Mutex(WorkMeter())

    struct Counters: Sendable {
        let accessUnits = Counter()
        let keyframes = Counter()
        /// Jobs that a newer one replaced before they were encoded.
        let dropped = Counter()
        let errors = Counter()
    }

    init(id: String, program: ProgramID, settings: VideoEncoderSettings, rendition: Rendition, log: Logger) {
        self.id = id
        self.program = program
        self.rendition = rendition
        self.settings = settings
        queue = Queues.encode(id)
        doorbell = DispatchSource.makeUserDataAddSource(queue: queue)
        // Weak: a group may end while a ring is on its way.
        doorbell.setEventHandler { [weak self] in self?.encode(log: log) }
        doorbell.resume()
    }

    deinit { doorbell.cancel() }

    /// What the last second looked like.
    var lastSecond: WorkMeter { report.withLock { $0 } }

    var encoderName: String { settings.resolvedEncoderName }

    /// Whether the encoder is open: a site that moves here from another group loses no picture by it.
    var isReady: Bool { isOpen.load(ordering: .acquiring) }

    /// Opens the encoder before the first job comes.
    func prepare() { doorbell.add(data: 1) }

    /// Leaves a job for the group. Called by the tick; never waits.
    func submit(_ job: Job) {
        let replaced = mailbox.withLock { mailbox in
            let replaced = mailbox
            mailbox = job
            return replaced
        }
        if replaced != nil { counters.dropped.add() }
        doorbell.add(data: 1)
    }

    /// Ends the group where its encoder is at home: closing one takes longer than a tick may.
    func retire() {
        mailbox.withLock { $0 = nil }
        queue.async { [self] in
            worker = nil
            isRetired = true
        }
    }

    /// Forgets what is in the mailbox and waits until what is in hand has been sent.
    func stop() {
        mailbox.withLock { $0 = nil }
        queue.sync { isRetired = true }
    }

    private func encode(log: Logger) {
        let start = Clock.now()
        if worker == nil {
            guard !isRetired, start >= nextTry, open(at: start, log: log) else {
                mailbox.withLock { $0 = nil }
                return
            }
        }
        guard let job = mailbox.withLock({ $0.take() }) else { return }
        switch worker?.encode(job, of: ObjectIdentifier(self)) {
        case .sent(let isKeyframe, let bytes, let quantizer):
            counters.accessUnits.add()
            if isKeyframe { counters.keyframes.add() }
            _ = watch.note(isLost: false)
            let now = Clock.now()
            meter.add(bytes: bytes, took: now - start, quantizer: quantizer, at: now)
            let summary = meter
            report.withLock { $0 = summary }
        case .lost:
            counters.errors.add()
            if watch.note(isLost: true) { giveUp(at: start, log: log) }
        case .skipped, nil: break
        }
    }

    /// The encoder gives nothing any more: another one is opened after a second.
    private func giveUp(at now: Instant, log: Logger) {
        worker = nil
        isOpen.store(false, ordering: .releasing)
        nextTry = now + .seconds(1)
        if let count = faults.admit(at: now) {
            log.error(
                "no picture comes from the encoder: it is opened anew",
                metadata: ["group": "\(id)", "encoder": "\(encoderName)", "count": "\(count)"])
        }
    }

    /// Opens the encoder; `false`, and said in the log, if it can't be. It is tried again after a second.
    private func open(at now: Instant, log: Logger) -> Bool {
        do throws(VideoEncoderError) {
            worker = try EncodeWorker(settings: settings, rendition: rendition)
            isOpen.store(true, ordering: .releasing)
            return true
        } catch {
            counters.errors.add()
            nextTry = now + .seconds(1)
            if let count = faults.admit(at: now) {
                log.error("\(error)", metadata: ["group": "\(id)", "count": "\(count)"])
            }
            return false
        }
    }
}
