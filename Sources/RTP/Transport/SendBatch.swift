import CLinux
import Glibc
import Media

/// Room for the datagrams of one `sendmmsg`: each lies where it was made, or in a slot of the batch's own. The same batch may be
/// sent on two lines. Confined to one queue or thread.
///
/// Datagrams of one size in a row go to the kernel as one message that it cuts apart behind its network stack (UDP_SEGMENT,
/// udp(7)): ten of them take 7 µs in place of 25.
package struct SendBatch: ~Copyable {
    /// What became of a batch.
    package struct Outcome: Sendable {
        package var sent = 0
        /// Datagrams the kernel refused; each was skipped, those behind it went out.
        package var failed = 0
        package var bytes = 0

        package init() {}

        package mutating func add(_ other: Outcome) {
            sent += other.sent
            failed += other.failed
            bytes += other.bytes
        }
    }

    private let capacity: Int
    private let slotSize: Int
    private let messages: UnsafeMutablePointer<clinux_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let address: UnsafeMutablePointer<sockaddr_in6>
    private let slots: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    package private(set) var count = 0
    /// Whether the kernel cuts messages apart on this way; not so where it would have to fragment the parts, say.
    private var isSegmenting = true

    /// The kernel's limit, UDP_MAX_SEGMENTS.
    private static let mostSegments = 64
    /// What an IP packet has room for.
    private static let mostBytes = 65_000

    /// - Parameter slotSize: the largest datagram that is made in the batch itself.
    package init(capacity: Int = 64, slotSize: Int = 1536) {
        precondition(capacity > 0 && slotSize > 0, "a batch holds at least one datagram")
        self.capacity = capacity
        self.slotSize = slotSize
        messages = .allocate(capacity: capacity)
        vectors = .allocate(capacity: capacity)
        slots = .allocate(byteCount: capacity * slotSize, alignment: 64)
        controls = .allocate(byteCount: capacity * Int(CLINUX_SEGMENT_ROOM), alignment: 8)
        address = .allocate(capacity: 1)
        address.initialize(to: sockaddr_in6())
        vectors.initialize(repeating: iovec(), count: capacity)
        var message = clinux_message()
        message.header.msg_name = UnsafeMutableRawPointer(address)
        messages.initialize(repeating: message, count: capacity)
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
        address.deallocate()
        slots.deallocate()
        controls.deallocate()
    }

    package var isEmpty: Bool { count == 0 }
    /// Whether nothing can be added before a `removeAll`.
    package var isFull: Bool { count == capacity }

    /// Adds a datagram that stays in place until `removeAll`. - Precondition: `!isFull`.
    package mutating func append(_ datagram: UnsafeRawBufferPointer) {
        precondition(count < capacity, "a batch holds \(capacity) datagrams")
        vectors[count] = iovec(
            iov_base: UnsafeMutableRawPointer(mutating: datagram.baseAddress), iov_len: datagram.count)
        count += 1
    }

    /// Room for the next datagram, to be made in the batch itself; `commit` adds it. - Precondition: `!isFull`.
    package var slot: UnsafeMutableRawBufferPointer {
        precondition(count < capacity, "a batch holds \(capacity) datagrams")
        return UnsafeMutableRawBufferPointer(start: slots + count * slotSize, count: slotSize)
    }

    /// Adds the first `size` bytes of `slot`.
    package mutating func commit(_ size: Int) {
        precondition(size <= slotSize, "a slot holds \(slotSize) bytes")
        append(UnsafeRawBufferPointer(start: slots + count * slotSize, count: size))
    }

    /// Sends all datagrams. They stay, for another line.
    package mutating func send(through outlet: Outlet) -> Outcome {
        address.pointee = outlet.destination.storage
        var outcome = Outcome()
        var (start, inRuns) = (0, isSegmenting)
        while start < count {
            let made = pack(from: start, inRuns: inRuns, addressLength: outlet.destination.length)
            let sent = clinux_send_many(outlet.descriptor, messages, UInt32(made))
            if sent > 0 {
                for index in 0..<Int(sent) {
                    outcome.bytes += Int(messages[index].length)
                    start += messages[index].header.msg_iovlen
                    outcome.sent += messages[index].header.msg_iovlen
                }
            } else if messages.pointee.header.msg_iovlen > 1 {
                // Of which of them the error is, only each by itself can tell.
                inRuns = false
                if [EIO, EINVAL, EMSGSIZE].contains(errno) { isSegmenting = false }
            } else {
                // The error is that of the first datagram left: skip it, the next may go.
                outcome.failed += 1
                start += 1
            }
        }
        return outcome
    }

    /// Makes messages of the datagrams from `start` on, and returns how many.
    private func pack(from start: Int, inRuns: Bool, addressLength: socklen_t) -> Int {
        var (made, first) = (0, start)
        while first < count {
            let end = inRuns ? endOfRun(from: first) : first + 1
            let message = messages + made
            message.pointee.header.msg_namelen = addressLength
            message.pointee.header.msg_iov = vectors + first
            message.pointee.header.msg_iovlen = end - first
            message.pointee.length = 0
            clinux_set_segments(
                message, controls + made * Int(CLINUX_SEGMENT_ROOM),
                end - first > 1 ? UInt16(truncatingIfNeeded: vectors[first].iov_len) : 0)
            made += 1
            first = end
        }
        return made
    }

    /// The end of the datagrams that are as long as the first; the last of them may be shorter.
    private func endOfRun(from first: Int) -> Int {
        let size = vectors[first].iov_len
        guard size > 0 else { return first + 1 }
        let most = min(first + Self.mostSegments, first + Self.mostBytes / size, count)
        var end = first + 1
        while end < most, vectors[end].iov_len == size { end += 1 }
        if end < most, vectors[end].iov_len < size, vectors[end].iov_len > 0 { end += 1 }
        return end
    }

    /// Forgets all datagrams.
    package mutating func removeAll() { count = 0 }
}
