import Conference
import Dispatch
import Logging
import Media
import Mixer
import Synchronization

/// A program on its way into a file, or to a URL: encoded pictures of its encode group and encoded sound of its mix, as its
/// viewers get them; or the sound of one site alone, as it came. What writes has a queue of its own and a bounded backlog: a
/// disk that is full or slow ends the recording, or leaves a gap in it, and holds up no tick.
final class Recording: @unchecked Sendable {  // the writer is touched on `queue` only; the rest is immutable or guarded
    /// What is recorded.
    enum Subject: Sendable {
        /// The rendition is chosen so that a group that is there already fits. It gives way as the sites' do; `nil`: it does
        /// not, since a file that began otherwise can't take what comes then.
        case program(ProgramID, Rendition, Concessions?)
        /// Its sound, before gain and mute.
        case sound(of: SiteID)
    }

    let subject: Subject
    let location: MediaLocation
    /// Whether Opus packets go in as they are; else samples are encoded by the writer.
    let takesOpus: Bool
    private let log: Logger
    private let queue: DispatchQueue
    private let interruption = Interruption()
    /// Rung when there is something to write.
    private let doorbell: any DispatchSourceUserDataAdd
    private var writer: MediaFileWriter?
    private let state: Mutex<State>

    private struct State: ~Copyable, @unchecked Sendable {  // only ever reached through its mutex
        /// The group that its pictures come from; others' are late ones.
        var group: ObjectIdentifier?
        /// Nothing is taken before a keyframe.
        var isJoining = true
        var backlog: RecordQueue
        var report = Report()
        /// Told once that it failed.
        var whenFailed: (@Sendable () -> Void)?
    }

    /// How it stands.
    struct Report: Sendable {
        enum Phase: Sendable { case recording, done, failed }
        var phase = Phase.recording
        var reason: String?
        var length = Interval.zero
        var bytes = 0
        /// Pictures left out since the disk did not keep up.
        var dropped = 0
    }

    /// Bytes that wait to be written: of pictures, and of sound alone, five seconds of it.
    private static let (pictureBacklog, soundBacklog) = (16 << 20, 1 << 20)
    /// How long a peer of a URL may keep the writer waiting.
    private static let patience = Interval.seconds(5)

    init(_ subject: Subject, to location: MediaLocation, log: Logger) {
        self.subject = subject
        self.location = location
        if case .program = subject {
            takesOpus = MediaFileWriter.takesOpus(location) ?? false
        } else {
            takesOpus = false
        }
        self.log = log
        var backlog = Self.soundBacklog
        if case .program = subject { backlog = Self.pictureBacklog }
        state = Mutex(State(backlog: RecordQueue(capacity: backlog, padding: AccessUnit.padding)))
        queue = DispatchQueue(label: "record", qos: .utility)
        doorbell = DispatchSource.makeUserDataAddSource(queue: queue)
        doorbell.setEventHandler { [weak self] in self?.drain() }
        doorbell.activate()
    }

    deinit { doorbell.cancel() }

    /// `nil`: a site's sound is recorded.
    var program: ProgramID? { if case .program(let program, _, _) = subject { program } else { nil } }
    /// Whose sound is recorded; `nil`: a program's.
    var site: SiteID? { if case .sound(let site) = subject { site } else { nil } }
    /// What its pictures are now; `nil`: it has none. Their size stays.
    var rendition: Rendition? {
        guard case .program(_, var rendition, let concessions?) = subject else { return nominal }
        rendition.concede(recording: concessions.current)
        return rendition
    }
    /// What they are on a machine that has time for all.
    private var nominal: Rendition? { if case .program(_, let rendition, _) = subject { rendition } else { nil } }

