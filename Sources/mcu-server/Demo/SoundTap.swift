import Console
import Foundation
import Glibc

/// Listens to what one site is sent, for as long as the demo lasts: the endpoint writes its sound as a WAV file into a
/// named pipe, and only what was heard is kept.
final class SoundTap: @unchecked Sendable {  // all state but the source is touched on `queue` only
    private static let queue = DispatchQueue(label: "demo.sound", qos: .userInitiated)
    /// F_SETPIPE_SZ of fcntl(2), and five seconds of stereo: a busy machine must not hold an endpoint up.
    private static let (setPipeSize, pipeSize): (Int32, Int32) = (1031, 1 << 20)

    private let source: any DispatchSourceRead
    private let descriptor: Int32
    private let tones: [Double]
    private var wave = WaveStream()
    private var meter: ToneMeter?
    private var log: HearingLog
    private var chunk = [UInt8](repeating: 0, count: 65_536)

    /// Makes the pipe at `path`.
    ///
    /// - Parameter listener: the site's place in `province`.
    init(at path: String, listener: Int, province: Province) throws {
        // Open both ways, so that there is a writer from the start and no end before the endpoint's first byte.
        guard mkfifo(path, 0o600) == 0, case let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC),
            descriptor >= 0
        else { throw RunFailure("\(path): can't be made: \(String(cString: strerror(errno)))") }
        _ = fcntl(descriptor, Self.setPipeSize, Self.pipeSize)
        self.descriptor = descriptor
        tones = province.sites.map(\.tone)
        log = HearingLog(listener: listener, count: province.sites.count)
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
        source.setEventHandler { [weak self] in self?.drain() }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    /// Whether any sound has come.
    var isListening: Bool { Self.queue.sync { log.duration > 0 } }

    /// Ends the tap. What the endpoint wrote until now is in.
    ///
    /// - Returns: what was heard.
    func finish() -> HearingLog {
        Self.queue.sync {
            drain()
            source.cancel()
            return log
        }
    }

    private func drain() {
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return }
            let samples = wave.push(chunk[..<count])
            guard let format = wave.format else { continue }
            if meter == nil { meter = ToneMeter(tones: tones, sampleRate: format.sampleRate) }
            for window in meter?.push(samples) ?? [] { log.note(window) }
        }
    }
}
