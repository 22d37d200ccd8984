import Media

/// How early a source's pictures come against the clock that says when they are due, and how late some of them are beside the
/// others: what `PictureSampler` judges by. All in nanoseconds.
struct PictureMargins {
    private(set) var mean = 0.0
    /// Of how many pictures that is the mean, up to `longMemory`.
    private var count = 0.0
    /// Mean distance from the mean.
    private(set) var deviation = 1e6
    /// By how much pictures come later than the mean, again and again: keyframes do, and seconds lie between two of them.
    /// Forgotten over minutes.
    private(set) var lateness = 0.0
    /// The latest of the last seconds: a hiccup, until another one comes so late.
    private var hiccup: (lateness: Double, at: Instant)?
    /// Pictures in a row that were of a hiccup.
    private var hiccupRow = 0

    /// In pictures. Where arrivals scatter the mean must not: what is late is measured from it.
    private static let longMemory = 64.0
    /// Of fewer pictures it is no mean to measure from.
    private static let leastCount = 16.0
    /// The weight of one picture in `deviation`.
    private static let weight = 1.0 / 16
    /// What is late by no more is cheaply waited for. By more it would be delay for all, and a picture repeated now and then is less.
    private static let cheap = 12e6
    /// In which `lateness` is down to a third, if nothing comes so late any more: of what is cheap, and of more.
    private static let latenessMemory = (cheap: 120e9, dear: 20e9)
    /// What comes late within this time of another is of the same hiccup; what does so after it, but within the longer one,
    /// shows that it was none.
    private static let sameHiccup = Interval.milliseconds(200)
    private static let hiccupMemory = (cheap: Interval.seconds(20), dear: Interval.seconds(3))
    /// In pictures: with so many in a row it was none, and the line has become longer.
    private static let longestHiccup = 8
    /// By so much two that come equally late may differ.
    private static let alike = 3e6

    /// By how much a picture may be later than the mean without being a hiccup.
    var latest: Double { lateness + Self.alike }

    /// The clock is another one.
    mutating func begin(with margin: Double) {
        mean = margin
        count = 0
        forgetLateness()
    }

    /// What was late while a stream began says little of it.
    mutating func forgetLateness() {
        lateness = 0
        hiccup = nil
        hiccupRow = 0
    }

    /// The clock was moved.
    mutating func move(by step: Double) { mean += step }

    /// Takes a picture's.
    /// - Parameters:
    ///   - length: from the picture before to this one, by their own time.
    ///   - step: the clock's. What is later by more is no reason to set it back.
    ///   - period: the most that one picture counts for.
    mutating func add(_ margin: Double, length: Double, step: Double, period: Double, at now: Instant) {
        let memory = lateness > Self.cheap ? Self.latenessMemory.dear : Self.latenessMemory.cheap
        lateness *= 1 - min(1, length / memory)
        let isHiccup = noteLateness(mean - margin, step: step, at: now)
        if hiccupRow >= Self.longestHiccup {
            mean = margin
            count = 0
            hiccup = nil
            hiccupRow = 0
        }
        // A hiccup tells little of the others.
        let difference = max(isHiccup ? -latest : -period, min(margin - mean, period))
        count = min(count + 1, Self.longMemory)
        mean += difference / count
        deviation += (abs(difference) - deviation) * Self.weight
    }

    /// What is late once, with those behind it, is a hiccup: it shows in `lateness` when another comes as late.
    private mutating func noteLateness(_ late: Double, step: Double, at now: Instant) -> Bool {
        guard count >= Self.leastCount else { return false }
        hiccupRow = late > latest ? hiccupRow + 1 : 0
        guard late < step else { return true }
        let memory = min(late, hiccup?.lateness ?? late) > Self.cheap ? Self.hiccupMemory.dear : Self.hiccupMemory.cheap
        if let known = hiccup, now - known.at < memory {
            let isAnother = hiccupRow < 2 && now - known.at > Self.sameHiccup
            if isAnother { lateness = max(lateness, min(late, known.lateness)) }
            if late > known.lateness { hiccup = (late, isAnother ? now : known.at) }
        } else {
            hiccup = (late, now)
        }
        return late > latest
    }
}
