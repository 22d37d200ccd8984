import Conference
import Media
import Mixer
import RTP

/// How the audio ticks go.
struct AudioTickMeter: Sendable {
    private(set) var ticks = 0
    /// Ticks that began more than half a period late.
    private(set) var late = 0
    private(set) var windowMean = Interval.zero
    private(set) var windowMax = Interval.zero
    private var count = 0
    private var total = Interval.zero
    private var longest = Interval.zero

    mutating func begin(lateness: Interval) {
        ticks += 1
        if lateness > AudioPath.period / 2 { late += 1 }
    }

    mutating func end(took: Interval) {
        count += 1
        total = total + took
        longest = max(longest, took)
    }

    /// Ends a window: its mean and maximum are kept for readers.
    mutating func startWindow() {
        windowMean = count > 0 ? total / count : .zero
        windowMax = longest
        (count, total, longest) = (0, .zero, .zero)
    }
}

/// One site's sound at the end of the last half second.
struct AudioSiteReport: Sendable {
    var session: RTPSession.Statistics
    var jitterBuffer: AudioJitterBuffer.Statistics
    var decoding: AudioSourceCounters
    var codec: AudioCodec
    var level: SoundLevel
    var sent: SendBatch.Outcome
    var sentBitsPerSecond: Double
    var isShared: Bool
    var drops: Drops
    var lines: LineMerger.Statistics?
    /// Those in its stream, if it is a mixer's.
    var contributors: Contributors
    var names: [SourceName]
    /// Where the stream that it is sent stands.
    var position: ResumePoint

    init(_ endpoint: AudioEndpoint, level: SoundLevel, isShared: Bool, at now: Instant) {
        session = endpoint.session.statistics
        jitterBuffer = endpoint.jitterBuffer.statistics(at: now)
        decoding = endpoint.decoding.counters
        codec = endpoint.codec
        self.level = level
        sent = endpoint.sent
        sentBitsPerSecond = endpoint.sentBitsPerSecond(at: now)
        self.isShared = isShared
        drops = endpoint.drops
        lines = endpoint.lines(at: now)
        contributors = endpoint.session.contributors
        names = endpoint.sources
        position = endpoint.position
    }
}

/// All sound at the end of the last half second.
struct AudioReport: Sendable {
    var sites: [SiteID: AudioSiteReport] = [:]
    /// Of the sites that play something.
    var played: [SiteID: SoundLevel] = [:]
    var ticks = AudioTickMeter()
    /// Encodes in the last tick.
    var encodes = 0
}
