import Dispatch
import Glibc
import Media
import RTP
import Synchronization

/// Where a camera's path does its work, in turns: one whenever datagrams wait on its sockets, its deadline has come or somebody
/// asks for something, and never two at once. Which thread has it, `CameraThreads` decides.
package final class CameraQueue: TurnTaker, @unchecked Sendable {  // `work` and `ready` are touched in turns only
    package typealias Job = @Sendable () -> Void

    /// What is worked on.
    package protocol Work: AnyObject {
        /// Takes what waits on the socket of this index: some of it, so that other cameras get their turns.
        func receive(from index: Int)
        /// Does what is left to do in a turn.
        /// - Returns: by when it wants a turn though nothing comes in.
        func finish() -> Instant
    }

    package let readiness: Int32
    private let threads: CameraThreads
    private let timer: WakeTimer
    private let socketCount: Int
    private var ready: ReadySockets
    private var work: (any Work)?
    private let state = Mutex(State())
    private let hasEnded = DispatchSemaphore(value: 0)

    private struct State {
        var phase = Phase.new
        var jobs: [Job] = []
        /// What the timer is set to.
        var deadline = Instant.distantFuture

        enum Phase { case new, running, ended }
    }

    /// - Parameter sockets: those that are read. They must outlive the work.
    package init(reading sockets: [UDPSocket]) throws(TransportError) {
        threads = try CameraThreads.shared.get()
        timer = try WakeTimer()
        let descriptors = sockets.map(\.descriptor) + [timer.descriptor]
        guard let ready = ReadySockets(descriptors: descriptors.enumerated().map { ($1, $0) }) else {
            throw .cannotOpen(code: errno)
        }
        readiness = ready.descriptor
        self.ready = ready
        socketCount = sockets.count
        try threads.turnstile.enter(self)
    }

    /// Begins. `work` is kept until `end`.
    package func start(_ work: some Work) {
        self.work = work
        state.withLock { state in
            state.phase = .running
            ring(&state)
        }
        threads.turnstile.begin(self)
    }

    /// Has this done in a turn: after it began, and not any more once it ended.
    package func async(_ job: @escaping Job) {
        state.withLock { state in
            guard state.phase != .ended else { return }
            state.jobs.append(job)
            ring(&state)
        }
    }

    /// Has this done as the last, and returns when nothing is done any more.
    package func end(_ last: @escaping Job) {
        let before = state.withLock { state in
            defer { state.phase = .ended }
            if state.phase == .running {
                state.jobs.append(last)
                ring(&state)
            }
            return state.phase
        }
        switch before {
        case .new: last()
        case .running: hasEnded.wait()
        case .ended: break
        }
    }

    /// Has a turn begin as soon as a thread is free.
    private func ring(_ state: inout State) {
        timer.set(.zero)
        state.deadline = .zero
    }

    /// Does what there is to do. Only the thread whose turn it is may.
    func turn() {
        ready.update()
        let isLast = doJobs()
        guard let work, !isLast else {
            self.work = nil
            threads.turnstile.leave(self)
            hasEnded.signal()
            return
        }
        for index in 0..<socketCount where ready.isReady(index) { work.receive(from: index) }
        let deadline = work.finish()
        state.withLock { state in
            guard state.jobs.isEmpty, deadline != state.deadline else { return }
            timer.set(deadline)
            state.deadline = deadline
        }
        threads.turnstile.end(self)
    }

    /// Does what was asked for. Of what the jobs hold, such as sockets, nothing is held any more when it returns.
    /// - Returns: whether it was the last.
    private func doJobs() -> Bool {
        let (jobs, isLast) = state.withLock { state in
            defer { state.jobs = [] }
            return (state.jobs, state.phase == .ended)
        }
        for job in jobs { job() }
        return isLast
    }
}
