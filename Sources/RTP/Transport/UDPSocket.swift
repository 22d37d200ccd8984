import CLinux
import Glibc

/// A bound, non-blocking UDP socket. It owns its descriptor and closes it when it is released; sending and receiving
/// are system calls that may be made on several queues at once.
package final class UDPSocket: Sendable {
    package let descriptor: Int32
    /// What the kernel gave of the receive buffer asked for, in bytes.
    package let receiveBufferSize: Int

    /// The receive buffer asked for: a second of a 30 Mbit/s burst.
    package static let wantedReceiveBuffer: Int32 = 4 << 20

    /// - Parameters:
    ///   - address: the local address; port 0 lets the kernel choose.
    ///   - dscp: the differentiated services code point of what is sent, 0 to 63 (RFC 2474).
    ///   - receiveBuffer: asked of the kernel, in bytes; 1 is the least it has, for a socket that nobody reads.
    package init(
        bindingTo address: SocketAddress, dscp: Int = 0, receiveBuffer: Int32 = wantedReceiveBuffer
    ) throws(TransportError) {
        let descriptor = socket(address.family, Int32(SOCK_DGRAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw .cannotOpen(code: errno) }
        func set(_ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
            withUnsafeBytes(of: value) {
                setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count)) == 0
            }
        }
        // SO_RCVBUFFORCE goes past net.core.rmem_max, and works for root only.
        if !set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer) {
            _ = set(SOL_SOCKET, SO_RCVBUF, receiveBuffer)
        }
        _ = set(SOL_SOCKET, SO_SNDBUF, Self.wantedReceiveBuffer)
        _ = clinux_enable_receive_info(descriptor)
        if address.family == AF_INET6 {
            _ = set(Int32(IPPROTO_IPV6), IPV6_TCLASS, Int32(dscp << 2))
        } else {
            _ = set(Int32(IPPROTO_IP), IP_TOS, Int32(dscp << 2))
        }
        let bound = withUnsafeBytes(of: address.storage) {
            bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), address.length)
        }
        guard bound == 0 else {
            let code = errno
            close(descriptor)
            throw .cannotBind("\(address)", code: code)
        }
        var size: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, &length)
        // The kernel reports twice what it grants, for its own bookkeeping (socket(7)).
        receiveBufferSize = Int(size) / 2
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The local port.
    package var port: Int {
        var address = SocketAddress()
        withUnsafeMutableBytes(of: &address.storage) {
            _ = getsockname(
                descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &address.length)
        }
        return address.port
    }

    /// Sends one datagram, such as RTCP; `false` if the kernel refused it.
    @discardableResult
    package func send(_ bytes: UnsafeRawBufferPointer, to address: SocketAddress) -> Bool {
        withUnsafeBytes(of: address.storage) {
            sendto(
                descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL),
                $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), address.length) == bytes.count
        }
    }
}
