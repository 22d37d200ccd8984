import Conference
import Media
import Testing

private typealias End = CascadeNetwork.End

/// A wiring with a loop in it, and how it is put right.
struct WrongWiring: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// The bridges with the sites that stand for others; each has a room of its own besides.
    var bridges: [(String, [CascadeNetwork.Place])]
    var lines: [(from: (String, String), to: (String, String))]
    /// The ends that must be cut, each once.
    var cut: [(String, String)]
    /// The line that is pulled.
    var wrong: (String, String)

    static let all: [WrongWiring] = [
        WrongWiring(
            testDescription: "two bridges, each a plain site to the other",
            bridges: [("a", [.room("b")]), ("b", [.room("a")])], lines: [(("a", "b"), ("b", "a"))],
            cut: [("a", "b"), ("b", "a")], wrong: ("a", "b")),
        WrongWiring(
            testDescription: "two bridges, a link on one side and a plain site on the other",
            bridges: [("a", [.room("b")]), ("b", [.up("a")])], lines: [(("a", "b"), ("b", "a"))],
            cut: [("b", "a")], wrong: ("a", "b")),
        WrongWiring(
            testDescription: "two bridges wired twice, right kinds",
            bridges: [("a", [.down("b1"), .down("b2")]), ("b", [.up("a1"), .up("a2")])],
            lines: [(("a", "b1"), ("b", "a1")), (("a", "b2"), ("b", "a2"))],
            cut: [("a", "b1"), ("a", "b2"), ("b", "a1"), ("b", "a2")], wrong: ("a", "b2")),
        WrongWiring(
            testDescription: "two bridges wired twice, each below the other",
            bridges: [("a", [.down("b1"), .down("b2")]), ("b", [.down("a1"), .down("a2")])],
            lines: [(("a", "b1"), ("b", "a1")), (("a", "b2"), ("b", "a2"))],
            cut: [("a", "b1"), ("a", "b2"), ("b", "a1"), ("b", "a2")], wrong: ("b", "a1")),
        WrongWiring(
            testDescription: "a bridge wired to itself",
            bridges: [("a", [.up("out"), .down("in")])], lines: [(("a", "out"), ("a", "in"))],
            cut: [("a", "out"), ("a", "in")], wrong: ("a", "in")),
        WrongWiring(
            testDescription: "three in a ring, right kinds",
            bridges: [
                ("a", [.down("b"), .up("c")]), ("b", [.up("a"), .down("c")]), ("c", [.up("b"), .down("a")]),
            ],
            lines: [(("a", "b"), ("b", "a")), (("b", "c"), ("c", "b")), (("c", "a"), ("a", "c"))],
            cut: [("a", "b"), ("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "b")], wrong: ("c", "a")),
        WrongWiring(
            testDescription: "three in a ring, one side takes a link for a plain site",
            bridges: [
                ("a", [.down("b"), .room("c")]), ("b", [.up("a"), .down("c")]), ("c", [.up("b"), .up("a")]),
            ],
            lines: [(("a", "b"), ("b", "a")), (("b", "c"), ("c", "b")), (("c", "a"), ("a", "c"))],
            cut: [("a", "b"), ("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "b")], wrong: ("c", "a")),
        WrongWiring(
            testDescription: "three in a ring, all plain sites on one line",
            bridges: [
                ("a", [.down("b"), .room("c")]), ("b", [.up("a"), .down("c")]), ("c", [.up("b"), .room("a")]),
            ],
            lines: [(("a", "b"), ("b", "a")), (("b", "c"), ("c", "b")), (("c", "a"), ("a", "c"))],
            cut: [("a", "b"), ("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "b")], wrong: ("a", "c")),
    ]
}

@Suite struct Loops {
    private static func isFound(_ event: CascadeEvent) -> Bool { if case .loopFound = event { true } else { false } }
    private static func isHealed(_ event: CascadeEvent) -> Bool { if case .loopHealed = event { true } else { false } }

    /// The bridges run a while, then the lines are joined.
    private func network(_ wiring: WrongWiring, seed: UInt64) -> CascadeNetwork {
        var network = CascadeNetwork(seed: seed)
        for (name, places) in wiring.bridges { network.add(name, [.room("hall")] + places) }
        network.run(.seconds(1))
        for line in wiring.lines { network.wire(End(line.from.0, line.from.1), End(line.to.0, line.to.1)) }
        return network
    }

    @Test(arguments: WrongWiring.all, [1, 2, 3, 4] as [UInt64])
    func isFoundCutAndHealed(wiring: WrongWiring, seed: UInt64) throws {
        var network = network(wiring, seed: seed)
        let cut = Set(wiring.cut.map { End($0.0, $0.1) })
        #expect(network.run(atMost: .seconds(2)) { $0.cutEnds == cut } != nil, "\(network.cutEnds)")

        // While the wiring is wrong everything stays as it is, and no bridge sees or hears itself.
        network.run(.milliseconds(200))
        for _ in 0..<100 {
            network.run(.milliseconds(300))
            #expect(network.cutEnds == cut)
            #expect(network.echoes.isEmpty)
        }
        for end in cut {
            let conference = network.bridges[end.bridge]!
            let index = network.index(end)
            #expect(conference.sites[index].appearance == .slate(.loop))
            #expect(conference.soundPlan.sources[index].gain == 0)
            #expect(conference.rollCall.rows.first { $0.path == end.site.rawValue }?.state == "loop")
        }

        network.unwire(End(wiring.wrong.0, wiring.wrong.1))
        #expect(network.run(atMost: .seconds(4)) { $0.cutEnds.isEmpty } != nil, "\(network.cutEnds)")
        network.run(.seconds(20))
        #expect(network.cutEnds.isEmpty && network.echoes.isEmpty)
        for (bridge, _) in wiring.bridges {
            let cuts = wiring.cut.lazy.filter { $0.0 == bridge }.count
            #expect(network.count(bridge, where: Self.isFound) == cuts)
            #expect(network.count(bridge, where: Self.isHealed) == cuts)
        }
    }

    /// What is right in the wiring works while it is found, and after.
    @Test func meetingGoesOnOverTheLineThatIsLeft() {
        let wiring = WrongWiring.all[2]
        var network = network(wiring, seed: 5)
        network.run(.seconds(5))
        network.unwire(End("a", "b2"))
        network.run(.seconds(5))
        #expect(network.rooms(at: "a") == ["a/hall", "b/hall"] && network.rooms(at: "b") == ["a/hall", "b/hall"])
    }

    /// A site cut while it speaks speaks no more, and whoever spoke before is the speaker again.
    @Test func cutLinkIsNoSpeaker() {
        var network = CascadeNetwork(seed: 6, loss: 0)
        network.add("a", [.room("hall"), .room("b")])
        network.add("b", [.room("hall"), .room("a")])
        network.speaking = ["a/hall"]
        network.run(.seconds(2))
        network.speaking = ["b/hall"]
        network.wire(End("a", "b"), End("b", "a"))
        network.run(.seconds(5))
        #expect(network.bridges["a"]!.activeSpeaker == .named("hall"))
        #expect(network.bridges["b"]!.activeSpeaker == .named("hall"))
    }

    // MARK: Mixers that are not ours

    /// A bridge with a room, two links and a plain site, where our own SSRC comes in as CSRC.
    private func conference() -> Conference {
        var network = CascadeNetwork(seed: 1)
        network.add("a", [.room("hall"), .room("site"), .up("up"), .down("d1"), .down("d2", backupOf: "d1")])
        return network.bridges["a"]!
    }

    private func events(_ conference: inout Conference) -> [CascadeEvent] {
        var events: [CascadeEvent] = []
        while let event = conference.nextCascadeEvent() {
            if Self.isFound(event) || Self.isHealed(event) { events.append(event) }
        }
        return events
    }

    private func step(_ conference: inout Conference, to milliseconds: Int) {
        let levels = [Float](repeating: ActiveSpeaker.silence, count: conference.sites.count)
        conference.handle(levels: levels.span, at: .at(milliseconds: milliseconds))
    }

    @Test func ownMediaOfAnotherLineIsALoop() {
        var conference = conference()
        conference.ownMediaCame(on: 2, sentTo: .named("d1"), at: .at(milliseconds: 0))
        #expect(events(&conference) == [.loopFound(.named("up"), .ownMedia(sentTo: .named("d1")))])
        #expect(conference.peer(of: 2).isCut && conference.soundPlan.sources[2].gain == 0)
        #expect(conference.sites[2].appearance == .slate(.loop))
    }

    @Test func ownMediaOfTheSameLinkIsNone() {
        var conference = conference()
        conference.ownMediaCame(on: 2, sentTo: .named("up"), at: .zero)
        conference.ownMediaCame(on: 3, sentTo: .named("d2"), at: .zero)
        conference.ownMediaCame(on: 4, sentTo: .named("d1"), at: .zero)
        #expect(events(&conference).isEmpty)
        // A plain site gets itself, so it may not send it.
        conference.ownMediaCame(on: 1, sentTo: .named("site"), at: .zero)
        #expect(conference.peer(of: 1).isCut)
    }

    /// The sign goes with the cut: so the cut ends by itself, and comes back for twice as long.
    @Test func cutOfAForeignLoopIsTriedAgain() {
        var conference = conference()
        var now = 0
        for hold in [10, 20, 40, 80, 80] {
            conference.ownMediaCame(on: 2, sentTo: .named("d1"), at: .at(milliseconds: now))
            step(&conference, to: now + 1_000 * hold - 20)
            #expect(conference.peer(of: 2).isCut)
            step(&conference, to: now + 1_000 * hold)
            #expect(!conference.peer(of: 2).isCut)
            now += 1_000 * hold + 300
        }
        #expect(events(&conference).count == 10)
        // Long after, it is another loop.
        now += 80_000
        conference.ownMediaCame(on: 2, sentTo: .named("d1"), at: .at(milliseconds: now))
        step(&conference, to: now + 10_000)
        #expect(!conference.peer(of: 2).isCut)
    }

    /// Where a path tells of the loop, its end is told by the path too.
    @Test func pathKnowsBetterThanTheMedia() {
        var conference = conference()
        func announce(_ path: [UInt64], at milliseconds: Int) {
            let announcement = LinkAnnouncement(path: path.map(BridgeID.init(rawValue:)))
            conference.handle(.announcement(announcement), from: 2, at: .at(milliseconds: milliseconds))
        }
        conference.ownMediaCame(on: 2, sentTo: .named("d1"), at: .zero)
        announce([9, 1], at: 100)
        conference.ownMediaCame(on: 2, sentTo: .named("d1"), at: .at(milliseconds: 200))
        announce([9], at: 1_000)
        #expect(!conference.peer(of: 2).isCut)
        conference.ownMediaCame(on: 2, sentTo: .named("d1"), at: .at(milliseconds: 1_500))
        #expect(!conference.peer(of: 2).isCut)
        conference.ownMediaCame(on: 2, sentTo: .named("d1"), at: .at(milliseconds: 3_000))
        #expect(conference.peer(of: 2).isCut)
    }
}
