import Conference
import Media
import Testing

private typealias End = CascadeNetwork.End

/// Central, two provinces, two districts under the first of them, two communes under the first of those.
@Suite struct CascadeTrees {
    private func tree(seed: UInt64) -> CascadeNetwork {
        var network = CascadeNetwork(seed: seed)
        network.add("central", [.room("c"), .down("p1"), .down("p2")])
        network.add("p1", [.room("p1-hall"), .room("p1-office"), .up("central"), .down("d1"), .down("d2")])
        network.add("p2", [.room("p2-hall"), .up("central")])
        network.add("d1", [.room("d1-hall"), .up("p1"), .down("k1"), .down("k2")])
        network.add("d2", [.room("d2-hall"), .up("p1")])
        network.add("k1", [.room("k1-hall"), .up("d1")])
        network.add("k2", [.room("k2-hall"), .up("d1")])
        for (upper, lower) in [
            ("central", "p1"), ("central", "p2"), ("p1", "d1"), ("p1", "d2"), ("d1", "k1"), ("d1", "k2"),
        ] {
            network.wire(End(upper, lower), End(lower, upper))
        }
        return network
    }

    private static let rooms: Set<String> = [
        "central/c", "p1/p1-hall", "p1/p1-office", "p2/p2-hall", "d1/d1-hall", "d2/d2-hall", "k1/k1-hall", "k2/k2-hall",
    ]

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everybodyIsThereAndNothingIsALoop(seed: UInt64) {
        var network = tree(seed: seed)
        network.run(.seconds(20))
        for bridge in network.bridges.keys.sorted() {
            #expect(network.rooms(at: bridge) == Self.rooms)
            let found = network.count(bridge) { if case .loopFound = $0 { true } else { false } }
            let lost = network.count(bridge) { if case .peerLost = $0 { true } else { false } }
            #expect(found == 0 && lost == 0)
        }
        #expect(network.echoes.isEmpty && network.cutEnds.isEmpty)
    }

    @Test func pathsFollowTheWiring() throws {
        var network = tree(seed: 4)
        network.run(.seconds(5))
        func path(_ bridge: String, _ site: String) -> [UInt64] {
            let end = End(bridge, site)
            return network.bridges[bridge]!.peer(of: network.index(end)).path.map(\.rawValue)
        }
        // central 1, p1 2, p2 3, d1 4, d2 5, k1 6, k2 7: the nearest first.
        #expect(path("central", "p1") == [2, 4, 5, 6, 7])
        #expect(path("central", "p2") == [3])
        #expect(path("k1", "d1") == [4, 2, 7, 1, 5, 3])
        #expect(network.bridges["p1"]!.peer(of: network.index(End("p1", "d1"))).bridge == CascadeNetwork.id(4))
    }

