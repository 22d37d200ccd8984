import CFFmpeg
import Media

/// The pictures of a file, one ready at a time, in the order they are shown. What is broken isn't shown, nor what follows
/// it up to the next picture that stands for itself.
struct VideoTrack: ~Copyable {
    var source: FrameSource
    /// When the picture that is ready is shown.
    private(set) var readyTime: Interval?
    /// When the last picture that was ready, or is, ends.
    private(set) var end: Interval = .zero
    /// Pictures left out because they, or what they refer to, are broken.
    private(set) var damaged = 0
    /// Pictures of more samples than the limit, or a format nobody knows.
    private(set) var refused = 0

    private let frame = FrameOwner()
    private var converter = PictureConverter()
    private var pool = PicturePool()
    private let limit: Size
    /// How long a picture stands when the file doesn't say.
    private let pace: Interval
    private var awaitsKeyframe = false
    private var lastTicks: Int64 = .min

    init?(_ stream: UnsafePointer<AVStream>, limit: Size, isLive: Bool) {
        guard let source = FrameSource(stream, limit: limit, isLive: isLive) else { return nil }
        self.source = source
        self.limit = limit
        let average = stream.pointee.avg_frame_rate
        let rate = average.num > 0 && average.den > 0 ? average : stream.pointee.r_frame_rate
        let isPlausible = rate.num > 0 && rate.den > 0 && rate.num / rate.den < 1_000
        pace = isPlausible ? Interval.seconds(Int(rate.den)) / Int(rate.num) : .milliseconds(40)
    }

    var isAtEnd: Bool { readyTime == nil && source.isAtEnd }

    /// A packet was lost before its decoder saw it.
    mutating func noteDamage() {
        damaged += 1
        awaitsKeyframe = true
    }

    /// Decodes until a picture is ready, or there is nothing to decode.
    /// - Parameter origin: where the file's time 0 lies; negative by what the file starts late.
    mutating func prepare(origin: Interval) {
        while readyTime == nil {
            switch source.next(into: frame) {
            case .starved, .drained: return
            case .broken: noteDamage()
            case .frame:
                if isFit() { place(origin) } else { av_frame_unref(frame.raw) }
            }
        }
    }

    /// Hands out the picture that is ready.
    /// - Parameter arrival: goes into the picture.
    mutating func take(arrival: Instant) -> Picture? {
        guard readyTime != nil else { return nil }
        readyTime = nil
        return pool.picture(of: frame.raw, timestamp: lastTicks, arrival: arrival)
    }

    mutating func restart() {
        source.restart()
        awaitsKeyframe = false
    }

    /// Whether the decoded frame can be shown; it is converted then.
    private mutating func isFit() -> Bool {
        let raw = frame.raw
        if raw.pointee.decode_error_flags != 0 || raw.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 {
            noteDamage()
            return false
        }
        if awaitsKeyframe, raw.pointee.key_frame == 0, raw.pointee.pict_type != AV_PICTURE_TYPE_I {
            damaged += 1
            return false
        }
        awaitsKeyframe = false
        let side = Int32(clamping: max(limit.width, limit.height))
        guard raw.pointee.width <= side, raw.pointee.height <= side, converter.convert(raw) else {
            refused += 1
            return false
        }
        return true
    }

    private mutating func place(_ origin: Interval) {
        let raw = frame.raw
        let stamp = raw.pointee.best_effort_timestamp
        var time = MediaClock.time(stamp, source.timeBase).map { $0 + origin } ?? end
        let ticks = MediaClock.videoTicks(time)
        if ticks <= lastTicks {
            lastTicks += 1
            time = Interval(nanoseconds: av_rescale_q(lastTicks, MediaClock.video, MediaClock.nanoseconds))
        } else {
            lastTicks = ticks
        }
        let length = raw.pointee.pkt_duration
        readyTime = time
        let stands = length > 0 ? MediaClock.time(length, source.timeBase, within: MediaClock.longest) : nil
        end = time + (stands ?? pace)
    }
}
