import CLinux
import Foundation
import RTP

/// The threads that work for all cameras: one for each core, since more would only take cores from one another. Why threads of
/// our own: docs/decisions/0002-one-queue-per-camera.md.
final class CameraThreads: Sendable {
    /// They begin with the first camera and stay; it fails where the system has no descriptor left.
    static let shared = Result { () throws(TransportError) in try CameraThreads() }

    let turnstile: Turnstile<CameraQueue>

    private init() throws(TransportError) {
        turnstile = try Turnstile()
        for index in 0..<ProcessInfo.processInfo.activeProcessorCount {
            Thread { [turnstile] in
                clinux_name_thread("camera \(index)")
                while true { turnstile.next().turn() }
            }.start()
        }
    }
}
