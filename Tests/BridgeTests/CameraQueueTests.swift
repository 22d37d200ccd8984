import Bridge
import Dispatch
import Glibc
import Media
import RTP
import Synchronization
import Testing

/// Real sockets on the loopback, and the real threads.
@Suite struct CameraQueueTests {
    /// Counts its turns, and whether two of them ever were at once.
    private final class Work: CameraQueue.Work, Sendable {
        let sockets: [UDPSocket]
        let inTurn = Atomic(false)
        let overlaps = Atomic(0)
        let datagrams = Atomic(0)
        let finishes = Atomic(0)
        let deadline = Mutex(Instant.distantFuture)
        let finished = DispatchSemaphore(value: 0)

        init(_ sockets: [UDPSocket]) { self.sockets = sockets }

        func alone(_ body: () -> Void) {
            if inTurn.exchange(true, ordering: .acquiring) { overlaps.add(1, ordering: .relaxed) }
            body()
            inTurn.store(false, ordering: .releasing)
        }

        func receive(from index: Int) {
            alone {
                var batch = ReceiveBatch(capacity: 4)
                datagrams.add(batch.receive(from: sockets[index]), ordering: .relaxed)
            }
        }

        func finish() -> Instant {
            alone { finishes.add(1, ordering: .relaxed) }
            finished.signal()
            return deadline.withLock { $0 }
        }
    }

    private static func makeSockets(_ count: Int) throws -> [UDPSocket] {
        try (0..<count).map { _ in try UDPSocket(bindingTo: SocketAddress(host: "127.0.0.1", port: 0)) }
    }

    private static func wait(_ semaphore: DispatchSemaphore) -> Bool {
        semaphore.wait(timeout: .now() + 10) == .success
    }

    @Test func allDatagramsAndJobsAreSeenToAndNeverTwoTurnsAreAtOnce() throws {
        let sender = try Self.makeSockets(1)[0]
        var cameras: [(work: Work, queue: CameraQueue)] = []
        for _ in 0..<4 {
            let work = Work(try Self.makeSockets(2))
            cameras.append((work, try CameraQueue(reading: work.sockets)))
        }
        for (work, queue) in cameras { queue.start(work) }
        let done = Mutex([Int](repeating: 0, count: cameras.count))
        for round in 0..<50 {
            for (index, camera) in cameras.enumerated() {
                for socket in camera.work.sockets {
                    let to = try SocketAddress(host: "127.0.0.1", port: socket.port)
                    withUnsafeBytes(of: round) { _ = sender.send($0, to: to) }
                }
                camera.queue.async {
                    camera.work.alone { done.withLock { if $0[index] == round { $0[index] += 1 } } }
                }
            }
        }
        for (work, queue) in cameras {
            while work.datagrams.load(ordering: .relaxed) < 100 { try #require(Self.wait(work.finished)) }
            queue.end {}
        }
        // In the order they were asked for.
        #expect(done.withLock { $0 } == [50, 50, 50, 50])
        #expect(cameras.map { $0.work.datagrams.load(ordering: .relaxed) } == [100, 100, 100, 100])
        #expect(cameras.map { $0.work.overlaps.load(ordering: .relaxed) } == [0, 0, 0, 0])
    }

    @Test func thereIsATurnAtTheDeadlineThoughNothingComesIn() throws {
        let work = Work(try Self.makeSockets(1))
        let queue = try CameraQueue(reading: work.sockets)
        let due = Clock.now() + .milliseconds(30)
        work.deadline.withLock { $0 = due }
        queue.start(work)
        try #require(Self.wait(work.finished))
        try #require(Self.wait(work.finished))
        #expect(Clock.now() >= due)
        work.deadline.withLock { $0 = .distantFuture }
        queue.async {}
        try #require(Self.wait(work.finished))
        // The turn that saw the past deadline may have begun another.
        let turns = work.finishes.load(ordering: .relaxed)
        usleep(50_000)
        #expect(work.finishes.load(ordering: .relaxed) <= turns + 1)
        queue.end {}
    }

    @Test func whatIsAskedForBeforeTheStartIsDoneAfterItAndWhatIsAskedForAfterTheEndIsNot() throws {
        let work = Work(try Self.makeSockets(1))
        let queue = try CameraQueue(reading: work.sockets)
        let said = Mutex<[String]>([])
        queue.async { said.withLock { $0.append("early") } }
        queue.start(work)
        queue.async { said.withLock { $0.append("middle") } }
        queue.end { said.withLock { $0.append("last") } }
        queue.async { said.withLock { $0.append("late") } }
        queue.end { said.withLock { $0.append("again") } }
        #expect(said.withLock { $0 } == ["early", "middle", "last"])
        let turns = work.finishes.load(ordering: .relaxed)
        let sender = try Self.makeSockets(1)[0]
        withUnsafeBytes(of: 1) {
            _ = sender.send($0, to: try! SocketAddress(host: "127.0.0.1", port: work.sockets[0].port))
        }
        usleep(20_000)
        #expect(work.finishes.load(ordering: .relaxed) == turns)
    }

    @Test func oneThatNeverBeganDoesItsLastAtOnceAndIsLetGo() throws {
        weak var forgotten: CameraQueue?
        let wasDone = Mutex(false)
        do {
            let queue = try CameraQueue(reading: try Self.makeSockets(1))
            forgotten = queue
            queue.end { wasDone.withLock { $0 = true } }
        }
        #expect(wasDone.withLock { $0 })
        #expect(forgotten == nil)
    }

    @Test func theEndLetsGoOfTheWork() throws {
        weak var forgotten: Work?
        do {
            let work = Work(try Self.makeSockets(1))
            forgotten = work
            let queue = try CameraQueue(reading: work.sockets)
            queue.start(work)
            queue.end {}
        }
        #expect(forgotten == nil)
    }
}
