/// Up to what a number is good, and from what on bad: the one place where the line check and the alarms have it from.
package struct Limit: Hashable, Sendable {
    /// From here on it is worth a warning.
    package let warning: Double
    /// Above this it is bad.
    package let bad: Double

    package init(warning: Double, bad: Double) {
        self.warning = warning
        self.bad = bad
    }

    package func grade(_ value: Double) -> Grade { value > bad ? .bad : value >= warning ? .warning : .good }
}

/// How good something is; the worst is the largest.
package enum Grade: String, Codable, Comparable, CaseIterable, Sendable {
    case good, warning, bad

    private var rank: Int { self == .good ? 0 : self == .warning ? 1 : 2 }
    package static func < (a: Grade, b: Grade) -> Bool { a.rank < b.rank }
}

/// What is asked of a site's line, picture and sound.
package enum Quality {
    /// Of the packets: below 1 % good, above 5 % bad, as operators know it from other bridges.
    package static let loss = Limit(warning: 0.01, bad: 0.05)
    /// Milliseconds of interarrival jitter (RFC 3550): jitter buffers hide 30; 100 is a line that stalls.
    package static let jitter = Limit(warning: 30, bad: 100)
    /// Milliseconds there and back: twice the 150 and 400 ms one way of ITU-T G.114.
    package static let roundTrip = Limit(warning: 300, bad: 800)
    /// Seconds that a picture stands still while it should move.
    package static let standstill = Limit(warning: 1, bad: 2)
    /// Of the samples of the sound: a few that are cut off nobody hears.
    package static let clipping = Limit(warning: 0.0005, bad: 0.01)
    /// The constant part of the sound, 1 being full scale.
    package static let offset = Limit(warning: 0.02, bad: 0.2)
    /// Sound that is quieter than this on average is hard to make out, in dBov.
    package static let quiet = -45.0
    /// Noise that nine tenths of the sound are above: louder than this it is heard in all rooms, in dBov.
    package static let noise = Limit(warning: -45, bad: -30)
    /// Mains hum, in dBov.
    package static let hum = Limit(warning: -60, bad: -40)
    /// An echo that is fainter than this, in dB below what was sent, is no trouble; louder than the second it is bad.
    package static let echo = (warning: 45.0, bad: 30.0)
    /// Pictures a second.
    package static let frameRate = (warning: 12.0, bad: 5.0)

    /// Of the bridge's ticks, those that are late.
    package static let lateTicks = Limit(warning: 0.01, bad: 0.05)
    /// Of all cores: above this ticks will be late.
    package static let load = Limit(warning: 0.85, bad: 0.95)
    /// Bytes left for recordings: a gigabyte holds an hour and a half at 1.5 Mbit/s.
    package static let freeDisk = (warning: 5_000_000_000, bad: 1_000_000_000)

    /// Of sound later than its picture by `milliseconds`, negative when it is ahead, by ITU-R BT.1359: good where nobody detects
    /// it, 45 ahead to 125 behind; bad where it is unacceptable, 90 ahead, 185 behind. Lip-sync itself begins to correct before
    /// (EBU R37): what it is about to mend is no alarm.
    package static func grade(skew milliseconds: Double) -> Grade {
        if milliseconds < -90 || milliseconds > 185 { return .bad }
        return milliseconds < -45 || milliseconds > 125 ? .warning : .good
    }

    /// Of an echo so many dB below what was sent.
    package static func grade(echo attenuation: Double) -> Grade {
        attenuation < echo.bad ? .bad : attenuation < echo.warning ? .warning : .good
    }

    /// Of so many bytes left for recordings.
    package static func grade(freeDiskBytes: Int) -> Grade {
        freeDiskBytes < freeDisk.bad ? .bad : freeDiskBytes < freeDisk.warning ? .warning : .good
    }

    /// Of so many pictures a second.
    package static func grade(frameRate: Double) -> Grade {
        frameRate < Self.frameRate.bad ? .bad : frameRate < Self.frameRate.warning ? .warning : .good
    }
}
