import Benchmark
import Media
import RTP

/// One site's sound stream, 20 ms a packet with a little jitter, and its jitter buffer.
final class SoundLine {
    private var buffer = AudioJitterBuffer()
    private let payload = [UInt8](repeating: 0x78, count: 80)
    private var sequence: Int64 = 0

    /// One packet in, and what the mix of that tick takes out.
    func receive() {
        let now = Instant.zero + .milliseconds(20) * Int(sequence)
        payload.withUnsafeBytes {
            _ = buffer.insert(
                sequence: sequence, timestamp: sequence * 960, duration: 960, payload: $0,
                arrival: now + .milliseconds(Int(sequence * 7 % 5)))
        }
        sequence += 1
        var samples = 0
        while samples < 960 {
            switch buffer.next(at: now + .milliseconds(10), decoded: samples) {
            case .packet(let bytes, let duration):
                blackHole(bytes)
                samples += duration
            case .recover(_, let duration), .conceal(let duration), .silence(let duration): samples += duration
            case .skip: break
            case .waiting: samples = 960
            }
        }
    }
}
