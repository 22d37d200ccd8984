import RTP
import Testing

/// Real sockets on the loopback: the kernel is asked, nobody waits.
@Suite struct ReadySocketsTests {
    private func socket() throws -> UDPSocket { try UDPSocket(bindingTo: SocketAddress(host: "127.0.0.1", port: 0)) }

    private func send(to receiver: UDPSocket, from sender: UDPSocket) throws {
        let address = try SocketAddress(host: "127.0.0.1", port: receiver.port)
        [UInt8](repeating: 7, count: 20).withUnsafeBytes { _ = sender.send($0, to: address) }
    }

    @Test func tellsWhereSomethingWaitsUntilItIsTaken() throws {
        let sockets = try (0..<200).map { _ in try socket() }
        // Two to a place, as RTP and RTCP of a site.
        var ready = try #require(ReadySockets(sockets.enumerated().map { ($1, $0 / 2) }))
        ready.update()
        #expect(!(0..<100).contains { ready.isReady($0) })

        let sender = try socket()
        for index in [3, 80, 81, 199] { try send(to: sockets[index], from: sender) }
        for _ in 0..<2 {
            ready.update()
            #expect((0..<100).filter { ready.isReady($0) } == [1, 40, 99], "not taken yet")
        }
        var batch = ReceiveBatch()
        for index in [3, 80, 81] { #expect(batch.receive(from: sockets[index]) == 1) }
        ready.update()
        #expect((0..<100).filter { ready.isReady($0) } == [99])
        #expect(!ready.isReady(100), "a place that nobody has")
    }

    @Test func allOfManyAreTold() throws {
        let sockets = try (0..<150).map { _ in try socket() }
        var ready = try #require(ReadySockets(sockets.enumerated().map { ($1, $0) }))
        let sender = try socket()
        for receiver in sockets { try send(to: receiver, from: sender) }
        ready.update()
        #expect((0..<150).filter { ready.isReady($0) }.count == 150)
    }

    @Test func noneAtAllIsFine() throws {
        var ready = try #require(ReadySockets([]))
        ready.update()
        #expect(!ready.isReady(0))
    }
}
