import Bridge
import Console
import Foundation
import Glibc
import Media
import RTP
import Synchronization

/// Sends the cameras and microphones of all sites from one thread, until it is stopped.
final class CameraThread: Sendable {
    /// When site 1 last turned dark or bright, by its first packet.
    private let flip = Mutex<Instant?>(nil)
    private let isStopped = Atomic(false)
    private let done = DispatchSemaphore(value: 0)

    /// Every so many sites one speaks all the time; the others' rooms are quiet.
    private static let speakers = 8

    init(_ recordings: CameraRecordings, to lines: [CapacityScenario.Line]) throws {
        let socket = try UDPSocket(bindingTo: SocketAddress(host: CapacityScenario.host, port: 0))
        let targets = try lines.map { line in
            (
                pictures: try SocketAddress(host: CapacityScenario.host, port: line.bridge + 2),
                sound: try SocketAddress(host: CapacityScenario.host, port: line.bridge)
            )
        }
        let thread = Thread { [self] in
            run(recordings, targets, on: socket)
            done.signal()
        }
        thread.name = "cameras"
        thread.start()
    }

    var lastFlip: Instant? { flip.withLock { $0 } }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        done.wait()
    }

    private func run(
        _ recordings: CameraRecordings, _ targets: [(pictures: SocketAddress, sound: SocketAddress)],
        on socket: UDPSocket
    ) {
        let start = Clock.now()
        let sources = targets.enumerated().map { site, target in
            CameraSource(
                site == 0 ? recordings.flash : recordings.cameras[site % recordings.cameras.count],
                sound: site % Self.speakers == 1 ? recordings.voice : recordings.quiet,
                ssrc: UInt32(0x5EED_1000 + site),
                // Out of step with one another, as cameras are.
                from: start + Interval(nanoseconds: 33_333_333 * Int64(site) / Int64(targets.count)),
                pictures: Outlet(socket, to: target.pictures), sounds: Outlet(socket, to: target.sound))
        }
        var batch = SendBatch(capacity: 512)
        while !isStopped.load(ordering: .relaxed) {
            for (site, source) in sources.enumerated() {
                let now = Clock.now()
                let picture = source.send(at: now, &batch)
                if site == 0, let picture, picture % CameraRecordings.flashLength == 0 { flip.withLock { $0 = now } }
            }
            usleep(500)
        }
    }
}
