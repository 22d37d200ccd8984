import Media

/// What a line check measured of one site.
package struct LineMeasurement: Codable, Hashable, Sendable {
    /// The packets of a picture or a sound.
    package struct Stream: Codable, Hashable, Sendable {
        package var packets: Int
        /// Of those that should have come, 0 to 1.
        package var lossShare: Double
        /// The most there was.
        package var jitterMs: Double

        package init(packets: Int = 0, lossShare: Double = 0, jitterMs: Double = 0) {
            self.packets = packets
            self.lossShare = lossShare
            self.jitterMs = jitterMs
        }

        private enum CodingKeys: String, CodingKey {
            case packets
            case lossShare = "loss_share"
            case jitterMs = "jitter_ms"
        }
    }

    /// The picture as it was seen.
    package struct Picture: Codable, Hashable, Sendable {
        package var stream: Stream
        package var width: Int
        package var height: Int
        /// Pictures decoded a second.
        package var fps: Double
        package var decoded: Int
        /// Pictures that differed from the one before.
        package var changed: Int
        /// The longest that no picture differed.
        package var standstillSeconds: Double

        package init(
            stream: Stream = Stream(), width: Int = 0, height: Int = 0, fps: Double = 0, decoded: Int = 0,
            changed: Int = 0, standstillSeconds: Double = 0
        ) {
            self.stream = stream
            self.width = width
            self.height = height
            self.fps = fps
            self.decoded = decoded
            self.changed = changed
            self.standstillSeconds = standstillSeconds
        }

        private enum CodingKeys: String, CodingKey {
            case stream, width, height, fps, decoded, changed
            case standstillSeconds = "standstill_seconds"
        }
    }

    /// For how long its packets were counted. 0: nothing was measured.
    package var seconds: Double
    /// `nil`: it is to send none.
    package var picture: Picture?
    /// `nil`: it is to send none.
    package var sound: Stream?
    /// What was heard; `nil`: it was not listened to.
    package var heard: SoundFinding?
    package var echo: EchoFinding?
    package var roundTripMs: Double?
    /// How much later the sound is than its picture.
    package var lipSyncMs: Double?

    package init(
        seconds: Double = 0, picture: Picture? = nil, sound: Stream? = nil, heard: SoundFinding? = nil,
        echo: EchoFinding? = nil, roundTripMs: Double? = nil, lipSyncMs: Double? = nil
    ) {
        self.seconds = seconds
        self.picture = picture
        self.sound = sound
        self.heard = heard
        self.echo = echo
        self.roundTripMs = roundTripMs
        self.lipSyncMs = lipSyncMs
    }

    private enum CodingKeys: String, CodingKey {
        case seconds, picture, sound, heard, echo
        case roundTripMs = "round_trip_ms"
        case lipSyncMs = "lip_sync_ms"
    }

    /// The larger loss of picture and sound, of those that sent anything; `nil`: neither did.
    package var lossShare: Double? { streams.map(\.lossShare).max() }
    /// The larger jitter of the two.
    package var jitterMs: Double? { streams.map(\.jitterMs).max() }

    private var streams: [Stream] { [picture?.stream, sound].compactMap(\.self).filter { $0.packets > 0 } }
}
