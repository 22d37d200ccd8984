import Conference
import Media

/// Bridges joined by lines with delay and loss, in ticks of 20 ms of simulated time.
///
/// Announcements go as the bridges make them. Media is modelled by what is in it: each end of a line carries the set of
/// rooms that can be seen or heard there.
struct CascadeNetwork {
    /// One end of a line: a bridge, and the site that the other end is to it.
    struct End: Hashable {
        var bridge: String
        var site: SiteID

        init(_ bridge: String, _ site: String) {
            self.bridge = bridge
            self.site = .named(site)
        }
    }

    /// A site of a bridge.
    struct Place {
        var id: String
        var kind: SiteKind = .site
        var backupOf: String?

        static func room(_ id: String) -> Place { Place(id: id) }
        static func up(_ id: String, backupOf: String? = nil) -> Place {
            Place(id: id, kind: .uplink, backupOf: backupOf)
        }
        static func down(_ id: String, backupOf: String? = nil) -> Place {
            Place(id: id, kind: .downlink, backupOf: backupOf)
        }
    }

    /// An announcement on a line.
    private struct Datagram {
        var due: Instant
        var to: End
        var bytes: [UInt8]
    }

    private(set) var bridges: [String: Conference] = [:]
    private(set) var now = Instant.zero
    /// What happened at each bridge, with the time.
    private(set) var events: [String: [(at: Instant, event: CascadeEvent)]] = [:]
    /// Rooms that speak, as `bridge/site`.
    var speaking: Set<String> = []
    /// Ends at which nothing comes in any more.
    var dead: Set<End> = []
    /// Bridges whose announcements are of this major version.
    var majorVersions: [String: UInt8] = [:]

    private var names: [String] = []
    private var lines: [(End, End)] = []
    private var flying: [Datagram] = []
    private var healths: [End: Health] = [:]
    private var lastBytes: [End: [UInt8]] = [:]
    /// The rooms in what comes in at each end.
    private var content: [End: Set<String>] = [:]
    private var random: Seeded
    private let loss: Double
    private let delay: Interval

    /// - Parameter loss: of announcements, 0 to 1.
    init(seed: UInt64, loss: Double = 0.1, delay: Interval = .milliseconds(40)) {
        random = Seeded(seed)
        self.loss = loss
        self.delay = delay
    }

    /// A bridge whose rooms and downlinks see `layout`, and whose uplinks see the speaker.
    mutating func add(_ name: String, _ places: [Place], layout: Layout = .automatic, lecturer: String? = nil) {
        let sites = places.enumerated().map { number, place in
            var site = SitePlan.number(number, id: .named(place.id), kind: place.kind)
            site.name = place.id.uppercased()
            site.backupOf = place.backupOf.map(SiteID.named)
            return site
        }
        var plan = ConferencePlan.room(sites, layout: layout)
        let uplinks = sites.filter { $0.kind == .uplink }.map(\.id)
        plan.lecturer = lecturer.map(SiteID.named)
        plan.programs[0].viewers.removeAll(where: uplinks.contains)
        if !uplinks.isEmpty, let back = ProgramID("return"), let speaker = Layout.named("speaker") {
            plan.programs.append(
                ProgramPlan(
                    id: back, layout: speaker, viewers: uplinks, size: Size(width: 640, height: 360), frameRate: 25))
        }
        precondition(plan.problems().isEmpty, "\(plan.problems())")
        names.append(name)
        bridges[name] = Conference(plan, id: Self.id(names.count))
        events[name] = []
    }

    /// Of the bridge that was added as the `number`th, from 1.
    static func id(_ number: Int) -> BridgeID { BridgeID(rawValue: UInt64(number)) }

    mutating func wire(_ a: End, _ b: End) { lines.append((a, b)) }

    mutating func unwire(_ end: End) {
        lines.removeAll { $0.0 == end || $0.1 == end }
        flying.removeAll { datagram in !lines.contains { $0.0 == datagram.to || $0.1 == datagram.to } }
    }

    mutating func run(_ time: Interval) {
        let end = now + time
        while now < end { tick() }
    }

    /// Runs until `isDone` or the time is over.
    /// - Returns: how long it took; `nil`: it is not done.
    mutating func run(atMost time: Interval, until isDone: (CascadeNetwork) -> Bool) -> Interval? {
        let start = now
        while !isDone(self) {
            guard now - start < time else { return nil }
            tick()
        }
        return now - start
    }

    /// Obeys an operator of one bridge.
    mutating func apply(_ command: Command, to bridge: String) throws { try bridges[bridge]?.apply(command) }

    // MARK: What is to be seen

    func index(_ end: End) -> Int { bridges[end.bridge]!.index(of: end.site)! }

    func isCut(_ end: End) -> Bool { bridges[end.bridge]!.peer(of: index(end)).isCut }

    /// Whether each line of a bridge is cut, and nothing else.
    var cutEnds: Set<End> {
        var ends: Set<End> = []
        for (name, conference) in bridges {
            for site in conference.sites {
                let end = End(name, site.id.rawValue)
                if isCut(end) { ends.insert(end) }
            }
        }
        return ends
    }

