import Conference
import Media
import Testing

private typealias End = CascadeNetwork.End

/// A province whose uplink dies and comes back. Its sites have no bridge behind them: what is wired here is the far end.
@Suite struct Uplinks {
    private static let up = End("p", "tw")
    private static let spare = End("p", "tw2")
    private static let caption = "Mất tín hiệu TW · no signal from TW"

    /// - Parameter hasBackup: `tw2` is the backup of `tw`.
    private func network(_ layout: Layout, hasBackup: Bool = false, lecturer: String? = nil) -> CascadeNetwork {
        var network = CascadeNetwork(seed: 1, loss: 0)
        let backup: [CascadeNetwork.Place] = hasBackup ? [.up("tw2", backupOf: "tw")] : []
        network.add(
            "p", [.room("hall"), .room("office"), .up("tw"), .down("d")] + backup, layout: layout, lecturer: lecturer)
        network.add("c", [.room("c-hall"), .down("p")] + (hasBackup ? [.down("p2", backupOf: "p")] : []))
        network.add("d", [.room("d-hall"), .up("p")])
        network.wire(Self.up, End("c", "p"))
        if hasBackup { network.wire(Self.spare, End("c", "p2")) }
        network.wire(End("p", "d"), End("d", "p"))
        network.run(.seconds(3))
        return network
    }

    private func line(_ network: inout CascadeNetwork) -> String { network.view(End("p", "hall"))?.line ?? "" }

    private func events(_ network: CascadeNetwork) -> [CascadeEvent] {
        network.events["p"]!.map(\.event).filter { if case .peerKnown = $0 { false } else { true } }
    }

    /// How long the room's view takes to become `line`.
    private func time(_ network: inout CascadeNetwork, until line: String) -> Interval? {
        network.run(atMost: .seconds(5)) { network in
            var network = network
            return network.view(End("p", "hall"))?.line == line
        }
    }

    // MARK: The hub

    @Test(arguments: ["lecture", "uplink", "tw"])
    func hubTakesTheOnlyCell(name: String) throws {
        var network = network(try layout(name, .named("tw")), lecturer: name == "lecture" ? "tw" : nil)
        #expect(line(&network) == "tw")
        network.dead = [Self.up]
        #expect(time(&network, until: "hall") == .milliseconds(500))
        #expect(network.view(End("p", "hall"))?.captions == [0: Self.caption])
        #expect(events(network) == [.uplinkLost(.named("tw"), hub: .named("hall"))])
        #expect(network.bridges["p"]?.lostUplinks == [.named("tw")])
        network.run(.seconds(10))
        #expect(line(&network) == "hall")
        network.dead = []
        #expect(try #require(time(&network, until: "tw")) <= .milliseconds(40))
        #expect(network.view(End("p", "hall"))?.captions == [:])
        #expect(events(network).last == .uplinkBack(.named("tw")) && events(network).count == 2)
    }

    @Test func hubLeavesItsCellForTheUplinks() throws {
        var network = network(try layout("uplink * *"))
        #expect(line(&network) == "tw hall office")
        network.dead = [Self.up]
        network.run(.seconds(1))
        // The dead uplink is nowhere, and the hub nowhere else.
        #expect(line(&network) == "hall office d")
        #expect(network.view(End("p", "hall"))?.captions == [0: Self.caption])
    }

    @Test func besideOthersAPinnedUplinkKeepsItsCell() throws {
        var network = network(try layout("tw hall", .named("tw"), .named("hall")))
        network.dead = [Self.up]
        network.run(.seconds(5))
        #expect(line(&network) == "tw hall")
        #expect(network.view(End("p", "hall"))?.captions == [:])
        #expect(network.bridges["p"]?.sites[2].appearance == .slate(.noSignal))
    }

    @Test func hubWithoutAPictureStandsForNobody() throws {
        var network = network(try layout("uplink"))
        network.dead = [Self.up, End("p", "hall")]
        network.run(.seconds(5))
        #expect(line(&network) == "tw")
    }

    @Test func hubIsTheOperators() throws {
        var plan = ConferencePlan.room(
            [.number(1), .number(2), .number(3, id: .named("tw"), kind: .uplink)], layout: try layout("uplink"))
        #expect(Conference(plan, id: BridgeID(rawValue: 1)).hub == .number(1))
        plan.hub = .number(2)
        #expect(plan.problems().isEmpty)
        #expect(Conference(plan, id: BridgeID(rawValue: 1)).hub == .number(2))
    }

