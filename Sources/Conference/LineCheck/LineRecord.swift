import Media

/// One site's readings while a check runs, and what was heard from it.
struct LineRecord: Sendable {
    private var first: (reading: LineReading, at: Instant)?
    private var latest: (reading: LineReading, at: Instant)?
    private var pictureJitter = 0.0
    private var soundJitter = 0.0
    private var lastChange = Instant.zero
    private var standstill = Interval.zero
    var heard: SoundFinding?
    var echo: EchoFinding?

    mutating func take(_ reading: LineReading, at now: Instant) {
        guard let latest, now > latest.at else {
            if latest == nil {
                first = (reading, now)
                self.latest = (reading, now)
                lastChange = now
            }
            return
        }
        pictureJitter = max(pictureJitter, reading.picture?.jitterMs ?? 0)
        soundJitter = max(soundJitter, reading.sound?.jitterMs ?? 0)
        if reading.changed > latest.reading.changed { lastChange = now }
        standstill = max(standstill, now - lastChange)
        self.latest = (reading, now)
    }

    var measurement: LineMeasurement {
        guard let first, let latest, latest.at > first.at else {
            return LineMeasurement(heard: heard, echo: echo)
        }
        let (before, after) = (first.reading, latest.reading)
        let seconds = (latest.at - first.at).seconds
        let decoded = max(0, after.decoded - before.decoded)
        let picture = after.picture.map { stream in
            LineMeasurement.Picture(
                stream: Self.growth(before.picture, stream, jitter: pictureJitter), width: after.width,
                height: after.height, fps: Double(decoded) / seconds, decoded: decoded,
                changed: max(0, after.changed - before.changed), standstillSeconds: standstill.seconds)
        }
        return LineMeasurement(
            seconds: seconds, picture: picture,
            sound: after.sound.map { Self.growth(before.sound, $0, jitter: soundJitter) }, heard: heard, echo: echo,
            roundTripMs: after.roundTripMs, lipSyncMs: after.lipSyncMs)
    }

    // Duplicates can make the loss fall.
    private static func growth(
        _ before: LineReading.Stream?, _ after: LineReading.Stream, jitter: Double
    ) -> LineMeasurement.Stream {
        let packets = max(0, after.packets - (before?.packets ?? 0))
        let lost = max(0, after.lost - (before?.lost ?? 0))
        return LineMeasurement.Stream(
            packets: packets, lossShare: packets + lost > 0 ? Double(lost) / Double(packets + lost) : 0,
            jitterMs: jitter)
    }
}
