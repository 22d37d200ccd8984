import CFFmpeg
import Media

/// The units that times of media are counted in, as libavutil's fractions of a second.
enum MediaClock {
    static let nanoseconds = AVRational(num: 1, den: 1_000_000_000)
    /// The mixer's samples.
    static let samples = AVRational(num: 1, den: Int32(AudioBlock.sampleRate))
    /// RTP's clock of video.
    static let video = AVRational(num: 1, den: Int32(VideoCodec.clockRate))

    /// In nanoseconds: how far from 0 a stream's times may lie. Some sources count from 1970; the sum of four such times
    /// fits into 64 bits, and no more are ever added up.
    static let farthest: Int64 = 70 * 365 * 86_400 * 1_000_000_000
    /// In nanoseconds: a packet, or a whole file, that says it lasts longer is mistaken, or lies.
    static let longest: Int64 = 30 * 86_400 * 1_000_000_000

    /// A stream's `stamp` as a time; `nil` if there is none, or none that can be reckoned with.
    static func time(_ stamp: Int64, _ timeBase: AVRational, within limit: Int64 = MediaClock.farthest) -> Interval? {
        guard stamp != cffmpeg_no_timestamp() else { return nil }
        // What doesn't fit becomes the least there is.
        let time = av_rescale_q(stamp, timeBase, nanoseconds)
        return (-limit...limit).contains(time) ? Interval(nanoseconds: time) : nil
    }

    /// `count` samples of the mixer as a time.
    static func interval(samples count: Int64) -> Interval {
        Interval(nanoseconds: av_rescale_q(count, samples, nanoseconds))
    }

    /// A time in samples of the mixer.
    static func samples(_ time: Interval) -> Int64 { av_rescale_q(time.nanoseconds, nanoseconds, samples) }

    /// A time in RTP's ticks of video.
    static func videoTicks(_ time: Interval) -> Int64 { av_rescale_q(time.nanoseconds, nanoseconds, video) }
}
