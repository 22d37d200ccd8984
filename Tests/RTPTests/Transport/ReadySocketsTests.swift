import RTP
import Testing

/// Real sockets on the loopback: the kernel is asked, nobody waits.
@Suite struct ReadySocketsTests {
    private struct Failure: Error {}

    private func socket() throws -> UDPSocket { try UDPSocket(bindingTo: SocketAddress(host: "127.0.0.1", port: 0)) }

    private func places(of ready: borrowing ReadySockets, below end: Int) -> [Int] {
        var places: [Int] = []
        for place in 0..<end where ready.isReady(place) { places.append(place) }
        return places
    }

    private func send(to receiver: UDPSocket, from sender: UDPSocket) throws {
        let address = try SocketAddress(host: "127.0.0.1", port: receiver.port)
        [UInt8](repeating: 7, count: 20).withUnsafeBytes { _ = sender.send($0, to: address) }
    }

    @Test func tellsWhereSomethingWaitsUntilItIsTaken() throws {
        let sockets = try (0..<200).map { _ in try socket() }
        // Two to a place, as RTP and RTCP of a site.
        guard var ready = ReadySockets(sockets.enumerated().map { ($1, $0 / 2) }) else { throw Failure() }
        ready.update()
        #expect(places(of: ready, below: 100) == [])

        let sender = try socket()
        for index in [3, 80, 81, 199] { try send(to: sockets[index], from: sender) }
        for _ in 0..<2 {
            ready.update()
            #expect(places(of: ready, below: 100) == [1, 40, 99], "not taken yet")
        }
        var batch = ReceiveBatch()
        for index in [3, 80, 81] { #expect(batch.receive(from: sockets[index]) == 1) }
        ready.update()
        // Nobody else holds them: one that is closed is forgotten.
        withExtendedLifetime(sockets) {}
        #expect(places(of: ready, below: 120) == [99])
    }

    @Test func allOfManyAreTold() throws {
        let sockets = try (0..<150).map { _ in try socket() }
        guard var ready = ReadySockets(sockets.enumerated().map { ($1, $0) }) else { throw Failure() }
        let sender = try socket()
        for receiver in sockets { try send(to: receiver, from: sender) }
        ready.update()
        withExtendedLifetime(sockets) {}
        #expect(places(of: ready, below: 150).count == 150)
    }

    @Test func noneAtAllIsFine() throws {
        guard var ready = ReadySockets([]) else { throw Failure() }
        ready.update()
        #expect(places(of: ready, below: 2) == [])
    }
}
