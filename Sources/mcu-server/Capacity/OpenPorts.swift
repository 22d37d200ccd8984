import Glibc

/// UDP ports that are open and never read: a closed one would answer with ICMP, which costs the sender.
final class OpenPorts {
    private let descriptors: [Int32]

    init(_ ports: [Int]) {
        descriptors = ports.compactMap { port in
            let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            // The least that the kernel gives: nobody reads it.
            var least: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &least, socklen_t(MemoryLayout<Int32>.size))
            var local = sockaddr_in()
            local.sin_family = sa_family_t(AF_INET)
            local.sin_port = in_port_t(port).bigEndian
            local.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            let bound = withUnsafePointer(to: &local) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard bound == 0 else {
                close(descriptor)
                return nil
            }
            return descriptor
        }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
