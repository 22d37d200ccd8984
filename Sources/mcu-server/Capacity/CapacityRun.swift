import Bridge
import Console
import Foundation
import Media
import RTP

/// Runs real conferences on this machine, each by a bridge of its own, and finds how large they may be.
struct CapacityRun {
    let seconds: Int
    let mostSites: Int
    let firstPort: Int
    /// Where bridges leave their words.
    let log: String
    let interruption: Interruption

    /// Until rates have settled and the governor would have spoken.
    private static let warmUp = 3

    /// Finds the most sites for one kind of conference.
    ///
    /// - Parameter progress: is told of each step.
    func find(_ scenario: CapacityScenario, progress: (CapacityStep, _ fault: String?) -> Void) async throws
        -> CapacityReport.Finding?
    {
        let recordings = try CameraRecordings(scenario)
        var search = CapacitySearch(most: mostSites)
        var steps: [CapacityStep] = []
        var limits: [Int: String] = [:]
        while let sites = search.next {
            var (step, fault) = try await tried(scenario, recordings, sites: sites, calm: steps.first?.delayMedian)
            // Once more: something else may have been at work.
            if fault != nil, !interruption.isAsked {
                (step, fault) = try await tried(scenario, recordings, sites: sites, calm: steps.first?.delayMedian)
            }
            if interruption.isAsked { return nil }
            steps.append(step)
            limits[sites] = fault
            progress(step, fault)
            search.note(sites, isHeld: fault == nil)
        }
        return CapacityReport.Finding(
            scenario: scenario, sites: search.held, limit: search.tooMany.flatMap { limits[$0] }, steps: steps)
    }

    private func tried(_ scenario: CapacityScenario, _ recordings: CameraRecordings, sites: Int, calm: Double?)
        async throws -> (CapacityStep, String?)
    {
        let step = try await measure(scenario, recordings, sites: sites)
        return (step, step.fault(calm: calm))
    }

    private func measure(_ scenario: CapacityScenario, _ recordings: CameraRecordings, sites: Int) async throws
        -> CapacityStep
    {
        guard let ports = PortBlocks(count: 2 * sites, from: firstPort, isFree: FreePorts.isFree) else {
            throw RunFailure(
                "too few UDP ports are free for \(sites) sites: \(PortBlocks.width * 2 * sites) are wanted")
        }
        let lines = (0..<sites).map {
            CapacityScenario.Line(bridge: ports.bases[$0], endpoint: ports.bases[sites + $0])
        }
        let probed = lines[0].endpoint + 2
        // A closed port would answer with ICMP, which costs the sender.
        let unread = try lines.flatMap { $0.endpoint..<$0.endpoint + PortBlocks.width }.filter { $0 != probed }.map {
            try UDPSocket(bindingTo: SocketAddress(host: CapacityScenario.host, port: $0), receiveBuffer: 1)
        }
        let side = CapacityScenario.side(of: sites)
        let size = scenario.picture.size
        let probe = try DelayProbe(
            port: probed, cell: Size(width: size.width / side, height: size.height / side))
        defer { probe.stop() }
        let http = FreePorts.httpAddress()
        let bridge = try ChildProcess(
            "the bridge",
            [try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")]
                + scenario.command(lines, http: http), log: log)
        do {
            let client = try BridgeClient(url: "http://\(http)", token: nil)
            try await bridge.awaitHealth(asking: client, log: log)
            let cameras = try CameraThread(recordings, to: lines)
            defer { cameras.stop() }
            probe.follow { cameras.lastFlip }
            let step = try await read(bridge, client, probe, sites: sites)
            bridge.terminate()
            await bridge.wait(seconds: 10)
            withExtendedLifetime(unread) {}
            return step
        } catch {
            bridge.terminate()
            await bridge.wait(seconds: 10)
            throw error
        }
    }

    private func read(_ bridge: ChildProcess, _ client: BridgeClient, _ probe: DelayProbe, sites: Int) async throws
        -> CapacityStep
    {
        try await pause(Self.warmUp)
        let (first, before, start) = (try await client.report(), ProcessUsage.of("\(bridge.pid)"), ContinuousClock.now)
        _ = probe.take()
        try await pause(seconds)
        let (last, after, took) = (
            try await client.report(), ProcessUsage.of("\(bridge.pid)"), start.duration(to: .now) / .seconds(1)
        )
        guard let before, let after else { throw RunFailure("the bridge ended by itself: see \(log)") }
        let delays = probe.take()
        func late(_ report: StatusReport) -> Int {
            report.programs.reduce(0) { $0 + $1.lateTicks + $1.droppedTicks } + report.audio.lateTicks
                + report.encodeGroups.reduce(0) { $0 + $1.dropped }
        }
        let pictures = zip(first.sites, last.sites).map { before, after in
            Double((after.videoOut?.frames ?? 0) - (before.videoOut?.frames ?? 0)) / took
        }
        return CapacityStep(
            sites: sites, cores: (after.cpuSeconds - before.cpuSeconds) / took, memory: Int(after.residentBytes),
            delayMedian: delays.isEmpty ? nil : delays[delays.count / 2],
            delay95: delays.isEmpty ? nil : delays[min(delays.count - 1, delays.count * 95 / 100)],
            late: late(last) - late(first), picturesOut: pictures.min() ?? 0, gaveWay: last.governor.gaveWay)
    }

    private func pause(_ seconds: Int) async throws {
        for _ in 0..<seconds * 10 where !interruption.isAsked { try await Task.sleep(for: .milliseconds(100)) }
    }
}
