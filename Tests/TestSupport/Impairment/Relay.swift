import Glibc
import Media

/// The relay that stands in for a bad line: real datagrams go through `VirtualNetwork` at the machine's own pace.
///
/// Confined to one thread, which calls `step` for as long as the relay shall run.
package final class Relay {
    private var lines: [DuplexLine] = []
    private var routes: [Route] = []
    private let script: ImpairmentScript
    private var nextEntry = 0
    private let start: Instant
    private var events: [RelayReport.Event] = []
    /// Where commands come as datagrams.
    private let control: RelaySocket?
    /// Where commands come as lines of text, until it ends.
    private var commandInput: Int32?
    private var unfinishedLine: [UInt8] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    /// - Parameters:
    ///   - script: commands and their times from now on.
    ///   - control: takes commands as datagrams, and answers `ok` or why not.
    ///   - commandInput: a descriptor to read commands from.
    /// - Throws: `ImpairmentError` if an address can't be bound, or a name is taken.
    package init(
        _ specifications: [RouteSpecification], script: ImpairmentScript = ImpairmentScript(),
        control: SocketAddress? = nil, commandInput: Int32? = nil
    ) throws(ImpairmentError) {
        self.script = script
        self.control = if let control { try RelaySocket(control) } else { nil }
        self.commandInput = commandInput
        start = Self.now
        for specification in specifications {
            guard !routes.contains(where: { $0.specification.name == specification.name }) else {
                throw ImpairmentError(description: "\(specification.name): two routes of that name")
            }
            let place = lines.firstIndex { $0.name == specification.line } ?? lines.count
            if place == lines.count { lines.append(DuplexLine(name: specification.line, seed: specification.seed)) }
            for (key, value) in specification.settings { try lines[place].set(key, value) }
            routes.append(try Route(specification, line: place))
        }
        for entry in script.entries where entry.command.name != "*" { _ = try find(entry.command.name) }
    }

    deinit { buffer.deallocate() }

    /// Waits for what comes or is due, at most `patience`, and does it.
    package func step(patience: Interval = .milliseconds(100)) {
        wait(patience)
        for index in routes.indices {
            drain(index, .there)
            drain(index, .back)
        }
        if let control { readCommands(of: control) }
        let now = Self.now
        while nextEntry < script.entries.count, script.entries[nextEntry].time <= now - start {
            let entry = script.entries[nextEntry]
            nextEntry += 1
            // Its name was looked up at the start.
            try? perform(entry.command, entry.text, at: now)
        }
        for index in lines.indices {
            for direction in DuplexLine.Direction.allCases { deliver(index, direction) }
        }
        for route in routes { route.sendGarbage(at: Self.now) }
    }

    /// Does what a command says, now.
    /// - Throws: `ImpairmentError` if there is nothing of that name, or a key doesn't exist.
    package func perform(_ text: String) throws(ImpairmentError) {
        try perform(try ImpairmentCommand(text), text, at: Self.now)
    }

    /// What was done so far.
    package var report: RelayReport {
        var ways: [String: [String: RelayReport.LineReport]] = [:]
        for line in lines { ways[line.name] = ["there": .init(line[.there]), "back": .init(line[.back])] }
        return RelayReport(
            start: Interval(nanoseconds: start.nanoseconds).seconds,
            routes: routes.map { route in
                RelayReport.RouteReport(
                    name: route.specification.name, line: lines[route.line].name, there: .init(route.counts.there),
                    back: .init(route.counts.back), garbage: route.garbage)
            },
            lines: ways, events: events)
    }

    /// The machine's monotonic clock.
    package static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private func find(_ name: String) throws(ImpairmentError) -> [Int] {
        if name == "*" { return Array(lines.indices) }
        if let place = lines.firstIndex(where: { $0.name == name }) { return [place] }
        if let route = routes.first(where: { $0.specification.name == name }) { return [route.line] }
        throw ImpairmentError(description: "\(name): no line or route of that name")
    }

    private func perform(_ command: ImpairmentCommand, _ text: String, at now: Instant) throws(ImpairmentError) {
        let chosen = try find(command.name)
        switch command.deed {
        case .set(let settings):
            for (key, value) in try DuplexSettings.pairs(settings) {
                for place in chosen { try lines[place].set(key, value) }
            }
        case .stall(let interval, let kind): for place in chosen { lines[place].stall(for: interval, kind, at: now) }
        case .garbage(let rate, let length):
            // By its own name a route alone, by its line's name the first of it.
            let named = routes.first { $0.specification.name == command.name }
            for place in chosen {
                (named ?? routes.first { $0.line == place })?.flood(rate, for: length, at: now)
            }
        case .kill: for place in chosen { lines[place].isCut = true }
        case .revive: for place in chosen { lines[place].isCut = false }
        }
        events.append(.init(time: Interval(nanoseconds: now.nanoseconds).seconds, command: text))
        if events.count > Self.eventMemory { events.removeFirst() }
    }

    private func drain(_ index: Int, _ direction: DuplexLine.Direction) {
        let route = routes[index]
        let socket = direction == .there ? route.inner : route.outer
        for _ in 0..<Self.batch {
            guard let (bytes, source) = socket.receive(buffer) else { return }
            route.take(bytes, from: source, going: direction)
            lines[route.line][direction].send(bytes, tag: index, at: Self.now)
        }
    }

    private func deliver(_ index: Int, _ direction: DuplexLine.Direction) {
        while let delivery = lines[index][direction].receive(by: Self.now) {
            routes[delivery.tag].deliver(delivery, going: direction, at: Self.now)
        }
    }

    private func readCommands(of control: RelaySocket) {
        for _ in 0..<Self.batch {
            guard let (bytes, source) = control.receive(buffer) else { return }
            do throws(ImpairmentError) {
                for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                    try perform(String(line))
                }
                control.send(Array("ok\n".utf8), to: source)
            } catch { control.send(Array("\(error)\n".utf8), to: source) }
        }
    }

    /// Waits on all sockets until the next deadline. `poll` counts in milliseconds, so the last one is slept through:
    /// what comes meanwhile is taken right after.
    private func wait(_ patience: Interval) {
        let now = Self.now
        var deadline = now + patience
        for line in lines { deadline = min(deadline, line.nextArrival) }
        for route in routes { deadline = min(deadline, route.nextGarbage(after: now)) }
        if nextEntry < script.entries.count { deadline = min(deadline, start + script.entries[nextEntry].time) }
        let left = max(.zero, deadline - now)
        var wanted = routes.flatMap { [$0.inner.descriptor, $0.outer.descriptor] }
        if let control { wanted.append(control.descriptor) }
        if let commandInput { wanted.append(commandInput) }
        var polled = wanted.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let ready = poll(&polled, nfds_t(polled.count), Int32(left.nanoseconds / 1_000_000))
        if let commandInput, let last = polled.last, last.revents != 0 { readCommands(of: commandInput) }
        let rest = deadline - Self.now
        if ready == 0, rest > .zero, rest < .milliseconds(1) {
            var time = timespec(tv_sec: 0, tv_nsec: Int(rest.nanoseconds))
            nanosleep(&time, nil)
        }
    }

    private func readCommands(of descriptor: Int32) {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else {
            commandInput = nil
            return
        }
        unfinishedLine += buffer[..<count]
        while let end = unfinishedLine.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: unfinishedLine[..<end], as: UTF8.self)
            unfinishedLine.removeSubrange(...end)
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do throws(ImpairmentError) { try perform(line) } catch { error.tell() }
        }
        if unfinishedLine.count > Self.longestLine { unfinishedLine = [] }
    }

    /// Datagrams taken from one socket before the others get their turn.
    private static let batch = 64
    private static let eventMemory = 10_000
    private static let longestLine = 65_536
}
