import Media
import RTP

/// A site with a camera and a microphone whose clocks drift, the lines and buffers to the mix and the canvas, and the
/// lip-sync between them. It knows what the skew really is.
struct SyncedSite {
    /// One of the two streams.
    struct Side {
        var clock: SenderClock
        let clockRate: Double
        /// By how much its RTP clock goes fast, in parts per million.
        var drift: Double
        /// From the lens or the microphone to the tick, without what lip-sync adds, in seconds.
        var latency: Double
        /// By how much its reports are wrong, in seconds.
        var error = 0.0
        /// How its reports' NTP time goes against the right one.
        var rate = 1.0
        var hasReports = true
        var isSending = true
        /// What of lip-sync's delay is in force, and how fast it follows, in seconds a second.
        var obeyed = 0.0
        var obedience = 0.15

        /// The RTP timestamp of what is recorded at a time.
        func timestamp(_ time: Double) -> Int64 { 1 << 32 + Int64(time * (1 + drift / 1e6) * clockRate) }
    }

    var audio: Side
    var video: Side
    var sync = LipSync()
    /// The fastest that a delay changed since `measure`, in seconds a second.
    private(set) var fastestChange = 0.0
    /// The largest skew since `measure`, in milliseconds.
    private(set) var worst = 0.0
    private(set) var time = 0.0
    private var ticks = 0
    private var random = SeededGenerator(seed: 3)
    private var lastPicture = -1

    /// - Parameters:
    ///   - audioLatency: in seconds.
    ///   - videoLatency: in seconds.
    init(audioLatency: Double, videoLatency: Double, audioDrift: Double = 0, videoDrift: Double = 0) {
        audio = Side(
            clock: SenderClock(clockRate: 48_000), clockRate: 48_000, drift: audioDrift, latency: audioLatency)
        video = Side(
            clock: SenderClock(clockRate: 90_000), clockRate: 90_000, drift: videoDrift, latency: videoLatency)
    }

    /// What the skew really is, in milliseconds: sound behind picture is positive.
    var skew: Double { (audio.latency + audio.obeyed - video.latency - video.obeyed) * 1000 }

    mutating func measure() {
        fastestChange = 0
        worst = 0
    }

    mutating func run(seconds: Double) {
        let end = time + seconds
        while time < end {
            time = Double(ticks) * 0.02
            tick()
            ticks += 1
        }
    }

    private mutating func tick() {
        let now = Instant(nanoseconds: Int64(time * 1e9))
        if ticks % 250 == 10 { report(\.audio, at: now) }
        if ticks % 250 == 60 { report(\.video, at: now) }
        if audio.isSending {
            let timestamp = audio.timestamp(time - audio.latency - audio.obeyed)
            audio.clock.packetReceived(timestamp: timestamp, at: now)
            sync.soundPlayed(audio.clock.moment(of: timestamp, at: now), at: now)
        } else {
            sync.soundPlayed(nil, at: now)
        }
        showPicture(at: now)
        let before = (sync.audioDelay, sync.videoDelay)
        sync.update(at: now)
        let change = abs((sync.audioDelay - before.0).seconds) + abs((sync.videoDelay - before.1).seconds)
        fastestChange = max(fastestChange, change / 0.02)
        follow(&audio, sync.audioDelay)
        follow(&video, sync.videoDelay)
        worst = max(worst, abs(skew))
    }

    /// The picture taken last that is due: it waits for a tick, and jitter on the line adds some.
    private mutating func showPicture(at now: Instant) {
        guard video.isSending else { return }
        // Taken half a tick later than it is shown in the mean, so that the ticks' own part is none.
        let jitter = Double.random(in: -0.008...0.008, using: &random)
        let number = Int((time - video.latency - video.obeyed + 0.01 + jitter) * 25)
        guard number > lastPicture else { return }
        lastPicture = number
        let timestamp = video.timestamp(Double(number) / 25)
        video.clock.packetReceived(timestamp: timestamp, at: now)
        sync.pictureShown(video.clock.moment(of: timestamp, at: now), at: now)
    }

    private mutating func report(_ side: WritableKeyPath<SyncedSite, Side>, at now: Instant) {
        guard self[keyPath: side].hasReports else { return }
        let jitter = Double.random(in: -0.005...0.005, using: &random)
        let sent = time - 0.03
        let ntp = 1_000_000 + sent * self[keyPath: side].rate + self[keyPath: side].error + jitter
        let timestamp = self[keyPath: side].timestamp(sent)
        self[keyPath: side].clock.reportReceived(
            ntp: NTPTime(rawValue: UInt64(ntp * 65_536) << 16), timestamp: timestamp, at: now)
    }

    private func follow(_ side: inout Side, _ delay: Interval) {
        let step = side.obedience * 0.02
        side.obeyed += max(-step, min(step, delay.seconds - side.obeyed))
    }
}
