/// Whether what was sent to a site comes back from it.
package struct EchoFinding: Codable, Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable {
        /// Too little was sent to tell.
        case unknown
        /// Nothing of what was sent was found in what came.
        case none
        case heard
    }

    package var state: State
    /// From the sending of a sound to its coming back, in milliseconds, to 10; `nil` unless it is heard.
    package var delayMs: Double?
    /// How far below what was sent it is, in dB, to about 3; `nil` unless it is heard.
    package var attenuationDb: Double?
    /// For how much of the time anything was sent, in seconds.
    package var sentSeconds: Double

    package init(
        state: State = .unknown, delayMs: Double? = nil, attenuationDb: Double? = nil, sentSeconds: Double = 0
    ) {
        self.state = state
        self.delayMs = delayMs
        self.attenuationDb = attenuationDb
        self.sentSeconds = sentSeconds
    }

    private enum CodingKeys: String, CodingKey {
        case state
        case delayMs = "delay_ms"
        case attenuationDb = "attenuation_db"
        case sentSeconds = "sent_seconds"
    }
}
