import Bridge
import Console
import Foundation
import Glibc
import Media
import Mixer
import RTP
import Synchronization

/// Decodes what site 1 is sent, and times how long its own flashes take to come back.
final class DelayProbe: Sendable {
    private let delays = Mutex<[Double]>([])
    private let isStopped = Atomic(false)
    private let done = DispatchSemaphore(value: 0)
    private let lastFlip: Mutex<(@Sendable () -> Instant?)?> = Mutex(nil)

    private static let bright = 110

    /// - Parameters:
    ///   - port: where site 1's pictures come.
    ///   - cell: its size in them; it stands at the top left.
    init(port: Int, cell: Size) throws {
        let socket = try UDPSocket(bindingTo: SocketAddress(host: CapacityScenario.host, port: port))
        let thread = Thread { [self] in
            defer { done.signal() }
            // Without one no picture comes, and the step says so.
            guard var decoder = VideoDecoder(.h264) else { return }
            var depacketizer = Depacketizer(codec: .h264)
            var batch = ReceiveBatch()
            var wasBright: Bool?
            var (sequence, timestamp) = (Int64(0), Int64(0))
            while !isStopped.load(ordering: .relaxed) {
                let count = batch.receive(from: socket)
                for index in 0..<count {
                    let datagram = UnsafeRawBufferPointer(batch.datagram(index))
                    guard let header = RTPHeader(parsing: datagram), header.payloadType == 96 else { continue }
                    // The loopback loses and reorders nothing: each is a little behind the last.
                    sequence += Int64(header.sequence &- UInt16(truncatingIfNeeded: sequence))
                    timestamp += Int64(header.timestamp &- UInt32(truncatingIfNeeded: timestamp))
                    depacketizer.push(
                        VideoPacket(
                            codec: .h264, sequence: sequence, timestamp: timestamp, marker: header.marker,
                            arrival: Clock.now(),
                            payload: UnsafeRawBufferPointer(rebasing: datagram[header.payload])))
                }
                while case .accessUnit(let unit, _) = depacketizer.next() {
                    guard case .picture(let picture) = decoder.decode(unit),
                        let colour = picture.colour(x: cell.width / 2, y: cell.height / 4)
                    else { continue }
                    let isBright = colour.y > Self.bright
                    if let wasBright, wasBright != isBright { note(Clock.now()) }
                    wasBright = isBright
                }
                if count == 0 { usleep(500) }
            }
        }
        thread.name = "delay"
        thread.start()
    }

    /// Since the last call, in ms, sorted.
    func take() -> [Double] {
        delays.withLock { delays in
            defer { delays = [] }
            return delays.sorted()
        }
    }

    /// From now on the flashes come from there.
    func follow(_ flips: @escaping @Sendable () -> Instant?) { lastFlip.withLock { $0 = flips } }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        done.wait()
    }

    private func note(_ now: Instant) {
        guard let flip = lastFlip.withLock({ $0 })?() else { return }
        delays.withLock { $0.append((now - flip).milliseconds) }
    }
}