    @Test func fallbackChangesNoSound() throws {
        var network = network(try layout("uplink"))
        let before = network.bridges["p"]?.soundPlan
        network.dead = [Self.up]
        network.run(.seconds(5))
        #expect(network.bridges["p"]?.soundPlan == before)
    }

    @Test func goodbyeIsNoSilence() throws {
        let network = network(try layout("uplink"))
        var conference = network.bridges["p"]!
        var health = Health()
        health.packet(at: network.now)
        health.picture(at: network.now)
        health.bye(at: network.now)
        let now = network.now + .milliseconds(20)
        conference.handle(health, of: 2, at: now)
        #expect(conference.views(of: .room, at: now)[0].view.line == "hall")
    }

    @Test func loopIsNoLostUplink() throws {
        let network = network(try layout("uplink"))
        var conference = network.bridges["p"]!
        conference.ownMediaCame(on: 2, sentTo: .named("d"), at: network.now)
        let now = network.now + .milliseconds(20)
        #expect(conference.views(of: .room, at: now)[0].view.line == "tw")
        #expect(conference.sites[2].appearance == .slate(.loop) && conference.lostUplinks.isEmpty)
    }

    // MARK: The backup

    @Test func backupIsNoSourceOfItsOwn() throws {
        var network = network(.automatic, hasBackup: true)
        #expect(line(&network) == "hall office tw d")
        let plan = try #require(network.bridges["p"]?.soundPlan)
        #expect(plan.sources.map(\.gain) == [1, 1, 1, 1, 0] && plan.sources.map(\.feed) == [0, 1, 2, 3, 4])
        let mix = try #require(plan.mixes.last)
        #expect(mix.listeners == [.named("tw"), .named("tw2")])
        #expect(!mix.carries(.named("tw"), to: .named("tw2")) && mix.carries(.named("hall"), to: .named("tw2")))
        #expect(network.bridges["p"]?.rollCall.rows.contains { $0.path.hasPrefix("tw2") } == false)
        // It sees what its link sees, in one group.
        let back = try #require(ProgramID("return"))
        var conference = try #require(network.bridges["p"])
        let groups = conference.views(of: back, at: network.now)
        #expect(groups.map(\.viewers) == [[.named("tw"), .named("tw2")]])
        // The two lines are one link, above too.
        #expect(network.cutEnds.isEmpty && network.echoes.isEmpty)
    }

