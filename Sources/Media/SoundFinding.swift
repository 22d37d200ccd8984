/// What was found of a site's sound over some seconds, in numbers; what is too much of each is said where the verdict is
/// made. Levels are in dBov: 0 is a full-scale square wave, -127 no sound at all.
package struct SoundFinding: Codable, Hashable, Sendable {
    /// A tone of the mains that stands out all the time.
    package struct Hum: Codable, Hashable, Sendable {
        /// Of the mains: 50 or 60 Hz.
        package var mainsHz: Int
        /// Of the mains' tone and its first two harmonics together.
        package var levelDbov: Double

        package init(mainsHz: Int, levelDbov: Double) {
            self.mainsHz = mainsHz
            self.levelDbov = levelDbov
        }

        private enum CodingKeys: String, CodingKey {
            case mainsHz = "mains_hz"
            case levelDbov = "level_dbov"
        }
    }

    /// The sound listened to, in seconds. 0: there was none, and the rest says nothing.
    package var seconds: Double
    /// Of all of it, without its constant part.
    package var meanDbov: Double
    /// The largest sample.
    package var peakDbov: Double
    /// What nine blocks of ten are louder than: the room when nobody speaks.
    package var noiseFloorDbov: Double
    /// Of the blocks, 0 to 1: those of nothing but zeros, or of one constant.
    package var zeroShare: Double
    /// Of the blocks, 0 to 1: those below `SoundFinding.silence`.
    package var silentShare: Double
    /// Of the samples, 0 to 1: those cut off at full scale or below it.
    package var clippedShare: Double
    /// The mean of the samples; 1 is full scale.
    package var offset: Double
    /// `nil`: none.
    package var hum: Hum?

    /// The level of nothing.
    package static let nothing = -127.0
    /// A block below this is silent: quieter than any room whose microphone is open, in dBov.
    package static let silence = -65.0

    package init(
        seconds: Double = 0, meanDbov: Double = Self.nothing, peakDbov: Double = Self.nothing,
        noiseFloorDbov: Double = Self.nothing, zeroShare: Double = 0, silentShare: Double = 0,
        clippedShare: Double = 0, offset: Double = 0, hum: Hum? = nil
    ) {
        self.seconds = seconds
        self.meanDbov = meanDbov
        self.peakDbov = peakDbov
        self.noiseFloorDbov = noiseFloorDbov
        self.zeroShare = zeroShare
        self.silentShare = silentShare
        self.clippedShare = clippedShare
        self.offset = offset
        self.hum = hum
    }

    private enum CodingKeys: String, CodingKey {
        case seconds, offset, hum
        case meanDbov = "mean_dbov"
        case peakDbov = "peak_dbov"
        case noiseFloorDbov = "noise_floor_dbov"
        case zeroShare = "zero_share"
        case silentShare = "silent_share"
        case clippedShare = "clipped_share"
    }
}
