import CLinux
import Glibc
import Media

/// Room for the datagrams of one `recvmmsg`, made once and used for ever. Confined to one queue or thread.
package struct ReceiveBatch: ~Copyable {
    /// Bytes of a datagram that are kept; longer ones are cut by the kernel and dropped here: no RTP packet is.
    package static let datagramSize = 2048
    private static let controlSize = 128
    /// The longest a datagram is believed to have waited, in nanoseconds.
    private static let longestWait: Int64 = 1_000_000_000

    private let capacity: Int
    private let messages: UnsafeMutablePointer<clinux_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let addresses: UnsafeMutablePointer<sockaddr_in6>
    private let controls: UnsafeMutableRawPointer
    private let bytes: UnsafeMutableRawPointer
    /// CLOCK_REALTIME minus CLOCK_MONOTONIC at the last receive, to read the kernel's receive times on our clock.
    private var realtimeOffset: Int64 = 0

    package init(capacity: Int = 32) {
        self.capacity = capacity
        messages = .allocate(capacity: capacity)
        vectors = .allocate(capacity: capacity)
        addresses = .allocate(capacity: capacity)
        controls = .allocate(byteCount: capacity * Self.controlSize, alignment: 16)
        bytes = .allocate(byteCount: capacity * Self.datagramSize, alignment: 64)
        addresses.initialize(repeating: sockaddr_in6(), count: capacity)
        for index in 0..<capacity {
            vectors[index] = iovec(
                iov_base: bytes + index * Self.datagramSize, iov_len: Self.datagramSize)
            var message = clinux_message()
            message.header.msg_iov = vectors + index
            message.header.msg_iovlen = 1
            message.header.msg_name = UnsafeMutableRawPointer(addresses + index)
            message.header.msg_control = controls + index * Self.controlSize
            messages[index] = message
        }
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
        addresses.deallocate()
        controls.deallocate()
        bytes.deallocate()
    }

    /// Takes what waits on `socket`, without waiting. Returns the number of datagrams; fewer than `isFull` says there
    /// were no more.
    package mutating func receive(from socket: UDPSocket) -> Int {
        for index in 0..<capacity {
            messages[index].header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in6>.size)
            messages[index].header.msg_controllen = Self.controlSize
        }
        let count = clinux_receive_many(socket.descriptor, messages, UInt32(capacity))
        guard count > 0 else { return 0 }
        // Both clocks at one moment: `now` may be some milliseconds old.
        realtimeOffset = Self.read(CLOCK_REALTIME) - Self.read(CLOCK_MONOTONIC)
        return Int(count)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Whether a receive of `count` may have left datagrams behind.
    package func isFull(_ count: Int) -> Bool { count == capacity }

    /// The `index`-th datagram of the last receive; empty if the kernel had to cut it. It may be decrypted in place.
    package func datagram(_ index: Int) -> UnsafeMutableRawBufferPointer {
        let isCut = messages[index].header.msg_flags & Int32(MSG_TRUNC) != 0
        return UnsafeMutableRawBufferPointer(
            start: bytes + index * Self.datagramSize, count: isCut ? 0 : Int(messages[index].length))
    }

    /// Where the `index`-th datagram came from.
    package func source(_ index: Int) -> SocketAddress {
        var address = SocketAddress()
        address.storage = addresses[index]
        address.length = messages[index].header.msg_namelen
        return address
    }

    /// When the kernel took the `index`-th datagram, and how many it has dropped on this socket so far (0 if unsaid).
    package func information(_ index: Int, now: Instant) -> (arrival: Instant, drops: Int) {
        let information = clinux_read_receive_info(&messages[index])
        let arrival = information.received < 0 ? now.nanoseconds : information.received - realtimeOffset
        // The wall clock was set meanwhile if that is far off.
        let isBelievable = (now.nanoseconds - Self.longestWait...now.nanoseconds + 1_000_000).contains(arrival)
        return (
            Instant(nanoseconds: isBelievable ? min(arrival, now.nanoseconds) : now.nanoseconds),
            max(0, Int(information.drops))
        )
    }
}
