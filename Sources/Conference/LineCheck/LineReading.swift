/// A site's statistics at one moment, as the bridge has them. Counts are since the bridge's start, or since any other moment:
/// only how they grow counts.
package struct LineReading: Hashable, Sendable {
    /// RTP packets of a picture or a sound.
    package struct Stream: Hashable, Sendable {
        package var packets: Int
        package var lost: Int
        package var jitterMs: Double

        package init(packets: Int = 0, lost: Int = 0, jitterMs: Double = 0) {
            self.packets = packets
            self.lost = lost
            self.jitterMs = jitterMs
        }
    }

    /// `nil`: the site is to send no picture.
    package var picture: Stream?
    /// Pictures decoded.
    package var decoded: Int
    /// Of those, what differed from the one before.
    package var changed: Int
    /// Luma samples; 0: nothing was decoded yet.
    package var width: Int
    package var height: Int
    /// `nil`: the site is to send no sound.
    package var sound: Stream?
    /// By RTCP; `nil`: not known.
    package var roundTripMs: Double?
    /// How much later the sound is than its picture; `nil`: not known.
    package var lipSyncMs: Double?

    package init(
        picture: Stream? = nil, decoded: Int = 0, changed: Int = 0, width: Int = 0, height: Int = 0,
        sound: Stream? = nil, roundTripMs: Double? = nil, lipSyncMs: Double? = nil
    ) {
        self.picture = picture
        self.decoded = decoded
        self.changed = changed
        self.width = width
        self.height = height
        self.sound = sound
        self.roundTripMs = roundTripMs
        self.lipSyncMs = lipSyncMs
    }
}
