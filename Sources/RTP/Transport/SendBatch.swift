import CLinux
import Glibc
import Media

/// Room for the datagrams of one `sendmmsg`: a header each, written here, and a payload each that stays where it is, so
/// that receivers of one encode share its bytes. Confined to one queue or thread.
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
    private let messages: UnsafeMutablePointer<clinux_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let headers: UnsafeMutableRawPointer
    private let address: UnsafeMutablePointer<sockaddr_storage>
    private var addressLength: socklen_t = 0
    private var count = 0

    package init(capacity: Int = 64) {
        self.capacity = capacity
        messages = .allocate(capacity: capacity)
        vectors = .allocate(capacity: 2 * capacity)
        headers = .allocate(byteCount: capacity * RTPHeader.fixedSize, alignment: 16)
        address = .allocate(capacity: 1)
        address.initialize(to: sockaddr_storage())
        for index in 0..<capacity {
            vectors[2 * index] = iovec(iov_base: headers + index * RTPHeader.fixedSize, iov_len: RTPHeader.fixedSize)
            vectors[2 * index + 1] = iovec()
            var message = clinux_message()
            message.header.msg_iov = vectors + 2 * index
            message.header.msg_iovlen = 2
            message.header.msg_name = UnsafeMutableRawPointer(address)
            messages[index] = message
        }
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
        headers.deallocate()
        address.deallocate()
    }

    /// Starts a batch to `destination`.
    package mutating func begin(to destination: SocketAddress) {
        address.pointee = destination.storage
        addressLength = destination.length
        count = 0
    }

    /// Whether `append` needs a `send` first.
    package var isFull: Bool { count == capacity }

    /// Adds one packet. `payload` must stay in place until `send`. - Precondition: `!isFull`.
    package mutating func append(_ header: RTPHeader, payload: UnsafeRawBufferPointer) {
        precondition(count < capacity, "a batch holds \(capacity) packets")
        header.write(
            into: UnsafeMutableRawBufferPointer(
                start: headers + count * RTPHeader.fixedSize, count: RTPHeader.fixedSize))
        vectors[2 * count + 1] = iovec(
            iov_base: UnsafeMutableRawPointer(mutating: payload.baseAddress), iov_len: payload.count)
        messages[count].header.msg_namelen = addressLength
        messages[count].length = 0
        count += 1
    }

    /// Sends what was appended and empties the batch.
    package mutating func send(on socket: UDPSocket) -> Outcome {
        var outcome = Outcome()
        var start = 0
        while start < count {
            let sent = clinux_send_many(socket.descriptor, messages + start, UInt32(count - start))
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
        count = 0
        return outcome
    }
}
