import CLinux
import Glibc

/// An IPv4 or IPv6 address with a UDP port, in the kernel's form.
package struct SocketAddress: Sendable, CustomStringConvertible {
    /// A `sockaddr_in6` has room for both: a quarter of `sockaddr_storage`, and this one is copied per packet.
    package var storage: sockaddr_in6
    package var length: socklen_t

    /// No address: what a receive fills in.
    package init() {
        storage = sockaddr_in6()
        length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    }

    /// Resolves `host`, a numeric IPv4 address or a name that has one, which may ask DNS: at start or by command only,
    /// never per packet.
    package init(host: String, port: Int) throws(TransportError) {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let list else {
            throw .unknownHost(host, reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        self.init()
        length = list.pointee.ai_addrlen
        memcpy(&storage, list.pointee.ai_addr, Int(length))
    }

    package var family: Int32 { Int32(storage.sin6_family) }

    package var port: Int {
        get { withUnsafeBytes(of: storage) { Int($0.bigEndian16(at: 2)) } }
        set { withUnsafeMutableBytes(of: &storage) { $0.storeBigEndian(UInt16(truncatingIfNeeded: newValue), at: 2) } }
    }

    /// Whether both are the same host, whatever the port.
    package func hasSameHost(as other: SocketAddress) -> Bool {
        guard family == other.family else { return false }
        return withUnsafeBytes(of: storage) { mine in
            withUnsafeBytes(of: other.storage) { theirs in
                family == AF_INET
                    ? mine.bigEndian32(at: 4) == theirs.bigEndian32(at: 4)
                    : mine.bigEndian64(at: 8) == theirs.bigEndian64(at: 8)
                        && mine.bigEndian64(at: 16) == theirs.bigEndian64(at: 16)
            }
        }
    }

    /// Whether host and port are the same.
    package func isSame(as other: SocketAddress) -> Bool { port == other.port && hasSameHost(as: other) }

    package var description: String {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = withUnsafeBytes(of: storage) {
            getnameinfo(
                $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), length, &host, socklen_t(host.count), nil, 0,
                NI_NUMERICHOST)
        }
        guard code == 0 else { return "?:\(port)" }
        let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return family == AF_INET6 ? "[\(text)]:\(port)" : "\(text):\(port)"
    }
}