    @Test func backupTakesOverAndGivesBack() throws {
        var network = network(try layout("uplink"), hasBackup: true)
        func feed(_ network: CascadeNetwork) -> Int { network.bridges["p"]!.activeFeed(of: 2) }
        network.dead = [Self.up]
        #expect(network.run(atMost: .seconds(5)) { feed($0) == 4 } == .milliseconds(500))
        // The view names the link, whichever line feeds it; and no caption is needed.
        #expect(line(&network) == "tw" && network.view(End("p", "hall"))?.captions == [:])
        let sources = try #require(network.bridges["p"]).soundPlan.sources
        #expect(sources[2].feed == 4 && sources.map(\.gain) == [1, 1, 1, 1, 0])
        #expect(network.rooms(at: "p").contains("c/c-hall") && network.bridges["p"]!.lostUplinks.isEmpty)
        network.run(.seconds(5))
        network.dead = []
        let back = try #require(network.run(atMost: .seconds(5)) { feed($0) == 2 })
        #expect((.seconds(2) ... .milliseconds(2_040)).contains(back))
        #expect(
            events(network) == [
                .backupTookOver(.named("tw"), backup: .named("tw2")),
                .backupGaveBack(.named("tw"), backup: .named("tw2")),
            ])
    }

    @Test func flickeringUplinkStaysOnItsBackup() throws {
        var network = network(try layout("uplink"), hasBackup: true)
        network.dead = [Self.up]
        network.run(.seconds(1))
        for _ in 0..<10 {
            network.dead = []
            network.run(.milliseconds(1_500))
            network.dead = [Self.up]
            network.run(.milliseconds(600))
        }
        #expect(events(network).count == 1 && network.bridges["p"]?.activeFeed(of: 2) == 4)
    }

    @Test func hubStandsInWhenBothAreDead() throws {
        var network = network(try layout("uplink"), hasBackup: true)
        network.dead = [Self.up, Self.spare]
        #expect(time(&network, until: "hall") == .milliseconds(500))
        network.dead = [Self.up]
        #expect(try #require(time(&network, until: "tw")) <= .milliseconds(60))
        #expect(network.bridges["p"]?.activeFeed(of: 2) == 4)
        // The backup dies too while the link has just come back: better that than nothing.
        network.dead = [Self.spare]
        #expect(time(&network, until: "hall") == nil)
        #expect(network.bridges["p"]?.activeFeed(of: 2) == 2)
    }

    @Test func labelIsOfTheFeedThatIsShown() throws {
        var network = network(try layout("uplink"), hasBackup: true)
        #expect(network.label(Self.up) == "C-HALL · TW")
        func announced(_ shown: String) throws -> Conference {
            var conference = try #require(network.bridges["p"])
            let announcement = LinkAnnouncement(path: [BridgeID(rawValue: 99)], shown: shown)
            conference.handle(.announcement(announcement), from: network.index(Self.spare), at: network.now)
            return conference
        }
        #expect(try announced("SPARE").label(of: 2) == "C-HALL · TW")
        network.dead = [Self.up]
        network.run(.seconds(1))
        let conference = try announced("SPARE")
        #expect(conference.label(of: 2) == "SPARE · TW" && conference.label(of: 4) == "SPARE · TW")
    }

    @Test func linkWithoutAPictureLivesByItsSound() throws {
        var plan = ConferencePlan.room(
            [
                .number(1), .number(2, id: .named("tw"), kind: .uplink, hasVideo: false),
                .number(3, id: .named("tw2"), kind: .uplink, hasVideo: false),
            ], layout: .automatic)
        plan.sites[2].backupOf = .named("tw")
        #expect(plan.problems().isEmpty)
        var conference = Conference(plan, id: BridgeID(rawValue: 1))
        let levels = [Float](repeating: ActiveSpeaker.silence, count: 3)
        func run(_ ticks: Range<Int>, _ sending: [Int]) {
            for tick in ticks {
                for index in sending { conference.soundCame(from: index, at: .at(milliseconds: 20 * tick)) }
                conference.handle(levels: levels.span, at: .at(milliseconds: 20 * tick))
            }
        }
        run(0..<50, [2])
        // Sound that never came need not have begun.
        #expect(conference.activeFeed(of: 1) == 1 && conference.lostUplinks.isEmpty)
        run(50..<100, [1, 2])
        run(100..<150, [2])
        #expect(conference.soundPlan.sources[1].feed == 2)
        run(150..<260, [1, 2])
        #expect(conference.soundPlan.sources[1].feed == 1)
    }

    // MARK: What goes up

    private func up(_ network: inout CascadeNetwork) throws -> String {
        network.view(Self.up, program: try #require(ProgramID("return")))?.line ?? ""
    }

    @Test func hubIsShownUpwardsWhileNobodySpeaks() throws {
        var network = network(.automatic)
        #expect(try up(&network) == "hall")
        network.speaking = ["p/office"]
        network.run(.seconds(1))
        #expect(try up(&network) == "office")
        network.speaking = []
        network.run(.milliseconds(9_500))
        #expect(try up(&network) == "office")
        network.run(.seconds(2))
        #expect(try up(&network) == "hall")
        // A room that spoke before isn't shown for a moment on the way to the one that speaks now.
        network.speaking = ["d/d-hall"]
        var seen: [String] = []
        for _ in 0..<50 {
            network.run(.milliseconds(20))
            let line = try up(&network)
            if seen.last != line { seen.append(line) }
        }
        #expect(seen == ["hall", "d"])
    }

    @Test func whoLecturesFromAboveHidesNobody() throws {
        var network = network(.automatic)
        network.speaking = ["c/c-hall"]
        network.run(.seconds(5))
        #expect(network.bridges["p"]?.activeSpeaker == .named("tw"))
        #expect(try up(&network) == "hall")
        // As loud as the lecturer, and so not the room's active speaker.
        network.speaking = ["c/c-hall", "p/office"]
        network.run(.seconds(5))
        #expect(network.bridges["p"]?.activeSpeaker == .named("tw"))
        #expect(try up(&network) == "office")
        try network.apply(.callUp(.named("d")), to: "p")
        network.run(.milliseconds(100))
        #expect(try up(&network) == "d")
    }
}
