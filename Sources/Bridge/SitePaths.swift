import Conference
import Logging
import Media
import Mixer
import RTP
import Synchronization

/// All that one site has running: its ports, its picture both ways, its sound both ways, or what it plays. Made with its ports
/// bound before anybody knows of the site; it works from `start` to `stop`.
final class SitePaths: Sendable {
    let plan: SitePlan
    let line: CascadeLine
    /// `nil`: no picture comes from it by RTP.
    let camera: VideoReceivePath?
    /// `nil`: it is sent no picture.
    let sender: VideoSender?
    /// Confined to the audio thread once it was handed over; `nil`: it has no sound by RTP.
    nonisolated(unsafe) let endpoint: AudioEndpoint?
    /// `nil`: it is an endpoint.
    let player: PlayerPath?

    let cname: String

    /// Binds its ports.
    /// - Parameters:
    ///   - plan: of the whole conference: what holds for all sites.
    ///   - streams: to go on with; `nil`: new ones.
    init(
        _ site: SitePlan, of plan: ConferencePlan, streams: SavedState.Streams? = nil, shared: SharedState,
        cascade: CascadePath, log: Logger
    ) throws(BridgeError) {
        self.plan = site
        line = CascadeLine(site.id, shared: shared, path: cascade)
        var log = log
        log[metadataKey: "site"] = "\(site.id)"
        player = site.isPlayer ? PlayerPath(site.id, log: log) : nil
        cname = streams?.cname ?? RTPIdentity.randomCNAME()
        let gop = Interval(nanoseconds: Int64(plan.gop * 1e9))
        if let video = site.video {
            do throws(TransportError) {
                let ports = try MediaPorts(video, plan: plan)
                let identity = RTPIdentity(video: streams, cname: cname, isSecured: video.security != nil)
                line.ownStreamChanged(to: identity.ssrc)
                sender = try VideoSender(
                    site.id, video: video, ports: ports, identity: identity, gop: gop,
                    concessions: shared.concessions)
                camera = try VideoReceivePath(
                    site, video: video, ports: ports, sender: sender, identity: identity, cascade: line,
                    concessions: shared.concessions, log: log)
                if let size = ports.lines.map(\.rtp.receiveBufferSize).min(), size < 1 << 20 {
                    log.notice(
                        "small receive buffer: raise net.core.rmem_max to 4194304", metadata: ["bytes": "\(size)"])
                }
            } catch { throw .port(site.id, medium: "video", error) }
        } else {
            (sender, camera) = (nil, nil)
        }
        if let audio = site.audio {
            let identity = RTPIdentity(audio: streams, cname: cname, isSecured: audio.security != nil)
            line.ownStreamChanged(to: identity.ssrc)
            do throws(AudioPathError) {
                endpoint = try AudioEndpoint(
                    site, audio: audio, plan: plan, identity: identity, sync: camera?.sync, cascade: line, log: log)
            } catch {
                switch error {
                case .codec(let site, let error): throw .sound(site, error)
                case .transport(let site, let error): throw .port(site, medium: "audio", error)
                }
            }
        } else {
            endpoint = nil
        }
    }

    /// What cells show of it; `nil`: no picture comes from it.
    var face: SiteFace.Camera? {
        if let camera { return SiteFace.Camera(latest: camera.latest, demand: camera.demand, sync: camera.sync) }
        return player.map { SiteFace.Camera(latest: $0.latest, demand: $0.demand, sync: $0.sync) }
    }

    var latest: LatestPicture? { camera?.latest ?? player?.latest }

    func start() {
        camera?.start()
        if let plan = plan.player { player?.play(plan) }
    }

    /// Says goodbye on its picture's stream; the audio thread does it on the sound's.
    func stop(saysGoodbye: Bool = true) {
        camera?.stop(saysGoodbye: saysGoodbye)
        player?.stop()
        line.end()
    }

    /// Says this to a bridge at the other end. Pictures have the roomier line.
    func say(_ message: [UInt8]) { camera?.say(message) ?? line.saySound(message) }
}

/// The paths of all sites that there are, for everybody who asks outside the ticks.
final class SiteDirectory: Sendable {
    // Guarded: held for a copy.
    private let paths = Mutex<[SiteID: SitePaths]>([:])

    subscript(site: SiteID) -> SitePaths? { paths.withLock { $0[site] } }
    var all: [SiteID: SitePaths] { paths.withLock { $0 } }

    func set(_ next: [SiteID: SitePaths]) { paths.withLock { $0 = next } }
}
