import Bridge
import Conference
import Glibc
import Logging
import Media
import TestSupport
import Testing

/// A real bridge on the loopback, which runs as long as it is held.
final class LoopbackBridge {
    let bridge: Bridge

    /// All that a site here sends.
    static let payloadType = PayloadType(96)!

    init(_ sites: [SitePlan], size: Size = Size(width: 320, height: 180), frameRate: Int = 10) throws {
        let room = ProgramPlan(
            id: .room, layout: .automatic, viewers: sites.map(\.id), size: size, frameRate: frameRate)
        let plan = ConferencePlan(sites: sites, programs: [room], bindAddress: "127.0.0.1")
        bridge = try Bridge(plan, log: Logger(label: "bridge") { _ in SwiftLogNoOpLogHandler() })
        bridge.start()
    }

    deinit { bridge.stop() }

    /// A site with sound and picture.
    /// - Parameters:
    ///   - ports: of the bridge.
    ///   - home: where its picture goes; nobody listens to its sound.
    static func site(
        _ id: String, at ports: PortBlock, sentTo home: LoopbackSocket, kind: SiteKind = .site,
        backupOf main: SiteID? = nil
    ) throws -> SitePlan {
        let audio = AudioPlan(
            port: ports.audio, destination: HostPort(host: "127.0.0.1", port: 9), accepts: [PayloadType(111)!: .opus])
        let video = VideoPlan(
            port: ports.video, destination: HostPort(host: "127.0.0.1", port: home.port),
            accepts: [payloadType: .h264], size: Size(width: 320, height: 180), frameRate: 10,
            bitrate: Bitrate(bitsPerSecond: 500_000))
        return SitePlan(
            id: try #require(SiteID(id)), name: id, kind: kind, audio: audio, video: video, backupOf: main)
    }

    /// How a site stands; `nil`: there is none.
    func status(of site: SiteID) -> SiteStatus? { bridge.status().sites.first { $0.id == site.rawValue } }
}

extension LoopbackSocket {
    /// The SSRCs of the RTP packets that came, each once.
    var sources: Set<UInt32> {
        Set(
            datagrams.filter { $0.bytes.count >= 12 }.map {
                $0.bytes[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            })
    }
}

/// Waits until `condition` holds, which is no longer than it takes.
/// - Returns: `false` if it does not within ten seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<1_000 {
        if condition() { return true }
        usleep(10_000)
    }
    return false
}