    func label(_ end: End) -> String { bridges[end.bridge]!.label(of: index(end)) }

    /// The rooms that people at a bridge can see and hear.
    func rooms(at bridge: String) -> Set<String> {
        bridges[bridge]!.sites.indices.reduce(into: []) { $0.formUnion(contentUsed(of: bridge, $1)) }
    }

    /// Whether anything of a bridge's own rooms comes back to it and is shown or heard.
    var echoes: [String] {
        names.filter { name in
            bridges[name]!.sites.contains { site in
                let end = End(name, site.id.rawValue)
                return isWired(end) && !isCut(end)
                    && (content[end] ?? []).contains { $0.hasPrefix(name + "/") }
            }
        }
    }

    func count(_ bridge: String, where isCounted: (CascadeEvent) -> Bool) -> Int {
        (events[bridge] ?? []).filter { isCounted($0.event) }.count
    }

    /// The view that a viewer is sent.
    mutating func view(_ end: End, program: ProgramID = .room) -> View? {
        bridges[end.bridge]!.views(of: program, at: now).first { $0.viewers.contains(end.site) }?.view
    }

    // MARK: How it goes

    private func isWired(_ end: End) -> Bool { lines.contains { $0.0 == end || $0.1 == end } }

    /// The other end of the line.
    private func far(_ end: End) -> End? {
        for (a, b) in lines {
            if a == end { return b }
            if b == end { return a }
        }
        return nil
    }

    /// The rooms that a bridge takes from a site: itself, if it is a room.
    private func contentUsed(of bridge: String, _ index: Int) -> Set<String> {
        let site = bridges[bridge]!.sites[index]
        let end = End(bridge, site.id.rawValue)
        guard !dead.contains(end), bridges[bridge]!.soundPlan.sources[index].gain > 0 || site.plan.backupOf != nil
        else { return [] }
        if isWired(end) { return content[end] ?? [] }
        return site.plan.kind == .site ? ["\(bridge)/\(site.id)"] : []
    }

    /// The rooms that a bridge sends to a site: of a link, all but what came from there.
    private func contentSent(to end: End) -> Set<String> {
        let conference = bridges[end.bridge]!
        let receiver = index(end)
        var rooms: Set<String> = []
        for other in conference.sites.indices where conference.isSource(other) {
            let isOwn = other == receiver || conference.sites[receiver].plan.backupOf == conference.sites[other].id
            guard !isOwn || conference.sites[receiver].plan.kind == .site else { continue }
            rooms.formUnion(contentUsed(of: end.bridge, conference.activeFeed(of: other)))
        }
        return rooms
    }

    private mutating func tick() {
        now += .milliseconds(20)
        var next: [End: Set<String>] = [:]
        for (a, b) in lines {
            next[b] = contentSent(to: a)
            next[a] = contentSent(to: b)
        }
        content = next
        for name in names { tick(name) }
        let due = flying.filter { $0.due <= now }
        flying.removeAll { $0.due <= now }
        for datagram in due { deliver(datagram) }
    }

    private mutating func tick(_ name: String) {
        var conference = bridges[name]!
        var levels: [Float] = []
        for (index, site) in conference.sites.enumerated() {
            let end = End(name, site.id.rawValue)
            let isSpeaking = !contentUsed(of: name, index).isDisjoint(with: speaking)
            levels.append(isSpeaking ? -20 : ActiveSpeaker.silence)
            if !dead.contains(end), site.plan.kind == .site || isWired(end) {
                healths[end, default: Health()].packet(at: now)
                healths[end, default: Health()].picture(at: now)
            }
            conference.handle(healths[end] ?? Health(), of: index, at: now)
        }
        conference.handle(levels: levels.span, at: now)
        for program in conference.programIDs { _ = conference.views(of: program, at: now) }
        while let outgoing = conference.nextAnnouncement(at: now) {
            let end = End(name, conference.sites[outgoing.index].id.rawValue)
            guard let far = far(end), Double.random(in: 0..<1, using: &random) >= loss else { continue }
            var bytes = outgoing.bytes
            if let version = majorVersions[name] { bytes[0] = version }
            // Some lines are slower at times.
            let jitter = Interval.milliseconds(Int.random(in: 0...20, using: &random))
            flying.append(Datagram(due: now + delay + jitter, to: far, bytes: bytes))
        }
        while let event = conference.nextCascadeEvent() { events[name]?.append((now, event)) }
        bridges[name] = conference
    }

    private mutating func deliver(_ datagram: Datagram) {
        let (name, index) = (datagram.to.bridge, index(datagram.to))
        if lastBytes[datagram.to] == datagram.bytes, bridges[name]!.heardAgain(from: index, at: now) { return }
        lastBytes[datagram.to] = datagram.bytes
        var reading = datagram.bytes.withUnsafeBytes(LinkAnnouncement.read)
        // A bridge of another version can't read ours either.
        if majorVersions[name] != nil { reading = .otherVersion(Int(LinkAnnouncement.majorVersion)) }
        bridges[name]?.handle(reading, from: index, at: now)
    }
}
