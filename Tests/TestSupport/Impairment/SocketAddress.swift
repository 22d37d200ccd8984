import Glibc

/// An IPv4 address and a UDP port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// As in a `sockaddr_in`: network byte order.
    private var host: UInt32
    package var port: Int

    /// Reads `127.0.0.1:5004`; `nil` for anything else, names included.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var address = in_addr()
        guard parts.count == 2, let port = UInt16(parts[1]), inet_pton(AF_INET, String(parts[0]), &address) == 1 else {
            return nil
        }
        host = address.s_addr
        self.port = Int(port)
    }

    init(_ address: sockaddr_in) {
        host = address.sin_addr.s_addr
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Another port of the same host.
    func with(port: Int) -> SocketAddress {
        var other = self
        other.port = port
        return other
    }

    var socketAddress: sockaddr_in {
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        result.sin_addr.s_addr = host
        return result
    }

    package var description: String {
        let word = UInt32(bigEndian: host)
        return "\(word >> 24).\(word >> 16 & 255).\(word >> 8 & 255).\(word & 255):\(port)"
    }
}
