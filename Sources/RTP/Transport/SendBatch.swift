import CLinux
import Glibc
import Media

/// Room for the datagrams of one `sendmmsg`: each lies where it was made, or in a slot of the batch's own. The same batch may be
/// sent on two lines. Confined to one queue or thread.
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
    package private(set) var count = 0

    /// - Parameter slotSize: the largest datagram that is made in the batch itself.
    package init(capacity: Int = 64, slotSize: Int = 1536) {
        precondition(capacity > 0 && slotSize > 0, "a batch holds at least one datagram")
        self.capacity = capacity
        self.slotSize = slotSize
        messages = .allocate(capacity: capacity)
        vectors = .allocate(capacity: capacity)
        slots = .allocate(byteCount: capacity * slotSize, alignment: 64)
        address = .allocate(capacity: 1)
        address.initialize(to: sockaddr_in6())
        vectors.initialize(repeating: iovec(), count: capacity)
        for index in 0..<capacity {
            var message = clinux_message()
            message.header.msg_iov = vectors + index
            message.header.msg_iovlen = 1
            message.header.msg_name = UnsafeMutableRawPointer(address)
            messages[index] = message
        }
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
        address.deallocate()
        slots.deallocate()
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
        for index in 0..<count {
            messages[index].header.msg_namelen = outlet.destination.length
            messages[index].length = 0
        }
        var outcome = Outcome()
        var start = 0
        while start < count {
            let sent = clinux_send_many(outlet.descriptor, messages + start, UInt32(count - start))
            if sent > 0 {
                for index in start..<start + Int(sent) { outcome.bytes += Int(messages[index].length) }
                outcome.sent += Int(sent)
                start += Int(sent)
            } else {
                // The error is that of the first datagram left: skip it, the next may go.
                outcome.failed += 1
                start += 1
            }
        }
        return outcome
    }

    /// Forgets all datagrams.
    package mutating func removeAll() { count = 0 }
}