    @Test func rollCallIsOneTableForAllLevels() throws {
        var network = tree(seed: 5)
        network.speaking = ["k1/k1-hall"]
        network.run(.seconds(5))
        let rollCall = network.bridges["p1"]!.rollCall
        #expect(
            rollCall.rows.map { "\($0.depth) \($0.path)" } == [
                "0 p1-hall", "0 p1-office", "0 central", "1 central/c", "1 central/p2", "2 central/p2/p2-hall", "0 d1",
                "1 d1/d1-hall", "1 d1/k1", "2 d1/k1/k1-hall", "1 d1/k2", "2 d1/k2/k2-hall", "0 d2", "1 d2/d2-hall",
            ])
        #expect(rollCall.omitted == 0)
        #expect(rollCall.rows.filter(\.speaking).map(\.path) == ["d1", "d1/k1", "d1/k1/k1-hall"])
        #expect(rollCall.rows.allSatisfy { $0.state == "live" })
        #expect(
            rollCall.rows[9]
                == .init(
                    depth: 2, path: "d1/k1/k1-hall", name: "K1-HALL", kind: "site", state: "live", speaking: true))
        let inside = network.bridges["p1"]!.inside(of: network.index(End("p1", "d2")))
        #expect(inside == [.init(id: .named("d2-hall"), name: "D2-HALL")])
    }

    @Test func rosterFollowsWhatHappensBelow() throws {
        var network = tree(seed: 6)
        network.run(.seconds(5))
        network.dead = [End("k1", "k1-hall")]
        try network.apply(.mute(.named("k2-hall")), to: "k2")
        network.run(.seconds(5))
        let rows = network.bridges["central"]!.rollCall.rows
        #expect(rows.first { $0.path == "p1/d1/k1/k1-hall" }?.state == "no picture")
        #expect(rows.first { $0.path == "p1/d1/k2/k2-hall" }?.muted == true)
        try network.apply(.remove(.named("k2-hall")), to: "k2")
        network.run(.seconds(2))
        #expect(!network.bridges["central"]!.rollCall.rows.contains { $0.path.hasSuffix("k2-hall") })
        // A line that breaks takes all below it along.
        network.unwire(End("p1", "d1"))
        network.run(.seconds(5))
        #expect(!network.bridges["central"]!.rollCall.rows.contains { $0.path.contains("k1") })
        #expect(network.bridges["central"]!.peer(of: 1).path.map(\.rawValue) == [2, 5])
    }

    @Test func labelsNameTheRealSite() throws {
        var network = tree(seed: 7)
        network.run(.seconds(5))
        // Nobody speaks: each level shows its hub above.
        #expect(network.label(End("central", "p1")) == "P1-HALL · P1")
        #expect(network.label(End("p1", "d1")) == "D1-HALL · D1")
        // What comes down is a room of many.
        #expect(network.label(End("p1", "central")) == "CENTRAL")
        #expect(network.label(End("p1", "p1-hall")) == "P1-HALL")
        network.speaking = ["k1/k1-hall"]
        network.run(.seconds(5))
        #expect(network.label(End("d1", "k1")) == "K1-HALL · K1")
        #expect(network.label(End("p1", "d1")) == "K1-HALL · K1 · D1")
        #expect(network.label(End("central", "p1")) == "K1-HALL · K1 · D1 · P1")
        #expect(network.label(End("p1", "d2")) == "D2-HALL · D2")
    }

    @Test func oneSiteIsCalledUpThroughAllLevels() throws {
        var network = tree(seed: 8)
        network.speaking = ["p1/p1-office"]
        network.run(.seconds(5))
        #expect(network.label(End("central", "p1")) == "P1-OFFICE · P1")
        try network.apply(.callUp(.named("d2")), to: "p1")
        network.run(.seconds(1))
        #expect(network.label(End("central", "p1")) == "D2-HALL · D2 · P1")
        try network.apply(.callUp(nil), to: "p1")
        network.run(.seconds(1))
        #expect(network.label(End("central", "p1")) == "P1-OFFICE · P1")
    }

    @Test func bridgeOfAnotherVersionIsAPlainMixer() {
        var network = CascadeNetwork(seed: 9)
        network.add("p", [.room("hall"), .down("d")])
        network.add("d", [.room("d-hall"), .up("p")])
        network.majorVersions["d"] = LinkAnnouncement.majorVersion + 1
        network.wire(End("p", "d"), End("d", "p"))
        network.run(.seconds(10))
        #expect(network.events["p"]?.map(\.event) == [.otherVersion(.named("d"), major: 2)])
        #expect(network.rooms(at: "p") == ["p/hall", "d/d-hall"] && network.rooms(at: "d") == network.rooms(at: "p"))
        #expect(network.label(End("p", "d")) == "D")
        let peer = network.bridges["p"]!.peer(of: 1)
        #expect(peer.bridge == nil && peer.otherVersion == 2 && !peer.isCut)
        // It was put on our version.
        network.majorVersions = [:]
        network.run(.seconds(2))
        #expect(network.label(End("p", "d")) == "D-HALL · D")
    }
}
