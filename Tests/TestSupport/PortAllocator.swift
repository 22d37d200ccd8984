import Foundation
import Glibc
import Synchronization

/// Four UDP ports in a row, as one site uses them.
package struct PortBlock: Hashable, Sendable {
    /// The first one; even.
    package let audio: Int
    package var audioRTCP: Int { audio + 1 }
    package var video: Int { audio + 2 }
    package var videoRTCP: Int { audio + 3 }
}

/// Finds UDP ports on the loopback that nothing uses. Each block is handed out once in this process, and processes that
/// run at the same time have stripes of their own.
package enum PortAllocator {
    /// Below Linux' ephemeral ports (from 32768 on), which any socket may get while the test runs.
    private static let range = 20_000..<32_000
    private static let stripes = 6
    private static let blocks = range.count / 4 / stripes
    private static let stripe = claimStripe()
    private static let next = Atomic<Int>(0)

    /// The next free block, or `nil` if there is none in the whole stripe.
    package static func block() -> PortBlock? {
        for _ in 0..<blocks {
            let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
            let base = range.lowerBound + 4 * (stripe * blocks + turn % blocks)
            if (base..<base + 4).allSatisfy(isFree) { return PortBlock(audio: base) }
        }
        return nil
    }

    /// The first stripe that no other process has. It is held by an abstract socket's name, which ends with the process.
    private static func claimStripe() -> Int {
        for stripe in 0..<stripes {
            let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { break }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let name = Array("\0mcu-test-ports-\(stripe)".utf8)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            let length = MemoryLayout<sa_family_t>.size + name.count
            let isBound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) == 0 }
            }
            if isBound { return stripe }
            close(descriptor)
        }
        return Int(getpid()) % stripes
    }

    /// Waits until some process has bound the port, so that nothing sent to it is lost; `false` if none has in time.
    /// It looks in `/proc/net/udp`: trying to bind could get in that process' way.
    package static func waitUntilBound(_ port: Int, seconds: Double) -> Bool {
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        repeat {
            for table in ["/proc/net/udp", "/proc/net/udp6"] {
                let lines = (try? String(contentsOfFile: table, encoding: .utf8)) ?? ""
                let isBound = lines.split(separator: "\n").dropFirst().contains { line in
                    line.split(separator: " ").dropFirst().first?.hasSuffix(suffix) ?? false
                }
                if isBound { return true }
            }
            usleep(5_000)
        } while ContinuousClock.now < deadline
        return false
    }

    /// Whether a UDP socket can be bound to the port now, on every address.
    package static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
