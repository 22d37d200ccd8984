import CFFmpeg
import Media

/// The units that times of media are counted in, as libavutil's fractions of a second.
enum MediaClock {
    static let nanoseconds = AVRational(num: 1, den: 1_000_000_000)
    /// The mixer's samples.
    static let samples = AVRational(num: 1, den: Int32(AudioBlock.sampleRate))
    /// RTP's clock of video.
    static let video = AVRational(num: 1, den: Int32(VideoCodec.clockRate))

    /// `count` samples of the mixer as a time.
    static func interval(samples count: Int64) -> Interval {
        Interval(nanoseconds: av_rescale_q(count, samples, nanoseconds))
    }

    /// A time in samples of the mixer.
    static func samples(_ time: Interval) -> Int64 { av_rescale_q(time.nanoseconds, nanoseconds, samples) }

    /// A time in RTP's ticks of video.
    static func videoTicks(_ time: Interval) -> Int64 { av_rescale_q(time.nanoseconds, nanoseconds, video) }
}