    /// Makes the file, or connects.
    /// - Parameters:
    ///   - then: told on the recording's queue when it has begun, or why it has not.
    ///   - whenFailed: called on that queue if it fails after it had begun.
    func start(then: @escaping @Sendable (MediaFileError?) -> Void, whenFailed: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            let pictures = nominal.map {
                MediaFileWriter.Pictures(codec: $0.codec, size: $0.size, frameRate: $0.frameRate)
            }
            let bitrate = Bitrate(bitsPerSecond: pictures == nil ? 64_000 : 128_000)
            let sound: MediaFileWriter.Sound = takesOpus ? .opus : .samples(bitrate: bitrate)
            do throws(MediaFileError) {
                writer = try MediaFileWriter(
                    location, pictures: pictures, sound: sound, deadline: Clock.now() + Self.patience,
                    interruption: interruption)
                state.withLock { $0.whenFailed = whenFailed }
                then(nil)
            } catch {
                fail(error)
                then(error)
            }
        }
    }

    /// Ends it; what waits is still written.
    func stop() {
        state.withLock { state in
            if state.report.phase == .recording { state.report.phase = .done }
        }
        queue.async { [self] in
            drain()
            guard writer != nil else { return }
            do throws(MediaFileError) {
                try writer?.finish(deadline: Clock.now() + Self.patience)
                log.notice("the recording is complete", metadata: ["file": "\(location)"])
            } catch { fail(error) }
            writer = nil
        }
    }

    /// Waits until all that came has been written, or for some seconds.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        if done.wait(timeout: .now() + 8) == .timedOut { interruption.cancel() }
    }

    var report: Report { state.withLock { $0.report } }
    var isRunning: Bool { state.withLock { $0.report.phase == .recording } }

    // MARK: What comes in

    /// Its pictures come from `group` from now on, beginning with a keyframe.
    func join(_ group: EncodeGroup) {
        state.withLock { state in
            guard state.group != ObjectIdentifier(group) else { return }
            state.group = ObjectIdentifier(group)
            state.isJoining = true
        }
    }

    /// Whether it waits for a keyframe.
    var isJoining: Bool { state.withLock { $0.isJoining && $0.report.phase == .recording } }

    /// A picture was encoded. Its bytes are copied: nobody waits for the disk.
    func take(_ unit: AccessUnit, of group: ObjectIdentifier, at time: Instant) {
        let isTaken = state.withLock { state in
            guard state.report.phase == .recording, state.group == group, !state.isJoining || unit.isKeyframe else {
                return false
            }
            let head = RecordHead.picture(timestamp: unit.timestamp, isKeyframe: unit.isKeyframe, at: time)
            guard state.backlog.append(head, unit.bytes) else {
                // From here on pictures lean on one that is missing.
                state.isJoining = true
                state.report.dropped += 1
                return false
            }
            state.isJoining = false
            return true
        }
        if isTaken { doorbell.add(data: 1) }
    }

    /// 20 ms of sound were encoded.
    func take(opus packet: UnsafeRawBufferPointer, at time: Instant) { take(.opus(at: time), packet) }

    /// 20 ms of sound were mixed.
    func take(_ block: AudioBlock, at time: Instant) {
        take(.samples(at: time), UnsafeRawBufferPointer(block.buffer))
    }

    private func take(_ head: RecordHead, _ bytes: UnsafeRawBufferPointer) {
        let isTaken = state.withLock { $0.report.phase == .recording && $0.backlog.append(head, bytes) }
        if isTaken { doorbell.add(data: 1) }
    }

    // MARK: On the recording's queue

    /// Writes what waits.
    private func drain() {
        while let (head, bytes) = state.withLock({ $0.backlog.first }) {
            write(head, bytes)
            state.withLock { $0.backlog.removeFirst() }
        }
    }

    private func write(_ head: RecordHead, _ bytes: UnsafeRawBufferPointer) {
        guard writer != nil else { return }
        let deadline = Clock.now() + Self.patience
        do throws(MediaFileError) {
            switch head {
            case .picture(let timestamp, let isKeyframe, let time):
                let unit = AccessUnit(bytes: bytes, timestamp: timestamp, isKeyframe: isKeyframe)
                try writer?.write(unit, at: time - .zero, deadline: deadline)
            case .opus(let time): try writer?.write(opus: bytes, at: time - .zero, deadline: deadline)
            case .samples(let time):
                guard let samples = bytes.baseAddress?.assumingMemoryBound(to: Float.self) else { return }
                let block = AudioBlock(samples: UnsafeMutablePointer(mutating: samples))
                try writer?.write(block, at: time - .zero, deadline: deadline)
            }
            let length = writer?.length ?? .zero
            state.withLock { state in
                state.report.length = length
                state.report.bytes += bytes.count
            }
        } catch { fail(error) }
    }

    private func fail(_ error: MediaFileError) {
        writer = nil
        let whenFailed = state.withLock { state in
            state.report.phase = .failed
            state.report.reason = "\(error)"
            return state.whenFailed.take()
        }
        whenFailed?()
        log.error("the recording ended", metadata: ["file": "\(location)", "reason": "\(error)"])
    }
}
