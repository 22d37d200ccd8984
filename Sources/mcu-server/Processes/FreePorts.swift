import Console
import Glibc

/// Ports of this machine that nobody has.
enum FreePorts {
    /// Whether a UDP port is free.
    static func isFree(_ port: Int) -> Bool { canBind(Int32(SOCK_DGRAM.rawValue), port) }

    /// Where `ctl` looks by itself if that can be had, else the next port that can.
    static func httpAddress() -> String {
        let port = (8080..<9080).first { canBind(Int32(SOCK_STREAM.rawValue), $0) } ?? 8080
        return "\(DemoPlan.host):\(port)"
    }

    private static func canBind(_ type: Int32, _ port: Int) -> Bool {
        let descriptor = socket(AF_INET, type | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A TCP port whose last connections only linger is free to those who serve.
        var on: Int32 = 1
        if type == Int32(SOCK_STREAM.rawValue) {
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        // On all addresses, so that a socket on any of them counts.
        var local = sockaddr_in()
        local.sin_family = sa_family_t(AF_INET)
        local.sin_port = in_port_t(port).bigEndian
        return withUnsafePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
