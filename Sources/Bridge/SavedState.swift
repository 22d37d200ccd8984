import CLinux
import Conference
import Glibc
import Media
import RTP

/// What a bridge keeps over a restart: its outgoing streams, so that endpoints see them go on, and what operators have
/// arranged.
package struct SavedState: Codable, Hashable, Sendable {
    package struct Streams: Codable, Hashable, Sendable {
        var cname: String
        var audio: ResumePoint?
        var video: ResumePoint?
        var repair: ResumePoint?
    }

    /// Seconds since 1970.
    package var savedAt: Double
    /// When the machine was started, by the same clock: timestamps go on only on the same run of it.
    var bootedAt: Double
    /// Whether nothing was sent after it was saved.
    package var isComplete: Bool
    var sites: [String: Streams]
    var arrangement: SavedArrangement

    /// Older than that it is of another meeting.
    private static let validity = 600.0
    /// What may have been sent in the second or two since it was saved: 10 Mbit/s of pictures.
    private static let videoMargin: UInt16 = 2000
    private static let audioMargin: UInt16 = 150

    /// The wall clock in seconds since 1970, and when the machine was started by it.
    static func clocks() -> (now: Double, bootedAt: Double) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        return (now, now - (Clock.now() - .zero).seconds)
    }

    /// Whether it is of this meeting.
    package var isValid: Bool { (0...Self.validity).contains(Self.clocks().now - savedAt) }

    /// A site's streams to go on with; `nil`: it begins new ones.
    func streams(of site: SiteID) -> Streams? {
        // The wall clock may have been set by a little meanwhile.
        guard abs(Self.clocks().bootedAt - bootedAt) < 5, var streams = sites[site.rawValue] else { return nil }
        guard !isComplete else { return streams }
        streams.audio = streams.audio?.ahead(by: Self.audioMargin)
        streams.video = streams.video?.ahead(by: Self.videoMargin)
        streams.repair = streams.repair?.ahead(by: Self.videoMargin)
        return streams
    }
}
