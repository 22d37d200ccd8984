import Glibc
import RTP
import Testing

/// Real sockets on the loopback.
@Suite struct SendBatchTests {
    private let sender: UDPSocket
    private let receivers: [UDPSocket]
    private let outlets: [Outlet]

    init() throws {
        func makeSocket() throws -> UDPSocket { try UDPSocket(bindingTo: SocketAddress(host: "127.0.0.1", port: 0)) }
        let sender = try makeSocket()
        self.sender = sender
        receivers = [try makeSocket(), try makeSocket()]
        outlets = try receivers.map { Outlet(sender, to: try SocketAddress(host: "127.0.0.1", port: $0.port)) }
    }

    /// Datagrams that can be told apart.
    private static func datagrams(of sizes: [Int]) -> [[UInt8]] {
        sizes.enumerated().map { index, size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) } }
    }

    private static func received(on socket: UDPSocket) -> [[UInt8]] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var all: [[UInt8]] = []
        while true {
            let count = recv(socket.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { return all }
            all.append(Array(buffer[..<count]))
        }
    }

    private func send(_ datagrams: [[UInt8]], through outlets: [Outlet]) -> [SendBatch.Outcome] {
        var batch = SendBatch(capacity: 128, slotSize: 2048)
        for datagram in datagrams where datagram.count <= 2048 {
            batch.slot.copyBytes(from: datagram)
            batch.commit(datagram.count)
        }
        return outlets.map { batch.send(through: $0) }
    }

    @Test(arguments: [
        [1200],
        [1200, 1200, 1200, 430],
        // The parameter sets, a keyframe in two slices, and sound between.
        [20, 9, 1212, 1212, 1212, 77, 1212, 1212, 3, 160, 160, 160, 161, 160],
        [5, 5, 0, 0, 5, 5],
        // More than one message may hold, by number and by bytes.
        [Int](repeating: 100, count: 128),
        [Int](repeating: 1400, count: 60) + [1399, 1],
    ])
    func eachDatagramArrivesAsItWasOnBothLines(sizes: [Int]) {
        let datagrams = Self.datagrams(of: sizes)
        let outcomes = send(datagrams, through: outlets)
        for (socket, outcome) in zip(receivers, outcomes) {
            #expect(Self.received(on: socket) == datagrams)
            #expect(outcome.sent == sizes.count)
            #expect(outcome.bytes == sizes.reduce(0, +))
            #expect(outcome.failed == 0)
        }
    }

    /// A socket without checksums is one for which the kernel refuses to cut anything apart.
    @Test func whereTheKernelCutsNothingApartEachGoesByItself() {
        var on: Int32 = 1
        setsockopt(sender.descriptor, SOL_SOCKET, SO_NO_CHECK, &on, socklen_t(MemoryLayout<Int32>.size))
        let datagrams = Self.datagrams(of: [1200, 1200, 1200, 430, 8])
        let outcomes = send(datagrams, through: outlets)
        for (socket, outcome) in zip(receivers, outcomes) {
            #expect(Self.received(on: socket) == datagrams)
            #expect(outcome.sent == 5)
            #expect(outcome.failed == 0)
        }
    }

    @Test func whatTheKernelRefusesIsSkippedAndCounted() throws {
        // Port 0 is nobody's: EINVAL, whatever the size.
        let nowhere = Outlet(sender, to: try SocketAddress(host: "127.0.0.1", port: 0))
        let outcome = send(Self.datagrams(of: [100, 100, 100, 40]), through: [nowhere])[0]
        #expect(outcome.sent == 0)
        #expect(outcome.failed == 4)
    }

    @Test func oneThatIsTooLargeHoldsUpNoneBehindIt() {
        var batch = SendBatch(capacity: 4, slotSize: 70_000)
        for (size, value) in [(100, 1), (69_000, 2), (100, 3)] as [(Int, UInt8)] {
            UnsafeMutableRawBufferPointer(rebasing: batch.slot[..<size]).initializeMemory(
                as: UInt8.self, repeating: value)
            batch.commit(size)
        }
        let outcome = batch.send(through: outlets[0])
        #expect(outcome.sent == 2)
        #expect(outcome.failed == 1)
        #expect(Self.received(on: receivers[0]).map(\.first) == [1, 3])
    }
}
