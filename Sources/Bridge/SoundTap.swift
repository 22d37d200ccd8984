import Conference
import Media
import Mixer
import Synchronization

/// An ear at one site's line, for a line check: what comes from the site is analysed, and held against what it is sent.
final class SoundTap: @unchecked Sendable {  // both analyses are touched under `lock` only
    let site: SiteID
    // Held for a block's analysis on the audio thread, and for what was found.
    private let lock = Mutex(())
    private var sound = SoundCheck()
    private var echo = EchoDetector()

    init(_ site: SiteID) { self.site = site }

    /// One tick of sound.
    /// - Parameters:
    ///   - sent: what the site is sent.
    ///   - received: what came from it, as it was decoded.
    func take(sent: AudioBlock, received: AudioBlock) {
        lock.withLock { _ in
            sound.take(received)
            echo.take(sent: sent, received: received)
        }
    }

    /// What was found so far. The search for an echo takes some milliseconds: once the tap is out of the audio path.
    var findings: (sound: SoundFinding, echo: EchoFinding) {
        lock.withLock { _ in (sound.finding, echo.finding) }
    }
}
