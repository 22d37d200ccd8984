import Conference
import Dispatch
import Logging
import Media
import Mixer
import Synchronization

/// A program on its way into a file, or to a URL: encoded pictures of its encode group and encoded sound of its mix, as its
/// viewers get them; or the sound of one site alone, as it came. What writes has a queue of its own and a bounded backlog: a disk that is full or slow ends the recording,
/// or leaves a gap in it, and holds up no tick.
final class Recording: @unchecked Sendable {  // the writer is touched on `queue` only; the rest is immutable or guarded
    /// What is recorded.
    enum Subject: Sendable {
        /// The rendition is chosen so that a group that is there already fits.
        case program(ProgramID, Rendition)
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
    private var writer: MediaFileWriter?
    private let state = Mutex(State())

    private struct State {
        /// The group that its pictures come from; others' are late ones.
        var group: ObjectIdentifier?
        /// Nothing is taken before a keyframe.
        var isJoining = true
        var backlog = 0
        var report = Report()
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

    /// Bytes that wait to be written.
    private static let backlogLimit = 16 << 20
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
        queue = DispatchQueue(label: "record", qos: .utility)
    }

    /// `nil`: a site's sound is recorded.
    var program: ProgramID? { if case .program(let program, _) = subject { program } else { nil } }
    /// Whose sound is recorded; `nil`: a program's.
    var site: SiteID? { if case .sound(let site) = subject { site } else { nil } }
    /// What its pictures are; `nil`: it has none.
    var rendition: Rendition? { if case .program(_, let rendition) = subject { rendition } else { nil } }

    /// Makes the file, or connects.
    /// - Parameter then: told on the recording's queue when it has begun, or why it has not.
    func start(then: @escaping @Sendable (MediaFileError?) -> Void) {
        queue.async { [self] in
            let pictures = rendition.map {
                MediaFileWriter.Pictures(codec: $0.codec, size: $0.size, frameRate: $0.frameRate)
            }
            let bitrate = Bitrate(bitsPerSecond: pictures == nil ? 64_000 : 128_000)
            let sound: MediaFileWriter.Sound = takesOpus ? .opus : .samples(bitrate: bitrate)
            do throws(MediaFileError) {
                writer = try MediaFileWriter(
                    location, pictures: pictures, sound: sound, deadline: Clock.now() + Self.patience,
                    interruption: interruption)
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
        let bytes = unit.bytes.count
        let isTaken = state.withLock { state in
            guard state.report.phase == .recording, state.group == group, !state.isJoining || unit.isKeyframe else {
                return false
            }
            guard state.backlog + bytes <= Self.backlogLimit else {
                // From here on pictures lean on one that is missing.
                state.isJoining = true
                state.report.dropped += 1
                return false
            }
            state.isJoining = false
            state.backlog += bytes
            return true
        }
        guard isTaken else { return }
        let copy = Bytes(unit.bytes, padding: AccessUnit.padding)
        let (timestamp, isKeyframe) = (unit.timestamp, unit.isKeyframe)
        queue.async { [self] in
            write(bytes) { (writer: inout MediaFileWriter) throws(MediaFileError) in
                try writer.write(
                    AccessUnit(bytes: copy.bytes, timestamp: timestamp, isKeyframe: isKeyframe), at: time - .zero,
                    deadline: Clock.now() + Self.patience)
            }
        }
    }

    /// 20 ms of sound were encoded.
    func take(opus packet: UnsafeRawBufferPointer, at time: Instant) {
        guard admit(packet.count) else { return }
        let copy = Bytes(packet, padding: 0)
        queue.async { [self] in
            write(copy.count) { (writer: inout MediaFileWriter) throws(MediaFileError) in
                try writer.write(opus: copy.bytes, at: time - .zero, deadline: Clock.now() + Self.patience)
            }
        }
    }

    /// 20 ms of sound were mixed.
    func take(_ block: AudioBlock, at time: Instant) {
        let count = AudioBlock.count * MemoryLayout<Float>.stride
        guard admit(count) else { return }
        let copy = Bytes(UnsafeRawBufferPointer(block.buffer), padding: 0)
        queue.async { [self] in
            write(count) { (writer: inout MediaFileWriter) throws(MediaFileError) in
                try writer.write(
                    AudioBlock(samples: copy.start.assumingMemoryBound(to: Float.self)), at: time - .zero,
                    deadline: Clock.now() + Self.patience)
            }
        }
    }

    private func admit(_ count: Int) -> Bool {
        state.withLock { state in
            guard state.report.phase == .recording, state.backlog + count <= Self.backlogLimit else { return false }
            state.backlog += count
            return true
        }
    }

    private func write(_ count: Int, _ body: (inout MediaFileWriter) throws(MediaFileError) -> Void) {
        defer { state.withLock { $0.backlog -= count } }
        guard writer != nil else { return }
        do throws(MediaFileError) {
            try body(&writer!)
            let length = writer?.length ?? .zero
            state.withLock { state in
                state.report.length = length
                state.report.bytes += count
            }
        } catch { fail(error) }
    }

    private func fail(_ error: MediaFileError) {
        writer = nil
        state.withLock { state in
            state.report.phase = .failed
            state.report.reason = "\(error)"
        }
        log.error("the recording ended", metadata: ["file": "\(location)", "reason": "\(error)"])
    }
}

/// A copy that goes from queue to queue.
private final class Bytes: @unchecked Sendable {  // immutable after init
    let start: UnsafeMutableRawPointer
    let count: Int

    init(_ source: UnsafeRawBufferPointer, padding: Int) {
        count = source.count
        start = .allocate(byteCount: max(1, count + padding), alignment: 16)
        if let base = source.baseAddress { start.copyMemory(from: base, byteCount: count) }
        (start + count).initializeMemory(as: UInt8.self, repeating: 0, count: padding)
    }

    deinit { start.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}
