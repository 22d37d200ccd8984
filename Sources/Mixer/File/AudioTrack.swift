import CFFmpeg
import Media

/// The sound of a file, one block ready at a time.
struct AudioTrack: ~Copyable {
    var source: FrameSource
    /// When the block that is ready begins.
    private(set) var readyTime: Interval?
    /// Frames that couldn't be decoded or converted.
    private(set) var damaged = 0
    /// Whether the last block of a pass is filled up with silence, rather than by the next pass.
    var endsWithPass = true

    private let frame = FrameOwner()
    private let storage = AudioBlockStorage(capacity: 1)
    private var converter = SoundConverter()
    /// Whether `frame` waits until the silence before it has been handed out.
    private var isHolding = false
    /// Where the file says that the stream ends, in the stream's own time: a codec's last frame is filled up beyond.
    private let limit: Int64?
    private var isFinished = false

    init?(_ stream: UnsafePointer<AVStream>, isLive: Bool, knowsLength: Bool) {
        guard let source = FrameSource(stream, limit: Size(width: 16, height: 16), isLive: isLive) else { return nil }
        self.source = source
        let (start, length) = (stream.pointee.start_time, stream.pointee.duration)
        limit = knowsLength && length > 0 && start != cffmpeg_no_timestamp() ? start &+ length : nil
    }

    var isAtEnd: Bool { readyTime == nil && !isHolding && source.isAtEnd && (isFinished || !endsWithPass) }

    /// Where the sound so far ends.
    var end: Interval { MediaClock.interval(samples: converter.end) }

    mutating func noteDamage() { damaged += 1 }

    /// Decodes until a block is ready, or there is nothing to decode.
    /// - Parameter origin: where the file's time 0 lies; negative by what the file starts late.
    mutating func prepare(origin: Interval) {
        while readyTime == nil {
            if let position = converter.pop(into: storage[0]) {
                readyTime = MediaClock.interval(samples: position)
                return
            }
            if isHolding {
                isHolding = false
                push()
                continue
            }
            switch source.next(into: frame) {
            case .starved: return
            case .broken: damaged += 1
            case .frame: place(origin)
            case .drained:
                guard endsWithPass, !isFinished else { return }
                isFinished = true
                converter.finish()
            }
        }
    }

    /// Hands out the block that is ready; it holds until the next call of anything.
    mutating func take() -> AudioBlock? {
        guard readyTime != nil else { return nil }
        readyTime = nil
        return storage[0]
    }

    mutating func restart() {
        source.restart()
        converter.loosen()
        isFinished = false
    }

    private mutating func place(_ origin: Interval) {
        let raw = frame.raw
        let stamp = raw.pointee.best_effort_timestamp
        if MediaClock.time(stamp, source.timeBase) != nil {
            cut(stamp)
            converter.place(at: av_rescale_q(stamp, source.timeBase, MediaClock.samples) + MediaClock.samples(origin))
        }
        if converter.owed > 0 { isHolding = true } else { push() }
    }

    /// Takes off what the codec filled its last frame up with.
    private mutating func cut(_ stamp: Int64) {
        guard let limit, frame.raw.pointee.sample_rate > 0 else { return }
        let rate = AVRational(num: 1, den: frame.raw.pointee.sample_rate)
        let left = av_rescale_q(limit &- stamp, source.timeBase, rate)
        let count = Int64(frame.raw.pointee.nb_samples)
        if left < count, left > -8_192 { frame.raw.pointee.nb_samples = Int32(max(0, left)) }
    }

    private mutating func push() {
        if frame.raw.pointee.nb_samples > 0, !converter.push(frame.raw) { damaged += 1 }
        av_frame_unref(frame.raw)
    }
}
